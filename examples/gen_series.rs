//! Tenants with labelled effects for `govctl anomaly` and `scripts/bench anomaly`: hourly counts over eight weeks as
//! points.csv or points.ndjson, and labels.csv or labels.ndjson beside them. The same seed gives the same bytes.
#![allow(
    clippy::disallowed_methods,
    reason = "a tool of its own: it has no part in the command's doors to files, arguments and output"
)]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use govctl::anomaly::generate::{START_S, Tenant, tenant};
use govctl::clock::rfc3339_ms;

#[derive(Parser)]
struct Args {
    /// Number of tenants of each seed.
    tenants: usize,
    /// Folder to write to; made if it is not there.
    outdir: PathBuf,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, from `--seed` on.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    fs::create_dir_all(&args.outdir)?;
    let of = |seed: u64| (0..args.tenants).map(move |number| tenant(seed, number));
    let tenants: Vec<Tenant> = (args.seed..args.seed + args.seeds).flat_map(of).collect();
    match args.format {
        Format::Csv => {
            write_points(&args.outdir.join("points.csv"), &tenants, "tenant,ts,value\n", csv_point)?;
            write_labels(&args.outdir.join("labels.csv"), &tenants, "tenant,start,end,kind\n", csv_label)
        }
        Format::Ndjson => {
            write_points(&args.outdir.join("points.ndjson"), &tenants, "", json_point)?;
            write_labels(&args.outdir.join("labels.ndjson"), &tenants, "", json_label)
        }
    }
}

/// Hour by hour, all tenants of an hour together, as a feed would bring them.
fn write_points(path: &Path, tenants: &[Tenant], header: &str, line: fn(&str, &str, f64) -> String) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write!(out, "{header}")?;
    for hour in 0..tenants.first().map_or(0, |t| t.counts.len()) {
        let ts = time(hour);
        for tenant in tenants {
            writeln!(out, "{}", line(&tenant.name, &ts, tenant.counts[hour]))?;
        }
    }
    out.flush()
}

fn write_labels(
    path: &Path,
    tenants: &[Tenant],
    header: &str,
    line: fn(&str, &str, &str, &str) -> String,
) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write!(out, "{header}")?;
    for tenant in tenants {
        for (effect, range) in &tenant.effects {
            writeln!(out, "{}", line(&tenant.name, &time(range.start), &time(range.end), effect.as_str()))?;
        }
    }
    out.flush()
}

/// RFC 3339 of the start of an hour.
fn time(hour: usize) -> String {
    rfc3339_ms((START_S + 3_600 * hour as i64) * 1_000)
}

fn csv_point(tenant: &str, ts: &str, count: f64) -> String {
    format!("{tenant},{ts},{count}")
}

fn json_point(tenant: &str, ts: &str, count: f64) -> String {
    format!("{{\"tenant\":\"{tenant}\",\"ts\":\"{ts}\",\"value\":{count}}}")
}

fn csv_label(tenant: &str, start: &str, end: &str, kind: &str) -> String {
    format!("{tenant},{start},{end},{kind}")
}

fn json_label(tenant: &str, start: &str, end: &str, kind: &str) -> String {
    format!("{{\"tenant\":\"{tenant}\",\"start\":\"{start}\",\"end\":\"{end}\",\"kind\":\"{kind}\"}}")
}
