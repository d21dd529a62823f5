//! Searches that look at sixteen bytes at a time.

use wide::u8x16;

/// The sixteen bytes at `i`, where there are so many.
#[inline]
pub fn sixteen(b: &[u8], i: usize) -> Option<&[u8; 16]> {
    b.get(i..)?.first_chunk()
}

/// Whether all bytes are ASCII and none is a control character.
#[inline]
pub fn printable(b: &[u8]) -> bool {
    // The distance from a space is at most 0x5f; of bytes below a space it wraps around. Without early exit.
    let far = |most: u8x16, chunk: &[u8; 16]| most.max(u8x16::new(*chunk) - u8x16::splat(b' '));
    let (lines, rest) = b.as_chunks::<64>();
    let mut most = [u8x16::splat(0); 4];
    for line in lines {
        for (most, chunk) in most.iter_mut().zip(line.as_chunks::<16>().0) {
            *most = far(*most, chunk);
        }
    }
    let [a, b, c, d] = most;
    let most = a.max(b).max(c.max(d)).to_array().into_iter().max();
    most <= Some(0x5f) && rest.iter().all(|c| matches!(c, b' '..=0x7f))
}

/// A bit per byte that is a quote or a backslash.
#[inline]
pub fn specials(chunk: &[u8; 16]) -> u32 {
    let x = u8x16::new(*chunk);
    (x.simd_eq(u8x16::splat(b'"')) | x.simd_eq(u8x16::splat(b'\\'))).to_bitmask()
}

/// A bit per byte that is a quote, and one per backslash.
#[inline]
pub fn quotes_and_backslashes(chunk: &[u8; 16]) -> (u32, u32) {
    let bits = |byte| u8x16::new(*chunk).simd_eq(u8x16::splat(byte)).to_bitmask();
    (bits(b'"'), bits(b'\\'))
}

/// Position of the next quote or backslash at or after `i`.
#[inline]
pub fn next_special(b: &[u8], mut i: usize) -> usize {
    while let Some(chunk) = sixteen(b, i) {
        let hits = specials(chunk);
        if hits != 0 {
            return i + hits.trailing_zeros() as usize;
        }
        i += 16;
    }
    while i < b.len() && b[i] != b'"' && b[i] != b'\\' {
        i += 1;
    }
    i
}

/// Position of the first byte at or after `i` that is no digit.
#[inline]
pub fn digits(b: &[u8], mut i: usize) -> usize {
    while let Some(chunk) = sixteen(b, i) {
        let value = u8x16::new(*chunk) - u8x16::splat(b'0');
        let others = value.max(u8x16::splat(10)).simd_eq(value).to_bitmask();
        if others != 0 {
            return i + others.trailing_zeros() as usize;
        }
        i += 16;
    }
    while b.get(i).is_some_and(u8::is_ascii_digit) {
        i += 1;
    }
    i
}
