"""The audit as a polars user would write it: diff_polars.py FOLDER, differing keys as NDJSON on stdout."""

import sys

import polars as pl

KEY = ["tenant", "id"]
VALUES = ["actor", "action", "resource", "amount", "ok", "details", "occurred_at", "corr"]
# Decimals and time stamps are strings on the wire: read as such, then cast. polars has no sha256 of its own.
AFTER = pl.Struct({"tenant": pl.String, "id": pl.Int64, "actor": pl.String, "action": pl.String, "resource": pl.String,
                   "amount": pl.String, "ok": pl.Boolean, "details": pl.String, "occurred_at": pl.String,
                   "corr": pl.String})


def side(path):
    return pl.scan_ndjson(path, schema={"after": AFTER}).unnest("after").with_columns(
        pl.col("amount").cast(pl.Decimal(18, 4)),
        pl.col("occurred_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.6fZ", time_unit="us", time_zone="UTC"),
        pl.lit(True).alias("here"),
    )


def main():
    folder = sys.argv[1]
    both = side(f"{folder}/us.ndjson").join(side(f"{folder}/eu.ndjson"), on=KEY, how="full", coalesce=True, suffix="_eu")
    differs = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_eu")) for c in ["here", *VALUES])
    reason = (pl.when(pl.col("here_eu").is_null()).then(pl.lit("missing_in_eu"))
              .when(pl.col("here").is_null()).then(pl.lit("missing_in_us")).otherwise(pl.lit("mismatch")))
    found = both.filter(differs).select(*KEY, reason.alias("reason")).collect(engine="streaming")
    found.write_ndjson(sys.stdout.buffer)


main()
