//! gzip, member by member, so that what follows the last one is not taken for a damaged member.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result};

use flate2::bufread::GzDecoder;

use super::CHUNK;

/// First byte of a gzip member.
const MAGIC: u8 = 0x1f;

pub struct Members<R> {
    /// None only while one member is exchanged for the next.
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Members<R> {
    pub fn new(raw: R) -> Self {
        Members { member: Some(GzDecoder::new(BufReader::with_capacity(CHUNK, raw))) }
    }

    /// After the end of a member: false at the end of the file.
    fn next_member(&mut self) -> Result<bool> {
        let Some(done) = self.member.take() else { return Ok(false) };
        let mut raw = done.into_inner();
        match raw.fill_buf()?.first() {
            None => Ok(false),
            Some(&MAGIC) => {
                self.member = Some(GzDecoder::new(raw));
                Ok(true)
            }
            Some(_) => Err(Error::new(ErrorKind::InvalidData, "bytes that are no gzip follow its end")),
        }
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        while let Some(member) = &mut self.member {
            let n = member.read(out)?;
            if n > 0 || out.is_empty() || !self.next_member()? {
                return Ok(n);
            }
        }
        Ok(0)
    }
}
