use super::*;

/// Written by hand, with the field names of sigstore_bundle.proto, the digest of the message `hello` and a signature of
/// four bytes.
const HELLO: &str = r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="},"signature":"3q2+7w=="}}"#;

fn hello() -> MessageSignature {
    // printf hello | sha256sum
    let digest = b"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let digest = data_encoding::HEXLOWER.decode(digest).unwrap().try_into().unwrap();
    MessageSignature::by(&std::array::from_fn(|i| i as u8), digest, vec![0xde, 0xad, 0xbe, 0xef])
}

fn refused(text: &str) -> String {
    MessageSignature::parse(text.as_bytes()).unwrap_err()
}

#[test]
fn a_bundle_is_written_as_others_read_it() {
    assert_eq!(String::from_utf8(hello().to_json().unwrap()).unwrap(), HELLO);
    assert_eq!(MessageSignature::parse(HELLO.as_bytes()).unwrap(), hello());
    let key_id: [u8; 32] = std::array::from_fn(|i| i as u8);
    assert!(hello().names(&key_id) && !hello().names(&[0; 32]));
}

#[test]
fn what_protobuf_json_allows_is_read() {
    let snake = HELLO
        .replace("mediaType", "media_type")
        .replace("verificationMaterial", "verification_material")
        .replace("publicKey", "public_key")
        .replace("messageSignature", "message_signature")
        .replace("messageDigest", "message_digest");
    let url =
        HELLO.replace("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ");
    let more = HELLO.replacen("{\"hint\"", "{\"later\":[1],\"hint\"", 1).replace("{\"media", "{ \"x\": {}, \"media");
    let nulls = HELLO.replace(r#"{"publicKey""#, r#"{"certificate":null,"tlogEntries":[],"publicKey""#);
    let typed = HELLO.replace(MEDIA_TYPE, EARLIER);
    for text in [snake, url, more, nulls, typed] {
        assert_ne!(text, HELLO);
        assert_eq!(MessageSignature::parse(text.as_bytes()).unwrap(), hello(), "{text}");
    }
    let without = HELLO.replace(r#""hint":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=""#, "");
    assert_eq!(MessageSignature::parse(without.as_bytes()).unwrap().hint, "");
}

#[test]
fn what_is_none_is_refused_with_a_reason() {
    for (from, to, why) in [
        ("bundle.v0.3", "bundle.v0.4", "v0.3 was expected"),
        ("SHA2_256", "SHA2_512", "SHA2_256 was expected"),
        ("LPJN", "", "a digest that is not 32 bytes long"),
        ("3q2+7w==", "3q2+7x==", "a signature that is no base64"),
        ("3q2+7w==", "3q2+7w=", "a signature that is no base64"),
        (r#""publicKey":{"#, r#""other":{"#, "names no public key"),
        (r#"{"publicKey""#, r#"{"certificate":{"rawBytes":""},"publicKey""#, "holds a certificate"),
        (r#""messageSignature":"#, r#""other":"#, "no message signature"),
        (r#""messageSignature":"#, r#""dsseEnvelope":{},"messageSignature":"#, "signs an envelope"),
        (r#","signature""#, r#","signature":"","signature""#, "duplicate field `signature`"),
        (r#""messageDigest":"#, r#""other":"#, "missing field `messageDigest`"),
        ("{\"mediaType", "[{\"mediaType", "is no Sigstore bundle"),
    ] {
        let text = HELLO.replacen(from, to, 1);
        assert_ne!(text, HELLO);
        assert!(refused(&text).contains(why), "{text}: {}", refused(&text));
    }
    assert!(refused(&"[".repeat(100_000)).contains("is no Sigstore bundle"));
    assert!(refused(&format!("{HELLO}{}", " ".repeat(MAX_BYTES))).contains("larger than 1 MiB"));
}
