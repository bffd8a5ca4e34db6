"""What can be wrong with a measurement."""

from __future__ import annotations

from retrieval.errors import IbidError


class BenchmarkError(IbidError):
    """Something that is to be measured is missing or failed."""
