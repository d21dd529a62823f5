//! The alerts of a stream.

use super::super::setup::Setup;
use super::asked::{Asked, Told};
use crate::anomaly::times::{self, Time};
use crate::cmd::Session;
use crate::cmd::upstream::{Ended, read_all};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::records::{Item, RecordReader};
use crate::record::anomaly::Notification;
use crate::record::run::Input;

/// Writes alerts.
const PRODUCER: &str = "anomaly detect";

/// All alerts, and what became of the stream: one that was cut, or that holds no alerts by its nature, is no pass.
pub fn read(session: &mut Session, name: &str, setup: &Setup) -> Result<(Vec<Asked>, Exit)> {
    let mut reader = RecordReader::open(name, &["govctl.anomaly"], false)?;
    let file = reader.name.clone();
    let ui = &session.ctx.ui;
    let mut all = Vec::new();
    let mut ended = read_all(ui, &mut reader, |item| {
        session.ctx.interrupt.check()?;
        all.push(asked(&item, &file, setup)?);
        Ok(())
    })?;
    if let Some(command) = reader.commands.iter().find(|command| *command != PRODUCER) {
        let error = Error::input(format!("a stream of `govctl {command}`, which holds no alerts")).at_file(&file);
        ended.unreadable(ui, &error.hint("read the output of `govctl anomaly detect`"));
    } else if let Err(e) = reader.check_produced() {
        ended.unreadable(ui, &e.hint("read the output of `govctl anomaly detect`"));
    }
    name_inputs(session, &reader);
    Ok((all, outcomes(ended, &reader)))
}

/// A producer that could not do its work must not turn into a pass.
fn outcomes(ended: Ended, reader: &RecordReader) -> Exit {
    let of = reader.outcomes.iter().filter_map(|outcome| Exit::of_producer(*outcome));
    of.fold(ended.exit, Exit::and)
}

fn asked(item: &Item, file: &str, setup: &Setup) -> Result<Asked> {
    let alert: Notification = item.parse(file)?;
    let at = match times::parse(alert.ts.as_bytes()) {
        Ok(Time::Instant(ms)) => ms,
        _ => {
            let message = format!("`ts` of an alert is `{}`, an RFC 3339 time was expected", alert.ts);
            return Err(Error::input(message).at(file, item.number, None));
        }
    };
    Ok(Asked {
        rule: setup.rules.rules.iter().position(|rule| rule.id == alert.rule),
        tenant: alert.tenant.clone(),
        series: alert.series.clone(),
        at,
        alert: Some(Told { alert, file: file.to_owned(), line: item.number }),
    })
}

fn name_inputs(session: &mut Session, reader: &RecordReader) {
    let named = || Input::named(fs::record_name(&reader.name));
    if reader.upstream.is_empty() {
        session.inputs.push(named());
    }
    session.inputs.extend(reader.upstream.iter().map(|id| Input { run_id: Some(id.clone()), ..named() }));
}
