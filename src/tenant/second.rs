//! Which points of a domain the second engine decides again.

/// Of the others it looks at each of these.
const SAMPLE: u64 = 37;
/// With more tenants it looks at well-formed points by that sample too: the more data there are, the longer each evaluation takes it.
const MOST_TENANTS: usize = 100;

/// `decides`: access hangs on this point. A back door that the first engine does not see may stand open at a single point, and
/// then at a well-formed one.
pub fn looks_at(point: u64, decides: bool, well_formed: bool, tenants: usize) -> bool {
    decides || (well_formed && tenants <= MOST_TENANTS) || point.is_multiple_of(SAMPLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_again() {
        assert!(looks_at(1, true, false, 1_000) && looks_at(37, false, false, 1_000) && looks_at(1, false, true, 100));
        assert!(!looks_at(1, false, false, 1) && !looks_at(38, false, true, 101));
    }
}
