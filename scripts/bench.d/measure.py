"""What the benchmarks share: one process from its start to its end."""

import os
import statistics
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


def alone(name, command, out, runs, before=lambda missing_ok: None):
    """Prints what a command without a peer takes: medians of so many runs, before each of which `before` is called."""
    figures = []
    for _ in range(runs):
        before(missing_ok=True)
        figures.append(measured(command, out, codes=(0, 1)))
    cpu, wall, peak = (statistics.median(column) for column in zip(*figures))
    print(f"{name}: CPU {cpu * 1000:,.0f} ms, wall {wall * 1000:,.0f} ms, peak {peak:.0f} MB", flush=True)
