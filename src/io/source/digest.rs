//! The identity of a stream that was read to its end, uncompressed.

use sha2::{Digest, Sha256};

use super::Lines;

pub struct StreamDigest {
    /// As hex.
    pub sha256: String,
    pub bytes: u64,
    pub lines: u64,
}

/// What was read so far.
#[derive(Default)]
pub struct Taken {
    hash: Sha256,
    bytes: u64,
}

impl Taken {
    pub fn take(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub fn digest(&self, lines: u64) -> StreamDigest {
        let sha256 = data_encoding::HEXLOWER.encode(&self.hash.clone().finalize());
        StreamDigest { sha256, bytes: self.bytes, lines }
    }
}

impl Lines {
    /// Also hashes what is read from here on; before the first line.
    pub fn hashed(mut self) -> Lines {
        self.taken = Some(Taken::default());
        self
    }

    /// What was read, once the end was met; None where it was not asked for.
    pub fn digest(&self) -> Option<StreamDigest> {
        self.taken.as_ref().filter(|_| self.eof).map(|taken| taken.digest(self.number))
    }
}

#[cfg(test)]
mod tests {
    use crate::io::source::Source;

    #[test]
    fn the_digest_is_that_of_the_whole_text() {
        let text = b"\xef\xbb\xbfa\r\n\nbc".to_vec();
        let mut lines = Source::from_bytes("t", text).unwrap().lines(100).hashed();
        assert!(lines.digest().is_none(), "nothing was read");
        while lines.next_line().unwrap().is_some() {}
        let digest = lines.digest().unwrap();
        assert_eq!((digest.bytes, digest.lines), (9, 3));
        // printf '\xef\xbb\xbfa\r\n\nbc' | sha256sum
        assert_eq!(digest.sha256, "477a4aad6d6356e600e74a2e53ea4a2015fd3c23853aedcdafe43a19f1ac3fff");
    }
}
