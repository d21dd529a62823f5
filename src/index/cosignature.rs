//! Cosignatures of witnesses (c2sp.org/tlog-cosignature), the Ed25519 kind: "as of this time, this is the largest tree
//! of the log that I have seen, and it grew out of all that I saw before".

use super::Wrong;
use super::note::Signature;
use super::vkey::Key;
use crate::key::ed25519::{Private, Public};

/// The largest time that the format allows.
const MAX_TIME: u64 = i64::MAX as u64;

/// Cosigns the text of a checkpoint, all of it, at a time in seconds since 1970.
pub fn sign(name: &str, key: &Private, time: u64, text: &str) -> Result<Signature, Wrong> {
    let id = Key::witness(name, key.public())?.id();
    if time > MAX_TIME {
        return Err(Wrong::malformed(format!("the time {time} is beyond what a cosignature can say")));
    }
    let signature = key.sign(message(time, text).as_bytes());
    Signature::new(name, id, [&time.to_be_bytes()[..], &signature].concat())
}

/// The time of a cosignature of this text by this key.
pub fn verify(key: &Public, text: &str, signature: &[u8]) -> Option<u64> {
    let (time, signature) = signature.split_first_chunk()?;
    let time = u64::from_be_bytes(*time);
    (time <= MAX_TIME && key.verifies(message(time, text).as_bytes(), signature)).then_some(time)
}

fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "example.com/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    fn key() -> Private {
        Private::from_seed(&[4; 32]).unwrap()
    }

    #[test]
    fn a_cosignature_tells_its_time() {
        for time in [0, 1, 1_679_315_147, MAX_TIME] {
            let signature = sign("w", &key(), time, TEXT).unwrap();
            assert_eq!(signature.bytes().len(), 72);
            assert_eq!(verify(&key().public(), TEXT, signature.bytes()), Some(time));
        }
        assert!(sign("w", &key(), MAX_TIME + 1, TEXT).is_err());
        assert!(sign("w w", &key(), 1, TEXT).is_err());
    }

    #[test]
    fn every_bit_of_signature_and_text_counts() {
        let signature = sign("w", &key(), 1_679_315_147, TEXT).unwrap();
        let public = key().public();
        for bit in 0..signature.bytes().len() * 8 {
            let mut bytes = signature.bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(&public, TEXT, &bytes), None, "{bit}");
        }
        for cut in 0..72 {
            assert_eq!(verify(&public, TEXT, &signature.bytes()[..cut]), None);
        }
        assert_eq!(verify(&public, &TEXT.replace("\n1\n", "\n2\n"), signature.bytes()), None);
        assert_eq!(verify(&public, &format!("{TEXT}extension\n"), signature.bytes()), None);
        assert_eq!(verify(&Private::from_seed(&[5; 32]).unwrap().public(), TEXT, signature.bytes()), None);
    }

    #[test]
    fn a_plain_signature_is_no_cosignature() {
        let plain = key().sign(TEXT.as_bytes());
        let timed = [&1u64.to_be_bytes()[..], &plain].concat();
        assert_eq!(verify(&key().public(), TEXT, &timed), None);
    }

    /// A time beyond the format is refused even where the signature over it is right.
    #[test]
    fn a_time_beyond_the_format_is_refused() {
        let time = MAX_TIME + 1;
        let signature = key().sign(message(time, TEXT).as_bytes());
        let bytes = [&time.to_be_bytes()[..], &signature].concat();
        assert_eq!(verify(&key().public(), TEXT, &bytes), None);
    }
}
