//! `govctl diff digest --suggest-types`: a types.yaml for two recordings, to be looked through by a person.

use super::input::{recognise, refused};
use super::options::Rows;
use crate::cmd::Ctx;
use crate::cmd::paths::one_stdin;
use crate::diff::types::suggest::{Collector, Unused};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::sink;
use crate::io::source::Source;

/// Records read of each side.
const ENOUGH: u64 = 20_000;
/// Unreadable records shown one by one.
const SHOWN: u64 = 10;

pub fn run(ctx: &Ctx, lhs: &[String], rhs: &[String], rows: &Rows) -> Result<Exit> {
    ctx.needs_no_findings("--suggest-types")?;
    one_stdin(&lhs.iter().chain(rhs).collect::<Vec<_>>())?;
    let mut collector = Collector::new(rows.table.clone());
    let mut bad = 0;
    for (side, sources) in [lhs, rhs].into_iter().enumerate() {
        let mut left = ENOUGH;
        for arg in sources {
            collector.recorded(side);
            bad += read(ctx, arg, side, rows, &mut collector, &mut left)?;
        }
    }
    let text = collector.document().map_err(|cause| {
        let names: Vec<&str> = lhs.iter().chain(rhs).map(String::as_str).collect();
        Error::input(cause).at_file(&names.join(", ")).hint(
            "a recording has one change event per line: {topic, partition, offset, timestamp, key, value}, `kcat -J`, \
             or bare values with --table KIND",
        )
    })?;
    sink::print(&text)?;
    ctx.ui.closing("look through the lines marked `guessed`, then: govctl diff run --types types.yaml ...");
    Ok(if bad > 0 { Exit::Input } else { Exit::Clean })
}

/// Reads up to `left` records; returns how many were unreadable.
fn read(ctx: &Ctx, arg: &str, side: usize, rows: &Rows, collector: &mut Collector, left: &mut u64) -> Result<u64> {
    let source = Source::open(arg)?;
    let name = source.name.clone();
    let mut lines = source.lines(rows.max_line);
    let recognised = rows.framing.forced().map_or_else(|| recognise(&mut lines), Ok);
    let framing = match recognised {
        Err(e) if e.kind == Kind::Input => {
            ctx.ui.error(&e);
            return Ok(1);
        }
        other => other?,
    };
    let mut bad = 0;
    loop {
        ctx.interrupt.check()?;
        let line = match lines.next_line() {
            Ok(Some(line)) if *left > 0 => line,
            Ok(_) => return Ok(bad),
            // What came before still counts.
            Err(e) if e.kind == Kind::Input => {
                ctx.ui.error(&e);
                return Ok(bad + 1);
            }
            Err(e) => return Err(e),
        };
        *left -= 1;
        let result = match line.too_long {
            true => Err("line longer than --max-line".to_owned().into()),
            false => collector.line(side, framing, line.bytes),
        };
        match result {
            Ok(()) => {}
            Err(Unused::Refused(why)) => return Err(refused(&why).at(&name, line.number, None)),
            Err(Unused::Unreadable(cause)) => {
                bad += 1;
                if bad <= SHOWN {
                    ctx.ui.warn(&Error::input(cause).at(&name, line.number, None));
                }
            }
        }
    }
}
