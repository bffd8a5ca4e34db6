"""``python -m bot``: the command line, ``ibid``."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command line and return its exit status."""
    # Before numpy, faiss or torch are loaded: their threads would spin against each other.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from bot.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
