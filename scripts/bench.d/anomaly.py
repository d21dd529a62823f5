"""The anomaly part of scripts/bench: from a file to alerts end to end, the search of `tune`, the detector beside the STL of statsmodels,
and rolling median and MAD beside rill-ml."""

import os
import statistics
import subprocess
import sys
from itertools import islice
from pathlib import Path

from measure import alone

TARGET = Path(os.environ["BENCH_TARGET"])
BENCH = Path(".bench/anomaly")
RULES = "rules:\n  - {id: exports, input: points, missing: zero, tz: Europe/Berlin}\n"


def data(tenants, lines, form):
    """So many points of made-up tenants, hour by hour."""
    folder = BENCH / f"{tenants}-{form}"
    path = folder / f"{lines}.{form}"
    if not path.exists():
        subprocess.run([TARGET / "examples/gen_series", str(tenants), folder, "--seed", "42", "--format", form], check=True)
        with open(folder / f"points.{form}") as points, open(path, "w") as out:
            out.writelines(islice(points, lines + (form == "csv")))
    return path


def main():
    BENCH.mkdir(parents=True, exist_ok=True)
    rules = BENCH / "adaptive.yaml"
    rules.write_text(RULES)
    govctl = [TARGET / "govctl", "anomaly"]
    detect = govctl + ["detect", "--rules", rules, "--format", "ndjson", "--quiet"]
    out, runs = BENCH / "out", int(os.environ.get("RUNS", "5"))
    for tenants, lines, form in ((8, 10_000, "csv"), (8, 10_000, "ndjson"), (745, 1_000_000, "csv"), (745, 1_000_000, "ndjson"), (1_000, 1_000_000, "csv")):
        path = data(tenants, lines, form)
        alone(f"anomaly detect, {lines:,} hourly points of {tenants:,} tenants, {form}", detect + [path], out, runs)
    path = data(745, 1_000_000, "csv")
    state = BENCH / "state.ndjson"
    for _ in range(2):
        # The second time all is behind: what is measured is the state.
        state.unlink(missing_ok=True)
        subprocess.run(detect + ["--state", state, path], stdout=subprocess.DEVNULL, check=False)
    print(f"state of 745 series: {state.stat().st_size / 1e6:.1f} MB")
    tune = govctl + ["tune", "--rules", rules, "--format", "ndjson", "--quiet", "--out", BENCH / "params.ndjson"]
    alone("anomaly tune, 10,000 hourly points of 8 tenants", tune + [data(8, 10_000, "csv")], out, runs, before=(BENCH / "params.ndjson").unlink)
    peers(data(8, 10_000, "csv"), runs)


def peers(path, runs):
    """The parts of the detector beside public ones, on the same values in turns."""
    target = BENCH.parent / "rolling"
    manifest = "scripts/bench.d/rolling/Cargo.toml"
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", manifest, "--target-dir", target], check=True)
    stl = [sys.executable, "scripts/bench.d/anomaly_stl.py"]
    ours, theirs = zip(*((rate([target / "release/detector"], path), rate(stl, path)) for _ in range(runs)))
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print(f"points per CPU s: detector {ours:,.0f}, statsmodels STL (period 24) {theirs:,.0f}, ratio {ours / theirs:.0f}", flush=True)
    subprocess.run([target / "release/rolling"], check=True)


def rate(command, path):
    """What a tool prints for these points."""
    return float(subprocess.run(command + [path], check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
