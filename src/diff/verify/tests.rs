use super::*;
use crate::diff::event::{Class, Event};
use crate::diff::merge::Lane;
use crate::diff::pages::Pages;
use crate::record::diff::{ClosedBy, FailOn, Lags, ProofSettings, Side, StateMode};
use crate::record::{Record, encode};

fn event(offset: u64) -> Event {
    let mut event = Event::blank(0, offset, 0);
    (event.class, event.digest) = (Class::Row, [offset as u8; 32]);
    event
}

fn partition(side: Side, from: u64, to: u64) -> PartitionProof {
    let mut pages = Pages::default();
    (from..to).for_each(|offset| pages.push(&event(offset)));
    let (leaves, root) = pages.root();
    let (topic, root) = ("t".to_owned(), hex(&root));
    PartitionProof { side, topic, partition: 0, from, to, end: to, records: to - from, leaves, root }
}

fn proof(partitions: Vec<PartitionProof>) -> Proof {
    let names = "ok diff missing mismatch late repaired capture_loss inconclusive pending unauthorized origin_unknown \
                 excepted poison sampled_out duplicates tombstones control read";
    Proof {
        run_id: "r".into(),
        started: "2026-11-24T00:00:00.000Z".into(),
        ended: "2026-11-24T00:00:01.000Z".into(),
        counts: names.split_whitespace().map(|n| (n.to_owned(), 0)).collect(),
        sha256: "00".repeat(32),
        prev_sha256: None,
        job: "j".into(),
        mode: "file".into(),
        profile: "govctl-canon/1".into(),
        types_sha256: None,
        tool_sha256: "00".repeat(32),
        hmac_key_id: None,
        grace_ms: 45_000,
        at_end: "final".into(),
        settings: Some(ProofSettings {
            late_after_ms: 45_000,
            late_max_ms: 900_000,
            disorder_ms: 2_000,
            state: StateMode::Full,
            max_state_mb: 512,
            max_settled_mb: 16,
            second_pass: true,
            allow_poison: false,
            allow_inconclusive: false,
            allow_empty: false,
            fail_on: FailOn::Diff,
            tenants_sha256: None,
            exceptions_sha256: None,
        }),
        inferred: false,
        schema_blocks: false,
        window_from: Some("2026-11-23T20:00:00.000Z".into()),
        window_to: Some("2026-11-23T21:00:00.000Z".into()),
        home_checked: false,
        columns_not_compared: Vec::new(),
        root: hex(&root_of(&partitions).unwrap()),
        partitions,
        digest_ranges: Vec::new(),
        lags: Lags::default(),
        stalled_ms: BTreeMap::new(),
        sampled: BTreeMap::new(),
    }
}

fn bytes(proof: &Proof) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(proof, &mut bytes).unwrap();
    bytes
}

fn fields(bytes: &[u8]) -> (Option<bool>, String) {
    let fields = parse(bytes, "proof.json").unwrap().fields;
    (fields.ok, fields.actual.unwrap())
}

#[test]
fn fields_of_a_whole_proof() {
    let whole = bytes(&proof(vec![partition(Side::Lhs, 0, 300)]));
    assert_eq!(fields(&whole), (Some(true), "as specified".into()));
    let text = String::from_utf8(whole).unwrap();
    for (from, to, expected) in [
        ("\"hmac_key_id\":null,", "", "`hmac_key_id` is missing"),
        ("\"inferred\":false,", "", "missing field `inferred`"),
        ("\"grace_ms\":45000", "\"grace_ms\":45000 ", "the bytes are not those that govctl writes"),
        ("\"late\":0,", "", "the count `late` is missing"),
        ("\"mismatch\":0", "\"mismatch\":1", "`diff` is not the sum of `missing` and `mismatch`"),
        ("T00:00:01.000Z", "T00:00:61.000Z", "`started` or `ended` is no RFC 3339 time"),
        ("\"settings\":{\"late_after_ms\"", "\"sittings\":{\"late_after_ms\"", "`settings` is missing"),
        ("\"state\":\"full\"", "\"state\":\"half\"", "unknown variant `half`"),
        ("\"at_end\":\"final\"", "\"at_end\":\"finam\"", "`at_end` is `finam`"),
        ("T20:00:00", "T22:00:00", "`window_from` and `window_to` are no window"),
        ("T21:00:00", "T25:00:00", "`window_from` and `window_to` are no window"),
        ("\"window_from\":\"2026-11-23T20:00:00.000Z\",", "", "`window_from` and `window_to` are no window"),
        ("\"job\":\"j\",", "\"job\":\"j\",\"job\":\"k\",", "duplicate field `job`"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let (ok, actual) = fields(changed.as_bytes());
        assert_eq!(ok, Some(false), "{from}");
        assert!(actual.starts_with(expected), "{actual}");
    }
    let later = text.replacen("\"job\":", "\"new\":1,\"job\":", 1);
    assert_eq!(fields(later.as_bytes()).0, Some(true), "a field of a later version");
    let moved = text.replacen("\"schema\":\"govctl.diff.proof/1\",", "", 1);
    let moved = moved.replacen("\"job\":", "\"schema\":\"govctl.diff.proof/1\",\"job\":", 1);
    assert_eq!(fields(moved.as_bytes()).1, "`schema` is not the first field");
    for unusable in [text.replace("proof/1", "proof/2"), text.replace("proof/1", "proog/1"), "[]".into(), "{".into()] {
        assert!(parse(unusable.as_bytes(), "proof.json").is_err());
    }
}

#[test]
fn tiling_finds_gaps_and_overlaps() {
    let of = |ranges: &[(u64, u64)]| {
        tiling(&proof(ranges.iter().map(|(from, to)| partition(Side::Lhs, *from, *to)).collect()))
    };
    assert_eq!(of(&[(256, 300), (0, 256)]).ok, Some(true));
    assert_eq!(of(&[(0, 256), (257, 300)]).actual.unwrap(), "lhs:t/0: gap between 256 and 257");
    assert_eq!(of(&[(0, 256), (255, 300)]).actual.unwrap(), "lhs:t/0: overlap between 256 and 255");
    let mut backwards = proof(vec![partition(Side::Lhs, 10, 20)]);
    backwards.partitions[0].from = 21;
    assert_eq!(tiling(&backwards).ok, Some(false));
    let mut crowded = proof(vec![partition(Side::Lhs, 10, 20)]);
    crowded.partitions[0].records = 11;
    assert_eq!(tiling(&crowded).ok, Some(false));
}

#[test]
fn the_root_covers_every_range() {
    let mut changed = proof(vec![partition(Side::Lhs, 0, 10), partition(Side::Rhs, 0, 10)]);
    assert_eq!(root(&changed).ok, Some(true));
    changed.partitions[1].to += 1;
    assert_eq!(root(&changed).ok, Some(false));
}

#[test]
fn sources_are_recounted_within_the_ranges() {
    let proof = proof(vec![partition(Side::Lhs, 5, 300), partition(Side::Rhs, 0, 10)]);
    let lane = |side| Lane { source: 0, side, topic: "t".into(), number: 0 };
    let read = |offsets: std::ops::Range<u64>, damaged: Option<u64>| {
        let mut recount = Recount::new(&proof);
        for offset in offsets {
            let mut event = event(offset);
            if damaged == Some(offset) {
                event.digest[0] ^= 1;
            }
            recount.observe(&lane(Side::Lhs), &event);
        }
        recount.check([true, false]).into_iter().map(|v| v.ok).collect::<Vec<_>>()
    };
    assert_eq!(read(5..300, None), [Some(true), None]);
    assert_eq!(read(0..400, None), [Some(true), None], "what lies around the range is no business of the proof");
    assert_eq!(read(5..300, Some(299)), [Some(false), None]);
    assert_eq!(read(6..300, None), [Some(false), None]);
    let mut foreign = Recount::new(&proof);
    foreign.observe(&Lane { number: 1, ..lane(Side::Lhs) }, &event(0));
    assert_eq!(foreign.check([false, false]).last().unwrap().ok, Some(false));
}

fn link(name: &str, proof: Proof) -> Link {
    Link { sha256: name.repeat(32), folder: format!("run-{name}"), proof }
}

#[test]
fn chains() {
    let after = |prev: Option<&str>| Proof { prev_sha256: prev.map(|p| p.repeat(32)), ..proof(Vec::new()) };
    assert_eq!(chain(&after(Some("0a")), None).ok, None);
    assert_eq!(chain(&after(None), Some(&[])).ok, Some(true));
    let others = [link("0a", after(None)), link("0b", after(Some("0a")))];
    assert_eq!(chain(&after(Some("0b")), Some(&others)).ok, Some(true));
    assert_eq!(chain(&after(Some("0c")), Some(&others)).ok, Some(false), "the proof before is gone");
    assert_eq!(chain(&after(Some("0a")), Some(&others)).actual.unwrap(), "run-0b follows it too");
    assert_eq!(chain(&after(None), Some(&others)).ok, Some(false), "a second first proof");
    let foreign = Proof { job: "other".into(), ..after(Some("0a")) };
    assert_eq!(chain(&foreign, Some(&others)).ok, Some(false));
}

#[test]
fn windows_of_a_stream_follow_each_other_and_recordings_leave_no_gap() {
    let of = |mode: &str, from: u64, to: u64| Proof {
        mode: mode.into(),
        prev_sha256: Some("0a".repeat(32)),
        ..proof(vec![partition(Side::Lhs, from, to)])
    };
    let ok = |mode: &str, from: u64| {
        let before = [link("0a", of(mode, 0, 100))];
        continuity(&of(mode, from, 300), Some(&before))[0].ok
    };
    assert_eq!([ok("stream", 100), ok("stream", 99), ok("stream", 101)], [Some(true), Some(false), Some(false)]);
    assert_eq!([ok("file", 100), ok("file", 0), ok("file", 101)], [Some(true), Some(true), Some(false)]);
    assert_eq!(continuity(&of("file", 0, 1), Some(&[]))[0].ok, None);
    let elsewhere = [link("0a", proof(vec![partition(Side::Rhs, 0, 100)]))];
    assert_eq!(continuity(&of("file", 0, 1), Some(&elsewhere))[0].ok, None);
}

#[test]
fn counts_come_from_the_latest_revision() {
    let diff = |id: &str, rev: u32, state: &str, reason: &str| -> Diff {
        serde_json::from_value(serde_json::json!({
            "tenant": "a", "id": id, "kind": "k", "lhs_sha256": "", "rhs_sha256": "", "reason": reason,
            "ts": "2026-11-24T00:00:00.000Z", "diff_id": id, "rev": rev, "state": state, "detail": "deleted",
            "side": null, "region": null, "cols": null, "opened_ts": "", "delay_ms": null, "closed_by": null,
            "lhs_at": null, "rhs_at": null, "read_to": [],
        }))
        .unwrap()
    };
    let mut counted = Recounted::default();
    for diff in [
        diff("1", 0, "open", "missing"),
        diff("1", 1, "open", "mismatch"),
        diff("2", 0, "open", "missing"),
        diff("2", 1, "closed", "late"),
        diff("3", 0, "open", "missing"),
        diff("4", 0, "open", "missing"),
        Diff { closed_by: Some(ClosedBy::Reversal), ..diff("4", 1, "closed", "missing") },
    ] {
        counted.diff(diff);
    }
    counted.unauthorized();
    let check = counted.check(&Counts::new(), DIFFS);
    assert_eq!(check.actual.unwrap(), "diff 2, missing 1, mismatch 1, late 1, repaired 1, unauthorized 1, excepted 0");
    assert_eq!(check.ok, Some(false), "nothing is stated");
    assert_eq!(Proof::TYPE, "govctl.diff.proof/1");
}

const DIFFS: &str = "diffs.ndjson";
