"""The diff part of scripts/bench: makes the data, runs the tools in turns, checks what they found, prints the figures."""

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from measure import measured

HERE = Path(__file__).parent
TARGET = Path(os.environ["BENCH_TARGET"])
BENCH = Path(".bench")
RUNS = int(os.environ.get("RUNS", "5"))
GRID = "{:<36} {:>4} {:>8} {:>13} {:>8} {:>8} {:>14}"


def data(n, step_us):
    """The folder of the recordings; made again only when the generator has changed."""
    folder = BENCH / f"diff-{n}-{step_us}us"
    stamp = hashlib.sha256(Path("examples/gen_audit.rs").read_bytes()).hexdigest()
    marker = folder / "generator.sha256"
    if not marker.exists() or marker.read_text() != stamp:
        shutil.rmtree(folder, ignore_errors=True)
        command = [TARGET / "examples/gen_audit", str(n), folder, "--seed", "42", "--step-us", str(step_us)]
        subprocess.run(command, check=True, stdout=sys.stderr)
        marker.write_text(stamp)
    return folder


def warm(folder):
    """Reads the recordings once, so that no tool pays for the disk."""
    for name in ("us.ndjson", "eu.ndjson"):
        with open(folder / name, "rb", buffering=0) as f:
            while f.read(1 << 20):
                pass


def found_by_govctl(out):
    """Ids by reason of the diffs that are open at the end; the stream must be whole."""
    latest, events = {}, []
    with open(out, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["schema"] == "govctl.run/1":
                events.append(record["event"])
            elif record["schema"] == "govctl.diff/1":
                known = latest.get(record["diff_id"])
                if known is None or record["rev"] > known["rev"]:
                    latest[record["diff_id"]] = record
    if events != ["start", "end"]:
        sys.exit(f"{out}: not a whole stream: run records {events}")
    open_ = [r for r in latest.values() if r["state"] == "open"]
    return sorted((int(r["id"]), "missing_in_eu" if not r["rhs_sha256"] else "missing_in_us")
                  if r["reason"] == "missing" else (int(r["id"]), r["reason"]) for r in open_)


def found_by_peer(out):
    with open(out, encoding="utf-8") as lines:
        return sorted((r["id"], r["reason"]) for r in map(json.loads, lines))


def check(tool, folder, out):
    truth = json.loads((folder / "truth.json").read_text())
    want = sorted((i, reason) for reason, ids in truth.items() for i in ids)
    got = (found_by_govctl if tool.startswith("govctl") else found_by_peer)(out)
    if got != want:
        a, b = set(got), set(want)
        sys.exit(f"{tool} found {len(got)} differences, {len(want)} are planted; "
                 f"{len(a - b)} false: {sorted(a - b)[:5]}; {len(b - a)} not found: {sorted(b - a)[:5]}")


def govctl(folder, *more):
    return [TARGET / "govctl", "diff", "run", "--types", folder / "types.yaml", "--lhs", folder / "us.ndjson",
            "--rhs", folder / "eu.ndjson", "--fail-on", "never", "--format", "ndjson", *more]


def chosen(tools):
    prefixes = [p for p in os.environ.get("BENCH_TOOLS", "").split(",") if p]
    return {t: c for t, c in tools.items() if not prefixes or any(t.startswith(p) for p in prefixes)}


def rounds(tools, folder, once=()):
    """Every tool RUNS times, in turns; every output is checked."""
    figures = {tool: [] for tool in tools}
    evidence = BENCH / "evidence"
    for r in range(RUNS):
        for tool, command in tools.items():
            if r and tool in once:
                continue
            shutil.rmtree(evidence, ignore_errors=True)
            out = BENCH / f"out-{tool.replace(' ', '-').replace(',', '')}.ndjson"
            figures[tool].append(measured(command, out))
            check(tool, folder, out)
            print(f"  {r + 1}/{RUNS} {tool}: {figures[tool][-1][0]:.2f} CPU s", file=sys.stderr)
    shutil.rmtree(evidence, ignore_errors=True)
    return figures


def processor():
    names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    model = names[0] if names else os.uname().machine
    return f"{model}, {len(os.sched_getaffinity(0))} usable"


def heading(n, folder):
    size = sum((folder / f).stat().st_size for f in ("us.ndjson", "eu.ndjson"))
    print(f"processor: {processor()}")
    print(f"input: 2 x {n:,} events, {size / 1e6:,.0f} MB; every tool found exactly the planted differences")
    floor = measured(["true"], BENCH / "out-floor")[2]
    print(f"CPU: user + sys; medians, CPU with its range; peak MB: never below {floor:.0f}, the share of the measuring process")


def table(figures, base):
    print(GRID.format("tool", "runs", "CPU s", "range", "wall s", "peak MB", "DuckDB / tool"))
    middle = {tool: [statistics.median(column) for column in zip(*runs)] for tool, runs in figures.items()}
    for tool, runs in figures.items():
        cpu, wall, rss = middle[tool]
        cpus = [run[0] for run in runs]
        ratio = f"{middle[base][0] / cpu:.2f}" if base in middle else "-"
        spread = f"{min(cpus):.2f}-{max(cpus):.2f}"
        print(GRID.format(tool, len(runs), f"{cpu:.2f}", spread, f"{wall:.2f}", f"{rss:.0f}", ratio))


def compare(n):
    folder = data(n, 100)
    peer = [sys.executable, HERE / "diff_duckdb.py"]
    tools = {
        "govctl": govctl(folder),
        "govctl, evidence": govctl(folder, "--evidence", BENCH / "evidence"),
        "duckdb, sha256": [*peer, "sha256", folder],
        "duckdb, typed columns, no digest": [*peer, "typed", folder],
    }
    if os.environ.get("BENCH_PEERS") == "all":
        tools["polars, typed columns, no digest"] = [sys.executable, HERE / "diff_polars.py", folder]
        tools["jq, sort, comm"] = ["bash", HERE / "diff_jq.sh", folder]
    warm(folder)
    figures = rounds(chosen(tools), folder, once=("jq, sort, comm",))
    heading(n, folder)
    table(figures, "duckdb, sha256")


def window(sizes):
    print(f"processor: {processor()}")
    floor = measured(["true"], BENCH / "out-floor")[2]
    print("--state window with the default cap, 1 ms of log time between events, medians, the highest peak of all runs")
    print(f"peak MB: never below {floor:.0f}, the share of the measuring process")
    print("{:>12} {:>5} {:>9} {:>9} {:>9}".format("keys", "runs", "CPU s", "wall s", "peak MB"))
    for n in sizes:
        folder = data(n, 1000)
        warm(folder)
        tools = {"govctl, window": govctl(folder, "--state", "window")}
        runs = rounds(tools, folder)["govctl, window"]
        cpu, wall, _ = map(statistics.median, zip(*runs))
        print(f"{n:>12,} {len(runs):>5} {cpu:>9.2f} {wall:>9.2f} {max(r[2] for r in runs):>9.0f}", flush=True)


def main():
    verb, *rest = sys.argv[1:]
    if verb == "diff":
        compare(int(rest[0]) if rest else 1_000_000)
    if verb == "diff-window" or os.environ.get("BENCH_WINDOW") == "1":
        sizes = rest if verb == "diff-window" else []
        window([int(n) for n in sizes] or [1_000_000, 2_000_000, 4_000_000])


main()
