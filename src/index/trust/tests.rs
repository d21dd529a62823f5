use super::*;

fn names(of: &[&str]) -> Vec<String> {
    of.iter().map(|name| (*name).to_owned()).collect()
}

fn entry(n: u8) -> p256::Public {
    p256::Private::from_random(&[n; 32]).unwrap().public().clone()
}

fn files() -> Vec<File> {
    let origin = Origin::new("exports.acme.example").unwrap();
    let log = ed25519::Public::from_raw([
        0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1,
        0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
    ]);
    let regions = names(&["US", "EU"]);
    found(&Founding { origin: &origin, log: &log, entry: &entry(7), regions: &regions, since: "2026-01-06T12:00:00Z" })
        .unwrap()
}

/// The log's key is the public key of RFC 8032, section 7.1, test 1; key id and log id by a few lines of Python.
#[test]
fn a_new_directory_names_its_log_in_every_dialect() {
    let files = files();
    let text = |name: &str| {
        let (_, bytes) = files.iter().find(|(n, _)| n == name).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    let vkey = "exports.acme.example+f520ea2d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    assert_eq!(text("log.vkey"), format!("{vkey}\n"));
    assert_eq!(text("policy"), format!("log {vkey}\nquorum none\n"));
    assert_eq!(text("regions"), "EU\nUS\n");
    let root: serde_json::Value = serde_json::from_str(&text("trusted_root.json")).unwrap();
    assert_eq!(root["mediaType"], "application/vnd.dev.sigstore.trustedroot+json;version=0.1");
    let log = &root["tlogs"][0];
    assert_eq!(log["baseUrl"], "https://exports.acme.example");
    assert_eq!(log["logId"]["keyId"], "9SDqLVfe4knz14bFzHT4L5JJdmRUevplMRsv+fGYWdc=");
    assert_eq!(log["publicKey"]["rawBytes"], "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    assert_eq!(log["publicKey"]["validFor"]["start"], "2026-01-06T12:00:00Z");
    assert_eq!(ed25519::Public::from_pem(&text("log.pub.pem")).unwrap().raw()[..2], [0xd7, 0x5a]);
    assert_eq!(p256::Public::from_pem(&text("entry.pub.pem")).unwrap().spki(), entry(7).spki());
    let keys = parse_entry_keys(text("entry_keys.json").as_bytes()).unwrap();
    assert_eq!((keys.len(), keys[0].from_leaf, keys[0].key.id()), (1, 0, entry(7).id()));
}

/// `printf x > a; printf y > b; sha256sum a b | sha256sum`
#[test]
fn the_digest_is_what_sha256sum_says() {
    let files = [("b".to_owned(), b"y".to_vec()), ("a".to_owned(), b"x".to_vec())];
    assert_eq!(digest(&files).to_string(), "8d73e01349b30f78751f37931b0d2ae54f8dbd56a8fc69e01f2861cc466fadaa");
}

#[test]
fn regions_are_names_that_differ_by_more_than_case() {
    assert_eq!(parse_regions("EU\nUS\n").unwrap(), ["EU", "US"]);
    assert_eq!(parse_regions("").unwrap(), names(&[]));
    assert_eq!(parse_regions("EU\n\nUS\n").unwrap_err().line, Some(2));
    for bad in ["EU\neu\n", "EU\nEU\n", "EU/de\n", "@log\n", "1\n", "EU \n", &"a".repeat(33)] {
        assert!(parse_regions(bad).is_err(), "{bad}");
    }
    let many: Vec<String> = (0..65).map(|n| format!("r{n}")).collect();
    assert!(regions_text(&many).is_err() && regions_text(&many[..64]).is_ok());
}

#[test]
fn entry_keys_follow_one_another() {
    let key = |n, from_leaf| EntryKey { key: entry(n), from_leaf };
    let read = |keys: &[EntryKey]| parse_entry_keys(entry_keys_text(keys).unwrap().as_bytes());
    assert_eq!(read(&[key(1, 0), key(2, 5)]).unwrap().iter().map(|k| k.from_leaf).collect::<Vec<_>>(), [0, 5]);
    for bad in [&[][..], &[key(1, 1)], &[key(1, 0), key(2, 0)], &[key(1, 0), key(2, 5), key(3, 4)]] {
        assert!(read(bad).is_err());
    }
    let text = entry_keys_text(&[key(1, 0)]).unwrap();
    let other = Digest(entry(2).id()).to_string();
    let lie = text.replace(&Digest(entry(1).id()).to_string(), &other);
    assert!(parse_entry_keys(lie.as_bytes()).unwrap_err().message.contains("key_id"));
    assert!(parse_entry_keys(text.replace("from_leaf", "from").as_bytes()).is_err());
}

#[test]
fn a_directory_is_read_as_it_was_founded_and_each_file_is_needed() {
    let trust = read(&files()).unwrap();
    assert_eq!((trust.regions, trust.entry_keys.len(), trust.digest), (names(&["EU", "US"]), 1, digest(&files())));
    assert_eq!(trust.policy.logs()[0].key.name(), "exports.acme.example");
    assert!(trust.policy.quorum().is_none());
    for needed in [POLICY, REGIONS, ENTRY_KEYS] {
        let without: Vec<File> = files().into_iter().filter(|(name, _)| name != needed).collect();
        assert_eq!(read(&without).unwrap_err().0, needed);
    }
}
