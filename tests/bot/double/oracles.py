"""Independent judges of every request that the bot makes and every object that it is given.

The official schema (``../shared/telegram-bot-api/api-10.0.json``) where it is there, aiogram's
models otherwise. A run with neither has nothing to go by and fails.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

SCHEMA_PATH = Path(__file__).resolve().parents[4] / "shared" / "telegram-bot-api" / "api-10.0.json"

_SCALARS: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "True": (bool,),
}


class Oracle(Protocol):
    """Judges requests and objects; complaints are sentences, none means fine."""

    @property
    def name(self) -> str: ...

    def knows(self, method: str) -> bool: ...

    def decode(self, method: str, raw: Mapping[str, str]) -> dict[str, Any]: ...

    def complaints_about_request(self, method: str, arguments: Mapping[str, Any]) -> list[str]: ...

    def complaints_about_object(self, kind: str, value: Any) -> list[str]: ...

    def returns_true(self, method: str) -> bool: ...


def decode_loosely(raw: Mapping[str, str]) -> dict[str, Any]:
    """Undo the form encoding without knowing types: JSON where it is one, text else."""
    decoded: dict[str, Any] = {}
    for name, value in raw.items():
        is_text = name in ("text", "caption", "quote", "secret_token", "url", "description")
        try:
            decoded[name] = value if is_text else json.loads(value)
        except ValueError:
            decoded[name] = value
    return decoded


class SchemaOracle:
    """Judges by the official schema."""

    name = "official schema of Bot API 10.0"

    def __init__(self, path: Path = SCHEMA_PATH) -> None:
        schema = json.loads(path.read_text(encoding="utf-8"))
        self._methods: dict[str, Any] = schema["methods"]
        self._types: dict[str, Any] = schema["types"]

    def knows(self, method: str) -> bool:
        return method in self._methods

    def returns_true(self, method: str) -> bool:
        return bool(self._methods[method].get("returns") == ["Boolean"])

    def decode(self, method: str, raw: Mapping[str, str]) -> dict[str, Any]:
        fields = {f["name"]: f for f in self._methods[method].get("fields", [])}
        decoded: dict[str, Any] = {}
        for name, value in raw.items():
            types = fields[name]["types"] if name in fields else ["String"]
            try:
                decoded[name] = value if types == ["String"] else json.loads(value)
            except ValueError:
                decoded[name] = value
        return decoded

    def complaints_about_request(self, method: str, arguments: Mapping[str, Any]) -> list[str]:
        return self._fields(method, self._methods[method].get("fields", []), arguments)

    def complaints_about_object(self, kind: str, value: Any) -> list[str]:
        return self._value(kind, [kind], value)

    def _fields(self, where: str, fields: list[Any], values: Mapping[str, Any]) -> list[str]:
        known = {field["name"] for field in fields}
        complaints = [f"{where}: unknown field {name}" for name in values if name not in known]
        for field in fields:
            name = field["name"]
            if name in values:
                complaints += self._value(f"{where}.{name}", field["types"], values[name])
            elif field["required"]:
                complaints.append(f"{where}: {name} is missing")
        return complaints

    def _value(self, where: str, types: list[str], value: Any) -> list[str]:
        tried = [self._of_type(where, kind, value) for kind in types]
        return min(tried, key=len) if all(tried) else []

    def _of_type(self, where: str, kind: str, value: Any) -> list[str]:
        if kind in _SCALARS:
            wrong = not isinstance(value, _SCALARS[kind]) or (
                isinstance(value, bool) and kind not in ("Boolean", "True")
            )
            return [f"{where}: {value!r:.60} is not {kind}"] if wrong else []
        if kind.startswith("Array of "):
            inner = kind.removeprefix("Array of ")
            if not isinstance(value, list):
                return [f"{where}: not an array"]
            return [
                c
                for n, item in enumerate(value)
                for c in self._value(f"{where}[{n}]", [inner], item)
            ]
        if kind == "InputFile":
            return [] if isinstance(value, (str, bytes)) else [f"{where}: not a file"]
        if kind not in self._types:
            return [f"{where}: unknown type {kind}"]
        subtypes = self._types[kind].get("subtypes")
        if subtypes:
            return self._value(where, subtypes, value)
        if not isinstance(value, dict):
            return [f"{where}: not a {kind}"]
        return self._fields(where, self._types[kind].get("fields", []), value)


class AiogramOracle:
    """Judges by aiogram's models, written by other people from the same documentation."""

    name = "aiogram's models"

    def __init__(self) -> None:
        import aiogram.methods
        import aiogram.types

        self._methods = aiogram.methods
        self._types = aiogram.types

    def _method(self, method: str) -> Any:
        return getattr(self._methods, method[:1].upper() + method[1:], None)

    def knows(self, method: str) -> bool:
        return self._method(method) is not None

    def returns_true(self, method: str) -> bool:
        return self._method(method).__returning__ is bool

    def decode(self, method: str, raw: Mapping[str, str]) -> dict[str, Any]:
        return decode_loosely(raw)

    def complaints_about_request(self, method: str, arguments: Mapping[str, Any]) -> list[str]:
        return self._validate(self._method(method), method, arguments)

    def complaints_about_object(self, kind: str, value: Any) -> list[str]:
        return self._validate(getattr(self._types, kind), kind, value)

    def _validate(self, model: Any, where: str, value: Any) -> list[str]:
        try:
            made = model.model_validate(value)
        except ValueError as error:
            return [f"{where}: {error}"]
        return [f"{where}: unknown field {name}" for name in _unknown_fields(made)]


def _unknown_fields(value: Any) -> list[str]:
    """Return the names that aiogram took along without knowing them, at any depth."""
    if isinstance(value, (list, tuple)):
        return [name for item in value for name in _unknown_fields(item)]
    if not hasattr(value, "model_extra"):
        return []
    names = list(value.model_extra or {})
    for field in type(value).model_fields:
        names += _unknown_fields(getattr(value, field, None))
    return names


@functools.cache
def open_oracle() -> Oracle:
    """Return the best judge there is.

    :raises RuntimeError: if there is none.
    """
    if SCHEMA_PATH.is_file():
        return SchemaOracle()
    try:
        return AiogramOracle()
    except ImportError:
        raise RuntimeError(
            "neither the Bot API schema nor aiogram is here, so nothing would judge the requests; "
            "install the development dependencies"
        ) from None
