"""The tenant part of scripts/bench: the same requests, data and policy through govctl and OPA, in turns in one run."""

import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from measure import alone, measured

TARGET = Path(os.environ["BENCH_TARGET"])
BENCH = Path(".bench")
RUNS = int(os.environ.get("RUNS", "5"))
POLICY = Path("policies/switchboard/switchboard.rego")
# One evaluation per request inside one process: neither starting OPA nor its HTTP server is measured.
QUERY = "[r | some q in data.requests; r := data.switchboard.decision with input as q]"
GRID = "{:<10} {:<22} {:>8} {:>13} {:>8} {:>8} {:>12} {:>7}"


def opa():
    name = os.environ.get("GOVCTL_OPA") or shutil.which("opa")
    if not name:
        sys.exit("no OPA: name it with GOVCTL_OPA=FILE (1.22.2 is what the figures in docs/performance.md were made with)")
    return name


def apart(work, *args):
    """In a process of its own: what is measured would count the memory of this one as its own."""
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(work, *args).result()


def print_of(read, out):
    """How many decisions, and a digest of them."""
    decisions = read(out)
    return len(decisions), hashlib.sha256(repr(decisions).encode()).hexdigest()


def for_opa(folder):
    for kind in ("distinct", "repeating"):
        lines = (folder / f"{kind}.ndjson").read_text().splitlines()
        (folder / f"{kind}.json").write_text('{"requests":[' + ",".join(lines) + "]}")


def data(tenants, requests):
    folder = BENCH / f"tenant-{tenants}-{requests}"
    subprocess.run([TARGET / "examples/gen_tenants", str(tenants), str(requests), folder, "--seed", "42"], check=True)
    compile_ = [TARGET / "govctl", "tenant", "compile", folder / "tenants.yaml", "-o", folder / "tenants.json"]
    subprocess.run(compile_, check=True)
    apart(for_opa, folder)
    return folder


def decided(decision):
    return decision["allow"], sorted(deny["code"] for deny in decision["deny"])


def of_govctl(out):
    with open(out, encoding="utf-8") as lines:
        return [decided(r["result"]) for r in map(json.loads, lines) if r["schema"] == "govctl.tenant.decision/1"]


def of_opa(out):
    return [decided(decision) for decision in json.loads(Path(out).read_text())]


def compare(tenants, requests):
    folder, name = data(tenants, requests), opa()
    govctl = [TARGET / "govctl", "tenant", "decide", "--policy", "embedded", "--data", folder / "tenants.json"]
    ratios = []
    for kind in ("distinct", "repeating"):
        mine = govctl + ["--in", folder / f"{kind}.ndjson", "--format", "ndjson"]
        theirs = [name, "eval", "--format", "raw", "-d", POLICY, "-d", folder / "tenants.json", "-d", folder / f"{kind}.json", QUERY]
        tools = {"govctl": (mine, of_govctl), "govctl --jobs 1": (mine + ["--jobs", "1"], of_govctl), "opa eval": (theirs, of_opa)}
        figures, answers = {tool: [] for tool in tools}, {}
        for _ in range(RUNS):
            for tool, (command, read) in tools.items():
                out = folder / f"{tool.replace(' ', '_')}.{kind}.out"
                figures[tool].append(measured(command, out, codes=(0, 1)))
                answers.setdefault(tool, apart(print_of, read, out))
        if any(answer != answers["govctl"] for answer in answers.values()) or answers["govctl"][0] != requests:
            sys.exit(f"{folder} {kind}: the tools decide differently")
        middle = {tool: [statistics.median(column) for column in zip(*runs)] for tool, runs in figures.items()}
        for tool, (cpu, wall, peak) in middle.items():
            spread = [run[0] for run in figures[tool]]
            print(GRID.format(kind, tool, f"{cpu:.2f}", f"{min(spread):.2f}-{max(spread):.2f}", f"{wall:.2f}", f"{peak:.0f}",
                              f"{requests / cpu:,.0f}", f"{middle['opa eval'][0] / cpu:.1f}"), flush=True)
        ratios.append(middle["opa eval"][0] / middle["govctl"][0])
    with open(folder / "distinct.ndjson") as lines:
        (folder / "one.ndjson").write_text(next(lines))
    list_ = ["--tenants", folder / "tenants.yaml"]
    validate = [TARGET / "govctl", "tenant", "validate", folder / "tenants.yaml", "--format", "ndjson"]
    alone(f"tenant validate, {tenants:,} tenants", validate, folder / "alone.out", RUNS)
    # Nearly all of it is the start: the list, the trial of the policy in a child, the data into the engine.
    one = govctl[:5] + list_ + ["--in", folder / "one.ndjson", "--format", "ndjson"]
    alone(f"tenant decide, one request, {tenants:,} tenants", one, folder / "alone.out", RUNS)


def fleet(tenants, classes):
    """tenants.yaml of so many tenants in so many classes of equal region, labels and data_classes."""
    regions, labels, names = ["EU", "EU/de", "US"], ["confidential", "internal", "pii"], ["public", "internal", "confidential"]
    every = [(r, l, a, b) for a in names for b in names for l in range(1, 8) for r in regions]
    lines = ["version: 1", "tenants:"]
    for n in range(tenants):
        region, held, audit, agents = every[n % classes * (len(every) // classes)]
        of = ", ".join(label for bit, label in enumerate(labels) if held >> bit & 1)
        lines.append(f"  - {{ id: t{n}, region: {region}, labels: [{of}], data_classes: {{ audit: {audit}, agents: {agents} }} }}")
    path = BENCH / f"fleet-{tenants}-{classes}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def change(tenants):
    """Two states that differ in one label of one tenant."""
    before = fleet(tenants, 24).read_text()
    after = re.sub(r"(id: t7, .*?labels: \[)", r"\1other, ", before, count=1)
    if after == before:
        sys.exit("the change changes nothing")
    for state, text in (("base", before), ("head", after)):
        (BENCH / state / "config").mkdir(parents=True, exist_ok=True)
        shutil.copytree(POLICY.parent, BENCH / state / "policies/switchboard", dirs_exist_ok=True)
        (BENCH / state / "config/tenants.yaml").write_text(text)
    command = [TARGET / "govctl", "tenant", "compare", "--base", BENCH / "base", "--head", BENCH / "head"]
    alone(f"tenant compare, one changed label, {tenants:,} tenants", command + ["--format", "ndjson"], BENCH / "alone.out", RUNS)


def prove(name, path, more):
    command = [TARGET / "govctl", "tenant", "prove", "--policy", "embedded", "--tenants", path, "--format", "ndjson"]
    out = BENCH / "prove.out"
    runs = [measured(command + more, out) for _ in range(RUNS)]
    cpu, wall, peak = (statistics.median(column) for column in zip(*runs))
    proof = [r for r in map(json.loads, out.read_text().splitlines()) if r["schema"] == "govctl.tenant.proof/1"][-1]
    if proof["verdict"] != "proved":
        sys.exit(f"{name}: {proof['verdict']}")
    print(f"{' '.join(['tenant prove', *more])}, {name}: {proof['points']:,} points, CPU {cpu:.1f} s ({proof['points'] / cpu:,.0f} per CPU s), "
          f"wall {wall:.1f} s, peak {peak:.0f} MB", flush=True)


def main():
    BENCH.mkdir(exist_ok=True)
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    for tenants in (1_000, 10_000):
        print(f"\n{requests:,} requests to {tenants:,} tenants, shipped policy; CPU: user + sys, medians of {RUNS} with their range")
        print(GRID.format("requests", "tool", "CPU s", "range", "wall s", "peak MB", "per CPU s", "ratio"))
        compare(tenants, requests)
    spec = Path("fixtures/tenant/spec/tenants.yaml")
    prove("the specification's tenants", spec, ["--skip", "faults,mutation"])
    prove("the specification's tenants", spec, [])
    prove("1,000 tenants of 24 classes", fleet(1_000, 24), [])
    change(1_000)


if __name__ == "__main__":
    main()
