//! Two regional recordings of one audit table for `scripts/bench diff`: bare Debezium envelopes, about 850 bytes each.
//!
//! The EU copy has another column order, another source block and is shuffled in windows of 4,096. Of a million keys 200
//! are missing in the EU, 100 in the US and 300 differ in one column. The same seed gives the same bytes.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool of its own: it has no part in the command's doors to files, arguments and output"
)]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Parser;

const WINDOW: u64 = 4096;
const FIRST_ID: u64 = 100_000_000;
/// Log time of the first event, microseconds since 1970.
const EPOCH_US: u64 = 1_795_000_000_000_000;
/// Commit to capture, US.
const US_LAG_US: u64 = 90_000;
/// Commit in the US to commit in the EU, beyond the reordering.
const EU_APPLY_US: u64 = 300_000;
const TENANTS: [&str; 8] = ["acme", "bolt", "cora", "dune", "eiger", "fjord", "gamma", "helix"];
const ACTIONS: [&str; 6] = ["policy.update", "key.rotate", "user.login", "role.grant", "export.create", "diff.run"];

const TYPES: &str = "\
version: 1
job: bench
lhs: { region: US, connector: audit.US }
rhs: { region: EU, connector: audit.EU }
tables:
  - kind: audit
    lhs: audit.US.audit_events
    rhs: audit.EU.audit_events
    key: { tenant: tenant, id: [id] }
    replication: opaque
    append_only: true
    columns:
      tenant: text
      id: int
      actor: text
      action: text
      resource: text
      amount: { type: decimal, lhs: { wire: string }, rhs: { wire: string } }
      ok: bool
      details: json
      occurred_at: timestamptz
      corr: uuid
";

/// Writes us.ndjson, eu.ndjson, types.yaml and, last, truth.json.
#[derive(Parser)]
struct Args {
    /// Number of keys.
    n: u64,
    /// Folder to write to; made if it is not there.
    outdir: PathBuf,
    /// Other seeds give other rows, planted ids and orders.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Log time between two events, microseconds.
    #[arg(long, default_value_t = 100)]
    step_us: u64,
}

/// splitmix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform below `n` up to a bias of n / 2^64.
    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The indices of the planted differences; no index is in two of the sets.
struct Planted {
    missing_in_eu: BTreeSet<u64>,
    missing_in_us: BTreeSet<u64>,
    mismatch: BTreeSet<u64>,
}

impl Planted {
    fn draw(n: u64, rng: &mut Rng) -> Self {
        let mut taken = BTreeSet::new();
        let mut some = |per_million: u64| {
            let mut set = BTreeSet::new();
            while (set.len() as u64) < n * per_million / 1_000_000 {
                let i = rng.below(n);
                if taken.insert(i) {
                    set.insert(i);
                }
            }
            set
        };
        Self { missing_in_eu: some(200), missing_in_us: some(100), mismatch: some(300) }
    }

    fn json(&self) -> serde_json::Value {
        let ids = |set: &BTreeSet<u64>| set.iter().map(|i| FIRST_ID + i).collect::<Vec<_>>();
        serde_json::json!({
            "missing_in_eu": ids(&self.missing_in_eu),
            "missing_in_us": ids(&self.missing_in_us),
            "mismatch": ids(&self.mismatch),
        })
    }
}

/// The values of one row; what is not here follows from `i`.
struct Row {
    i: u64,
    tenant: &'static str,
    actor: String,
    action: &'static str,
    resource: String,
    amount: String,
    ok: bool,
    details: String,
    occurred_at: String,
    corr: String,
}

impl Row {
    fn new(i: u64, seed: u64) -> Self {
        let tenant = TENANTS[(i % 8) as usize];
        let (a, b) = (mix(seed ^ mix(i + 1)), mix(seed.wrapping_add(i).wrapping_mul(0xd6e8_feb8_6659_fd93)));
        let hash = format!("{a:016x}{b:016x}");
        Self {
            i,
            tenant,
            actor: format!("svc-{}@{tenant}.example", i % 977),
            action: ACTIONS[(i % 6) as usize],
            resource: format!("arn:x:{tenant}:vault/{}", &hash[..12]),
            amount: format!("{}.{:04}", i * 7919 % 100_000, i * 31 % 10_000),
            ok: !i.is_multiple_of(10),
            details: format!(
                r#"{{\"a\": [1, 2.5, null], \"b\": {}, \"ip\": \"10.{}.{}.{}\", \"hash\": \"{hash}\"}}"#,
                i % 5,
                i % 256,
                i / 256 % 256,
                i * 7 % 256
            ),
            occurred_at: format!(
                "2026-11-01T{:02}:{:02}:{:02}.{:06}Z",
                i / 3600 % 24,
                i / 60 % 60,
                i % 60,
                i * 13 % 1_000_000
            ),
            corr: format!("{}-{}-{}-{}-{}", &hash[..8], &hash[8..12], &hash[12..16], &hash[16..20], &hash[20..]),
        }
    }

    /// Half of the planted mismatches are a foreign actor; the others go through the remaining columns.
    fn falsify(&mut self, draw: u64) {
        match draw % 12 {
            0 => self.action = "role.revoke",
            1 => self.resource.push_str("/x"),
            2 => self.amount.insert(0, '1'),
            3 => self.ok = !self.ok,
            4 => self.details = self.details.replacen("2.5", "2.50000000000000001", 1),
            5 => self.occurred_at.replace_range(..4, "2025"),
            _ => "mallory@evil.example".clone_into(&mut self.actor),
        }
    }
}

/// What one event of one region adds to its row.
struct Commit {
    source_us: u64,
    log_us: u64,
    tx: u64,
    lsn: u64,
}

fn us_event(out: &mut impl Write, r: &Row, c: &Commit) -> io::Result<()> {
    write!(
        out,
        r#"{{"before":null,"after":{{"tenant":"{}","id":{},"actor":"{}","action":"{}","resource":"{}","amount":"{}","ok":{},"details":"{}","occurred_at":"{}","corr":"{}"}},"#,
        r.tenant,
        FIRST_ID + r.i,
        r.actor,
        r.action,
        r.resource,
        r.amount,
        r.ok,
        r.details,
        r.occurred_at,
        r.corr
    )?;
    tail(out, "US", c, None)
}

fn eu_event(out: &mut impl Write, r: &Row, c: &Commit, origin_lsn: u64) -> io::Result<()> {
    write!(
        out,
        r#"{{"before":null,"after":{{"id":{},"tenant":"{}","occurred_at":"{}","action":"{}","actor":"{}","resource":"{}","details":"{}","amount":"{}","ok":{},"corr":"{}"}},"#,
        FIRST_ID + r.i,
        r.tenant,
        r.occurred_at,
        r.action,
        r.actor,
        r.resource,
        r.details,
        r.amount,
        r.ok,
        r.corr
    )?;
    tail(out, "EU", c, Some(origin_lsn))
}

fn tail(out: &mut impl Write, region: &str, c: &Commit, origin_lsn: Option<u64>) -> io::Result<()> {
    let Commit { source_us, log_us, tx, lsn } = c;
    write!(
        out,
        r#""source":{{"version":"3.6.3.Final","connector":"postgresql","name":"audit.{region}","ts_ms":{},"snapshot":"false","db":"audit","sequence":"[\"{}\",\"{lsn}\"]","ts_us":{source_us},"ts_ns":{source_us}000,"schema":"public","table":"audit_events","txId":{tx},"lsn":{lsn},"xmin":null,"#,
        source_us / 1000,
        lsn - 64,
    )?;
    match origin_lsn {
        None => write!(out, r#""origin":null,"origin_lsn":null}},"#)?,
        Some(at) => write!(out, r#""origin":"pg_16435","origin_lsn":{at}}},"#)?,
    }
    writeln!(out, r#""transaction":null,"op":"c","ts_ms":{},"ts_us":{log_us},"ts_ns":{log_us}000}}"#, log_us / 1000)
}

fn us_lsn(i: u64) -> u64 {
    26_000_000 + i * 200
}

fn us_file(path: &Path, args: &Args, planted: &Planted) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for i in (0..args.n).filter(|i| !planted.missing_in_us.contains(i)) {
        let source_us = EPOCH_US + i * args.step_us;
        let commit = Commit { source_us, log_us: source_us + US_LAG_US, tx: i + 900, lsn: us_lsn(i) };
        us_event(&mut out, &Row::new(i, args.seed), &commit)?;
    }
    out.flush()
}

/// Positions, transactions and times follow the order in the file, as in a real log. The copy runs one window behind, so
/// that no row arrives before it was written.
fn eu_file(path: &Path, args: &Args, planted: &Planted, rng: &mut Rng) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for start in (0..args.n).step_by(WINDOW as usize) {
        let mut order: Vec<u64> = (start..args.n.min(start + WINDOW)).collect();
        for k in (1..order.len()).rev() {
            order.swap(k, rng.below(k as u64 + 1) as usize);
        }
        for (at, i) in (start..).zip(order).filter(|(_, i)| !planted.missing_in_eu.contains(i)) {
            let mut row = Row::new(i, args.seed);
            if planted.mismatch.contains(&i) {
                row.falsify(rng.next());
            }
            let source_us = EPOCH_US + EU_APPLY_US + (at + WINDOW) * args.step_us;
            let commit = Commit { source_us, log_us: source_us + US_LAG_US, tx: at + 700, lsn: 36_000_000 + at * 208 };
            eu_event(&mut out, &row, &commit, us_lsn(i))?;
        }
    }
    out.flush()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let dir = &args.outdir;
    fs::create_dir_all(dir)?;
    let mut rng = Rng(args.seed);
    let planted = Planted::draw(args.n, &mut rng);
    us_file(&dir.join("us.ndjson"), &args, &planted)?;
    eu_file(&dir.join("eu.ndjson"), &args, &planted, &mut rng)?;
    fs::write(dir.join("types.yaml"), TYPES)?;
    fs::write(dir.join("truth.json"), format!("{}\n", planted.json()))?;
    println!(
        "{} keys: {} missing in eu, {} missing in us, {} mismatched",
        args.n,
        planted.missing_in_eu.len(),
        planted.missing_in_us.len(),
        planted.mismatch.len()
    );
    Ok(())
}
