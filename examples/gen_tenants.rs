//! A fleet and requests to it for `scripts/bench tenant`: tenants.yaml, distinct.ndjson and repeating.ndjson.
//!
//! Requests are bare OPA input documents, about half of them allowed; each of the others has one field changed. The policy
//! reads another input in each of the distinct ones; the repeating ones are 1,000 inputs over and over, in no order. The same seed gives the same
//! bytes.
#![allow(
    clippy::disallowed_methods,
    reason = "a tool of its own: it has no part in the command's doors to files, arguments and output"
)]

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Parser;

const CLASSES: [&str; 4] = ["public", "internal", "confidential", "restricted"];
const REGIONS: [&str; 8] = ["EU", "EU/de", "EU/de/fra1", "EU/fr", "US", "US/east", "US/west", "JP"];
const KINDS: [&str; 4] = ["audit", "agents", "claims", "exports"];
const LABELS: [&str; 6] = ["pii", "internal", "confidential", "finance", "health", "legal"];
/// Inputs that the repeating requests are taken from.
const REPEATING: usize = 1_000;

#[derive(Parser)]
struct Args {
    /// Number of tenants.
    tenants: usize,
    /// Number of requests in each file.
    requests: usize,
    /// Folder to write to; made if it is not there.
    outdir: PathBuf,
    #[arg(long, default_value_t = 42)]
    seed: u64,
}

struct Tenant {
    id: String,
    region: usize,
    /// Bit i: holds `LABELS[i]`.
    labels: usize,
    /// Rank of the highest class of each kind.
    ceilings: [usize; KINDS.len()],
}

/// splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    fs::create_dir_all(&args.outdir)?;
    let mut random = Random(args.seed);
    let tenants: Vec<Tenant> = (0..args.tenants).map(|i| tenant(i, &mut random)).collect();
    write_tenants(&args.outdir.join("tenants.yaml"), &tenants)?;
    let mut seen = HashSet::new();
    let mut distinct = Vec::with_capacity(args.requests);
    while distinct.len() < args.requests {
        let (input, request) = request(&tenants, &mut random);
        if seen.insert(input) {
            distinct.push(request);
        }
    }
    write_lines(&args.outdir.join("distinct.ndjson"), distinct.iter())?;
    let some = distinct.len().min(REPEATING);
    let repeating: Vec<&String> = (0..args.requests).map(|_| &distinct[random.below(some)]).collect();
    write_lines(&args.outdir.join("repeating.ndjson"), repeating.into_iter())
}

fn tenant(i: usize, random: &mut Random) -> Tenant {
    Tenant {
        id: format!("tenant-{i:05}"),
        region: random.below(REGIONS.len()),
        labels: 1 + random.below((1 << LABELS.len()) - 1),
        ceilings: std::array::from_fn(|_| random.below(CLASSES.len())),
    }
}

fn write_tenants(path: &Path, tenants: &[Tenant]) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "version: 1\nregions: [{}]\ntenants:", REGIONS.join(", "))?;
    for tenant in tenants {
        let labels: Vec<&str> =
            LABELS.iter().enumerate().filter(|(i, _)| tenant.labels >> i & 1 == 1).map(|(_, l)| *l).collect();
        let classes: Vec<String> =
            KINDS.iter().zip(tenant.ceilings).map(|(kind, rank)| format!("{kind}: {}", CLASSES[rank])).collect();
        writeln!(
            out,
            "  - {{ id: {}, region: {}, labels: [{}], data_classes: {{ {} }} }}",
            tenant.id,
            REGIONS[tenant.region],
            labels.join(", "),
            classes.join(", ")
        )?;
    }
    out.flush()
}

/// A place that lies in a region, itself often.
fn place(region: usize, random: &mut Random) -> &'static str {
    let within = |place: &&&str| {
        place.strip_prefix(REGIONS[region]).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let places: Vec<&&str> = REGIONS.iter().filter(within).collect();
    places[random.below(places.len())]
}

/// What the policy reads of a request, and the request.
fn request(tenants: &[Tenant], random: &mut Random) -> (String, String) {
    let tenant = &tenants[random.below(tenants.len())];
    let kind = random.below(KINDS.len());
    let held: Vec<&str> =
        LABELS.iter().enumerate().filter(|(i, _)| tenant.labels >> i & 1 == 1).map(|(_, l)| *l).collect();
    let (mut authenticated, mut id, mut owner) = ("true", tenant.id.clone(), tenant.id.clone());
    let mut label = held[random.below(held.len())];
    let mut class = CLASSES[random.below(tenant.ceilings[kind] + 1)];
    let mut region = place(tenant.region, random);
    match random.below(16) {
        0 => authenticated = "false",
        1 => id = format!("stranger-{}", random.below(1_000)),
        2 | 3 => owner = tenants[random.below(tenants.len())].id.clone(),
        4 => label = LABELS[random.below(LABELS.len())],
        5 => class = CLASSES[random.below(CLASSES.len())],
        6 => region = REGIONS[random.below(REGIONS.len())],
        7 => authenticated = "\"yes\"",
        _ => {}
    }
    let kind = KINDS[kind];
    // Most callers send more than the policy reads.
    let (user, trace) = (random.below(100_000), random.next());
    let request = format!(
        "{{\"subject\":{{\"authenticated\":{authenticated},\"id\":\"user-{user:05}\"}},\"tenant\":{{\"id\":\"{id}\"}},\
         \"resource\":{{\"tenant\":\"{owner}\",\"kind\":\"{kind}\",\"classification\":\"{class}\",\"label\":\"{label}\"}},\
         \"context\":{{\"region\":\"{region}\",\"trace\":\"{trace:016x}\"}}}}"
    );
    (format!("{authenticated} {id} {owner} {kind} {class} {label} {region}"), request)
}

fn write_lines<'l>(path: &Path, lines: impl Iterator<Item = &'l String>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
