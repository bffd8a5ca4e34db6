"""Run one command and write what it cost: ``launcher.py RESULT COMMAND…``, standard library alone.

Linux counts what the parent held into a child's peak memory, so the parent has to be small: it is
this script and never the benchmark itself.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    """Start the command, wait for it, write seconds, processor seconds and peak memory."""
    result_path, *command = sys.argv[1:]
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, dict(os.environ))
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    cost = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * unit,
        "status": os.waitstatus_to_exitcode(status),
    }
    with open(result_path, "w", encoding="utf-8") as file:  # noqa: PTH123  (pathlib takes memory)
        json.dump(cost, file)


if __name__ == "__main__":
    main()
