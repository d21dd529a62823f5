#!/usr/bin/env python3
"""Checks the chains of an index of exports by the files of its site alone. It needs no govctl and no network.

For every leaf up to the size in SITE/checkpoint:
  - its statement stands in SITE/statements, in the one spelling, with the digest in its leaf of SITE/tile/entries;
  - origin and leaf_index are those of its place, and ts is not before that of the leaf before;
  - region_seq has no gap, and prev_statement_sha256 and prev_manifest_sha256 name the entry before it in its region;
  - heads names the last entry of every other region, and all regions together have leaf_index + 1 entries;
  - a withdrawal is about an earlier export of the same manifest, and the only one of it.
And for the tree (RFC 6962): the leaves lead to every tile of hashes, and to the root in SITE/checkpoint.

Not checked: signatures (of checkpoint, witnesses, statements and manifests; by no key), whether this is the site that
others see or an older one, prev_checkpoint_sha256, manifests, bundles, index.json and the pages.

Exit code: 0 all of it holds; 1 something does not, with the leaf; 2 usage.
"""

import argparse
import base64
import datetime
import hashlib
import json
import pathlib
import re
import sys

WIDTH = 256  # of a full tile, and of a page of statements
SHOWN = 20  # messages; the others are counted
NONE = type(None)
# The predicate of a statement: its members in their order, and what each may be.
PREDICATE = {
    "kind": [str], "origin": [str], "leaf_index": [int], "ts": [str], "region": [str], "region_seq": [int],
    "prev_statement_sha256": [str, NONE], "prev_manifest_sha256": [str, NONE], "heads": [dict],
    "prev_checkpoint_sha256": [str, NONE], "manifest_key_id": [str, NONE], "manifest_public": [bool],
    "withdraws": [dict, NONE],
}
SUBJECTS = {"export": "manifest.json", "withdrawal": "manifest.json", "key_change": "entry.spki.der"}
REASONS = ["error", "superseded", "legal_erasure", "other"]


class Broken(Exception):
    """What does not hold, where nothing more can be told."""


def sha256(data):
    return hashlib.sha256(data).digest()


def number(n):
    """A number in a path: 1234067 is x001/x234/067."""
    threes = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        threes.insert(0, f"x{n % 1000:03}")
    return "/".join(threes)


def read(*paths):
    """The first of these files that is there."""
    for path in paths:
        if path.is_file():
            return path.read_bytes()
    raise Broken(f"{paths[0]} is not there")


def read_tile(site, kind, index, width):
    """A tile of this width; a full one may have taken the place of a partial one."""
    full = site / "tile" / kind / number(index)
    return read(full) if width == WIDTH else read(full.parent / f"{full.name}.p" / str(width), full)


def read_checkpoint(site):
    """Origin, size and root."""
    text, _, _ = read(site / "checkpoint").partition(b"\n\n")
    lines = text.decode("ascii", "replace").split("\n")
    if len(lines) != 3 or not re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]):
        raise Broken("checkpoint: is not a line each with origin, size and root")
    if not re.fullmatch("[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", lines[2]):
        raise Broken("checkpoint: the root is no hash of 32 bytes in base64")
    return lines[0], int(lines[1]), base64.b64decode(lines[2])


def read_leaves(site, page, width):
    """The leaves of a page one by one: two bytes of length before each."""
    data = read_tile(site, "entries", page, width)
    for leaf in range(page * WIDTH, page * WIDTH + width):
        length = int.from_bytes(data[:2], "big")
        if len(data) < 2 + length or length == 0:
            raise Broken(f"leaf {leaf}: its tile of entries ends before it")
        yield data[2:2 + length]
        data = data[2 + length:]
    if data and width == WIDTH:
        raise Broken(f"leaf {leaf}: its tile of entries goes on behind it")


def read_statements(site, page, width):
    """The lines of a page; those behind the checkpoint's size do not count."""
    lines = read(site / "statements" / f"{number(page)}.ndjson").split(b"\n")[:-1][:width]
    if len(lines) < width:
        raise Broken(f"leaf {page * WIDTH + len(lines)}: there is no line for it in statements/{number(page)}.ndjson")
    return lines


def digest_in(leaf):
    """What the leaf, a hashedrekord 0.0.2, says of its statement."""
    return base64.b64decode(json.loads(leaf)["spec"]["hashedRekordV002"]["data"]["digest"], validate=True)


def parse(line):
    """Subject and predicate of a statement. Another spelling of the same meaning is another statement, and refused."""
    value = json.loads(line)
    if json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() != line:
        raise ValueError("not in the one spelling")
    entry, (subject,) = value["predicate"], value["subject"]
    digest = subject["digest"]["sha256"]
    expected = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": SUBJECTS[entry["kind"]], "digest": {"sha256": digest}}],
        "predicateType": "https://govctl.dev/attestation/export-entry/v1",
        "predicate": entry,
    }
    if json.dumps(value) != json.dumps(expected) or not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError("no statement about an export")
    if list(entry) != list(PREDICATE) or any(type(entry[name]) not in types for name, types in PREDICATE.items()):
        raise ValueError("other members than a statement has")
    region = "@log" if entry["kind"] == "key_change" else "[A-Za-z][A-Za-z0-9-]{0,31}"
    if not re.fullmatch(region, entry["region"]):
        raise ValueError(f"{entry['region']!r} is no region of a {entry['kind']}")
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", entry["ts"]):
        raise ValueError("ts is no time in whole seconds with Z")
    datetime.datetime.fromisoformat(entry["ts"][:-1])
    return digest, entry


class Chains:
    """All regions as they are behind the leaves that were walked."""

    def __init__(self, origin):
        self.origin, self.size, self.ts = origin, 0, ""
        self.heads, self.manifests = {}, {}  # by region: its head, and the manifest of its last entry
        self.exports, self.withdrawn = set(), set()

    def walk(self, digest, entry, statement_sha256):
        """Says what does not fit, and goes on from what the statement says of itself."""
        region = entry["region"]
        head = self.heads.get(region, {"n": 0, "statement_sha256": None})
        others = {name: self.heads[name] for name in sorted(self.heads) if name != region}
        for name, expected in [
            ("origin", self.origin), ("leaf_index", self.size), ("region_seq", head["n"]),
            ("prev_statement_sha256", head["statement_sha256"]), ("prev_manifest_sha256", self.manifests.get(region)),
            ("heads", others),
        ]:
            if json.dumps(entry[name]) != json.dumps(expected):
                yield f"{region}: expected {name} {json.dumps(expected)}, got {json.dumps(entry[name])}"
        if entry["ts"] < self.ts:
            yield f"ts {entry['ts']} is before {self.ts} of an earlier leaf"
        total = entry["region_seq"] + 1 + sum(other["n"] for other in entry["heads"].values())
        if total != entry["leaf_index"] + 1:
            yield f"the regions have {total} entries together, the log {entry['leaf_index'] + 1}"
        if region not in self.heads and region.lower() in map(str.lower, self.heads):
            yield f"region {region} differs from another in case alone"
        yield from self.withdraw(digest, entry)
        self.size, self.ts = self.size + 1, max(self.ts, entry["ts"])
        self.heads[region] = {"n": entry["region_seq"] + 1, "statement_sha256": statement_sha256.hex()}
        self.manifests[region] = digest

    def withdraw(self, digest, entry):
        if entry["kind"] == "export":
            self.exports.add((digest, self.size))
        withdraws = entry["withdraws"]
        if (withdraws is not None) != (entry["kind"] == "withdrawal"):
            yield f"`withdraws` in a statement of kind {entry['kind']}: {json.dumps(withdraws)}"
        elif withdraws is not None:
            leaf = withdraws["leaf_index"]
            known = type(leaf) is int and withdraws["reason"] in REASONS
            if not known or list(withdraws) != ["leaf_index", "reason"]:
                yield f"is no withdrawal: {json.dumps(withdraws)}"
            elif (digest, leaf) not in self.exports:
                yield f"withdraws leaf {leaf}, which is no earlier export of this manifest"
            elif leaf in self.withdrawn:
                yield f"withdraws leaf {leaf} a second time"
            else:
                self.withdrawn.add(leaf)


def tree_hash(hashes):
    """The root over hashes, from left to right: two subtrees of one size become one."""
    stack = []
    for at, node in enumerate(hashes, 1):
        while at % 2 == 0:
            node, at = sha256(b"\1" + stack.pop() + node), at // 2
        stack.append(node)
    node = stack.pop() if stack else sha256(b"")
    while stack:
        node = sha256(b"\1" + stack.pop() + node)
    return node


def check_tiles(site, hashes):
    """Every tile of hashes is that of the leaves."""
    level, span = 0, 1
    while hashes:
        tiles = [hashes[at:at + WIDTH] for at in range(0, len(hashes), WIDTH)]
        for index, tile in enumerate(tiles):
            data = read_tile(site, str(level), index, len(tile))
            for at, node in enumerate(tile):
                if data[32 * at:32 * at + 32] != node:
                    first = (index * WIDTH + at) * span
                    leaves = f"leaf {first}" if span == 1 else f"leaf {first} to leaf {first + span - 1}"
                    yield f"{leaves}: hash {at} of tile/{level}/{number(index)} is not that of the entries"
        hashes = [tree_hash(tile) for tile in tiles if len(tile) == WIDTH]
        level, span = level + 1, span * WIDTH


def check(site):
    """Everything that does not hold."""
    origin, size, root = read_checkpoint(site)
    chains, hashes = Chains(origin), []
    for page in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - page * WIDTH)
        leaves, lines = read_leaves(site, page, width), read_statements(site, page, width)
        for at, (leaf, line) in enumerate(zip(leaves, lines), page * WIDTH):
            hashes.append(sha256(b"\0" + leaf))
            try:
                if digest_in(leaf) != sha256(line):
                    yield f"leaf {at}: the statement is not the one whose digest is in the log"
                for wrong in chains.walk(*parse(line), sha256(line)):
                    yield f"leaf {at}: {wrong}"
            except (ValueError, KeyError, TypeError, RecursionError) as wrong:
                raise Broken(f"leaf {at}: is malformed: {type(wrong).__name__}: {wrong}") from None
    yield from check_tiles(site, hashes)
    if tree_hash(hashes) != root:
        yield f"checkpoint: the leaves before leaf {size} do not lead to its root"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", metavar="SITE", type=pathlib.Path, help="the folder with the file `checkpoint`")
    site = parser.parse_args().site
    if not (site / "checkpoint").is_file():
        parser.error(f"{site} is no site of an index: it has no checkpoint")
    broken = []
    try:
        for message in check(site):
            broken.append(message)
    except (Broken, ValueError, OSError) as wrong:
        broken.append(str(wrong))
    for message in broken[:SHOWN]:
        print(message)
    if broken:
        print(f"broken: {len(broken)} in all")
        return 1
    origin, size, _ = read_checkpoint(site)
    print(f"ok: {origin}, {size} entries; no signature was checked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
