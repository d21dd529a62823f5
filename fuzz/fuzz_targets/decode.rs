//! Arbitrary bytes as the lines of a recording: framing detection, then decoding on both sides in every framing.
#![no_main]

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use govctl::diff::decode::{Decoder, Setup};
use govctl::diff::event::{Batch, Class, Event};
use govctl::diff::frame::{Framing, detect};
use govctl::diff::hash::Hasher;
use govctl::diff::home::Homes;
use govctl::diff::canon::json::{self, Scratch};
use govctl::diff::types::{Logical, Table, Types, parse};
use govctl::record::diff::Side;
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

const CAPTURES: &str = include_str!("../../fixtures/diff/captures/types.yaml");
const VARIANTS: &str = include_str!("../../fixtures/diff/captures/variants/types.yaml");
const ORIGINS: &str = include_str!("../../fixtures/diff/captures/variants/types.origin.yaml");
const TENANTS: &str = include_str!("../../fixtures/diff/captures/variants/tenants.yaml");

/// Every way to read a recording that the command line offers, without the files.
static WAYS: LazyLock<Vec<(Framing, Arc<Setup>)>> = LazyLock::new(|| {
    let homes = Homes::parse(TENANTS, "tenants.yaml").expect("the fixture is valid");
    let mut all = Vec::new();
    let sides = [Side::Lhs, Side::Rhs];
    let known = [(CAPTURES, false), (VARIANTS, false), (ORIGINS, true), ("", true)];
    let ways = sides.into_iter().flat_map(|side| known.map(|(text, infer)| (side, text, infer)));
    // The seeds count on the order of the ways, so new ones come last.
    for (side, text, infer) in ways.chain(sides.map(|side| (side, "", false))) {
        let mut types = if text.is_empty() { Types::from_events() } else { parse(text, "types.yaml").expect("valid") };
        types.infer = infer;
        let setup = Arc::new(Setup {
            side,
            types,
            hasher: Hasher::Plain,
            homes: Some(homes.clone()),
            table: None,
            for_proof: true,
            keep_origin: true,
            keep_lines: false,
            wanted: None,
        });
        for framing in [Framing::Capture, Framing::Kcat, Framing::Value] {
            // Bare values do not name their table.
            if framing != Framing::Value || !setup.types.from_events {
                all.push((framing, setup.clone()));
            }
        }
    }
    all
});

/// One line through a decoder: the event, its key, and the row's text.
fn read(decoder: &mut Decoder, line: &[u8]) -> Option<(Event, Vec<u8>, Vec<u8>)> {
    let mut batch = Batch::default();
    decoder.line(line, 1, 0, false, &mut batch).ok()?;
    let event = batch.events.pop()?;
    assert!(batch.events.is_empty(), "a line gave two events");
    assert_eq!(event.class == Class::Poison, !batch.poison.is_empty(), "an unreadable record is counted once");
    let key = batch.key(&event).to_vec();
    Some((event, key, decoder.row_text().to_vec()))
}

fn is_canonical_json(text: &[u8]) {
    let mut again = Vec::new();
    json::write(text, &mut Scratch::default(), &mut again).expect("canonical JSON is JSON");
    assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(text), "canonical text is a fixed point");
}

/// A row's text is one JSON object, and its json columns are canonical.
fn check_row(text: &[u8], table: &Table) {
    let text = std::str::from_utf8(text).expect("a row's text is UTF-8");
    let row: HashMap<String, &RawValue> = serde_json::from_str(text).expect("a row's text is a JSON object");
    for (name, value) in row {
        match table.columns.get(&name).map(|column| &column.logical) {
            Some(Logical::Json | Logical::Text | Logical::Decimal | Logical::Int) => {
                is_canonical_json(value.get().as_bytes());
            }
            _ => {}
        }
    }
}

fn check_line(way: &(Framing, Arc<Setup>), decoder: &mut Decoder, line: &[u8]) -> Option<()> {
    let (event, key, text) = read(decoder, line)?;
    if event.class == Class::Row {
        check_row(&text, &decoder.tables()[event.table as usize]);
    }
    if matches!(event.class, Class::Tombstone | Class::Delete) {
        // Whether a null value is a tombstone or a delete depends on what came before.
        return Some(());
    }
    // Once more where the shape of the line is known, and by a decoder that has seen nothing. Without types.yaml the
    // first record of a topic says what its key is, so there each decoder goes its own way.
    let mut fresh = Decoder::new(way.1.clone(), way.0, 0).ok().filter(|_| !way.1.types.from_events);
    for other in std::iter::once(decoder).chain(fresh.as_mut()) {
        let Some((event_again, key_again, text_again)) = read(other, line) else {
            // What ends the run in a table's first record is unreadable behind good ones: another connector's name.
            assert_eq!(event.class, Class::Poison, "a record was accepted once and then refused");
            continue;
        };
        assert_eq!(event.class, event_again.class);
        assert_eq!(key, key_again);
        if event.class == Class::Row {
            assert_eq!((event.digest, event.cols_fp), (event_again.digest, event_again.cols_fp));
            assert_eq!((event.version, event.source_us), (event_again.version, event_again.source_us));
            assert_eq!((event.flags, &event.extra), (event_again.flags, &event_again.extra));
            assert_eq!(text, text_again);
        }
    }
    Some(())
}

// The first byte says how the rest is read, from `a` on in the order of WAYS.
fuzz_target!(|data: &[u8]| {
    let Some((way, data)) = data.split_first() else { return };
    let way = &WAYS[way.wrapping_sub(b'a') as usize % WAYS.len()];
    let Ok(mut decoder) = Decoder::new(way.1.clone(), way.0, 0) else { return };
    for line in data.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let _ = detect(line);
        if check_line(way, &mut decoder, line).is_none() {
            return;
        }
    }
});
