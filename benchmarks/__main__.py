"""The door: ``python -m benchmarks``. Prints errors as sentences."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a benchmark. Exit status: 0 done, 1 something is missing or failed."""
    # Before numpy, faiss or torch are loaded, as the command line does.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from benchmarks.cli import app
    from retrieval.errors import IbidError

    try:
        app(prog_name="python -m benchmarks")
    except IbidError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("Stopped; nothing was recorded.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
