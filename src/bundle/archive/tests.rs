use super::*;

fn packed() -> Vec<u8> {
    write(vec![("b/x.rego", b"package b"), ("a", b"")]).unwrap()
}

fn tar(bytes: &[u8]) -> Vec<u8> {
    inflate(bytes).unwrap()
}

fn gzip(tar: &[u8]) -> Vec<u8> {
    let mut gzip = GzBuilder::new().operating_system(3).write(Vec::new(), Compression::new(6));
    gzip.write_all(tar).unwrap();
    gzip.finish().unwrap()
}

/// The checksum of the header at an offset, as POSIX asks for it.
fn sum(tar: &mut [u8], at: usize) {
    tar[at + 148..at + 156].fill(b' ');
    let sum: u32 = tar[at..at + 512].iter().map(|b| u32::from(*b)).sum();
    tar[at + 148..at + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn codes(bytes: &[u8]) -> Vec<&'static str> {
    read(bytes).err().unwrap_or_default().iter().map(|found| found.code.as_str()).collect()
}

/// After a change of the first header, with its checksum made right again.
fn after(change: impl Fn(&mut Vec<u8>)) -> Vec<&'static str> {
    let mut tar = tar(&packed());
    change(&mut tar);
    sum(&mut tar, 0);
    codes(&gzip(&tar))
}

#[test]
fn files_come_back_sorted_and_equal_files_give_equal_bytes() {
    let bytes = packed();
    let archive = read(&bytes).unwrap();
    assert_eq!(archive.files().collect::<Vec<_>>(), [("a", &b""[..]), ("b/x.rego", b"package b")]);
    assert_eq!(bytes, write(vec![("a", b""), ("b/x.rego", b"package b")]).unwrap());
    let tar = tar(&bytes);
    assert_eq!(tar.len(), 5 * BLOCK);
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    // Mode, user, group, size and time of the second file.
    assert_eq!(&tar[512 + 100..512 + 148], b"0000644\x000000000\x000000000\x0000000000011\x0000000000000\0");
    assert_eq!(codes(&gzip(&tar)), [""; 0]);
}

#[test]
fn long_names_are_split_and_too_long_ones_refused() {
    let long = format!("switchboard/{}/{}.rego", "a".repeat(90), "b".repeat(90));
    let bytes = write(vec![(&long, b"x")]).unwrap();
    assert_eq!(read(&bytes).unwrap().get(&long), Some(&b"x"[..]));
    let refused = write(vec![(&"a".repeat(101), b"x")]).unwrap_err();
    assert_eq!(refused.code, Code::EntryName);
    for name in ["/a", "a//b", "../a", "a/.", "a\\b", "", "a\nb"] {
        assert_eq!(write(vec![(name, b"")]).unwrap_err().code, Code::EntryName, "{name:?}");
    }
}

#[test]
fn opas_leading_slash_is_no_part_of_the_name() {
    let mut tar = tar(&packed());
    tar[..2].copy_from_slice(b"/a");
    sum(&mut tar, 0);
    assert!(read(&gzip(&tar)).unwrap().get("a").is_some());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        &b"../a"[..],
        b"..",
        b"//a",
        b"/../a",
        b"b/../a",
        b"./a",
        b"a\\b",
        b"a\x1bb",
        b"a\xffb",
        b"/",
        b"a\xe2\x80\xaeb",
    ] {
        let found = after(|tar| tar[..name.len()].copy_from_slice(name));
        assert_eq!(found, ["entry_name"], "{:?}", String::from_utf8_lossy(name));
    }
}

#[test]
fn what_is_no_plain_file_is_refused() {
    for kind in b"1234678xgLKSVM\0" {
        assert_eq!(after(|tar| tar[156] = *kind), ["archive_form"], "{:?}", *kind as char);
    }
    assert_eq!(after(|tar| tar[156] = b'5'), [""; 0], "a folder is passed over");
    // A link's target, a size in binary, a checksum in another spelling.
    assert_eq!(after(|tar| tar[157] = b'x'), ["archive_form"]);
    assert_eq!(after(|tar| tar[124..136].copy_from_slice(b"\x80\0\0\0\0\0\0\0\0\0\0\0")), ["archive_form"]);
    let mut spelled = tar(&packed());
    sum(&mut spelled, 0);
    spelled[155] = 0;
    assert_eq!(codes(&gzip(&spelled)), ["archive_form"]);
}

#[test]
fn a_folder_has_no_content_and_a_name_stands_once() {
    let second = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut tar = tar(&packed());
        change(&mut tar);
        sum(&mut tar, 512);
        codes(&gzip(&tar))
    };
    assert_eq!(second(&|tar| tar[512 + 156] = b'5'), ["archive_form"]);
    assert_eq!(second(&|tar| tar[512..520].copy_from_slice(b"a\0\0\0\0\0\0\0")), ["duplicate_file"]);
    assert_eq!(second(&|tar| tar[512..520].copy_from_slice(b"/a\0\0\0\0\0\0")), ["duplicate_file"]);
}

#[test]
fn what_opa_takes_for_more_is_refused() {
    for name in [
        "patch.json",
        "b/patch.json",
        "policy.wasm",
        "b/x.wasm",
        "plan.json",
        "b/plan.pb",
        "b/.manifest",
        "x.manifest",
        ".manifest.pb",
        "b/.signatures.json",
    ] {
        assert_eq!(codes(&write(vec![(name, b"{}")]).unwrap()), ["forbidden_file"], "{name}");
    }
    for name in [".manifest", ".signatures.json", "a/data.json", "patch.json.rego", "manifest"] {
        assert_eq!(codes(&write(vec![(name, b"{}")]).unwrap()), [""; 0], "{name}");
    }
}

#[test]
fn a_damaged_archive_is_refused() {
    let bytes = packed();
    assert_eq!(codes(b"hello"), ["not_a_bundle"]);
    assert_eq!(codes(&gzip(b"hello")), ["not_a_bundle"]);
    assert_eq!(codes(&gzip(&[0; 1024])), ["not_a_bundle"]);
    for cut in [bytes.len() - 1, bytes.len() / 2, 9, 2] {
        assert_eq!(codes(&bytes[..cut]), ["bundle_damaged"], "{cut}");
    }
    // A second member, which Go reads on and others do not.
    assert_eq!(codes(&[bytes.clone(), bytes.clone()].concat()), ["bundle_damaged"]);
    assert_eq!(codes(&[bytes.clone(), vec![0]].concat()), ["bundle_damaged"]);
    let whole = tar(&bytes);
    for cut in [512, 513, 1024, 1024 + 9, 1024 + 512, 1024 + 1024] {
        assert_eq!(codes(&gzip(&whole[..cut])), ["bundle_damaged"], "{cut}");
    }
    let more = [whole.clone(), whole[..512].to_vec(), vec![0; 1024]].concat();
    assert_eq!(codes(&gzip(&more)), ["bundle_damaged"], "a file behind the end");
    assert_eq!(codes(&gzip(&[whole.clone(), vec![0; 9 * 512]].concat())), [""; 0], "as tar fills its records");
    for at in [3, 4, 8, 9] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(codes(&changed), ["archive_form"], "{at}");
    }
}

#[test]
fn a_bomb_is_not_unpacked() {
    let bomb = gzip(&vec![0; MAX_BYTES + 1]);
    assert!(bomb.len() < 100_000);
    assert_eq!(codes(&bomb), ["bundle_too_large"]);
    assert_eq!(codes(&vec![0x1f; MAX_BYTES + 1]), ["bundle_too_large"]);
}
