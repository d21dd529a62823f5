"""What the benchmarks share: one process from its start to its end."""

import os
import subprocess
import sys
import time
from pathlib import Path


def measured(command, out, codes=(0,)):
    """Runs the command to its end and returns CPU seconds, wall seconds and peak MB of it and its children."""
    with open(out, "wb") as stdout, open(f"{out}.stderr", "wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen([str(a) for a in command], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        text = Path(f"{out}.stderr").read_text(errors="replace")[-2000:]
        sys.exit(f"exit code {process.returncode}: {' '.join(map(str, command))}\n{text}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024
