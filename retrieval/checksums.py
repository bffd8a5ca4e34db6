"""Checksums of files: a guard against damage, not against malice."""

from __future__ import annotations

from pathlib import Path

import xxhash


def checksum_of(path: Path) -> str:
    """Return the XXH3-128 of a file's bytes as 32 hex digits."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
