//! What was seen at the points: how often each invariant was looked at and broken, and what each tenant was allowed.

use crate::tenant::domain::{Digits, Domain};
use crate::tenant::field::Field;
use crate::tenant::oracle::{Denies, Deny};
use crate::tenant::word::UNDECIDED;

#[derive(Debug, Clone, Copy, Default)]
pub struct Invariant {
    pub checked: u64,
    pub violated: u64,
    /// Of the violations the one with the fewest fields away from an intended allow, then the first: distance, point.
    pub smallest: Option<(usize, u64)>,
}

/// Of one value of tenant.id.
#[derive(Debug, Clone, Default)]
pub struct OfTenant {
    pub points: u64,
    pub allows: u64,
    pub cross_allows: u64,
    pub witness: Option<u64>,
    /// By code.
    pub denies: Vec<u64>,
}

#[derive(Debug, Clone)]
pub struct Tally {
    pub points: u64,
    pub allows: u64,
    pub cross_allows: u64,
    /// By the number of the invariant; 0 is the comparison of all codes with the oracle.
    pub invariants: [Invariant; 11],
    /// By code: whether it fired somewhere, and alone somewhere.
    pub fired: Vec<(bool, bool)>,
    pub tenants: Vec<OfTenant>,
    malformed: Option<usize>,
    /// By value of tenant.id: the same one among those of resource.tenant.
    own: Vec<Option<usize>>,
}

impl Tally {
    pub fn new(domain: &Domain, codes: &[String]) -> Tally {
        let of_tenant = OfTenant { denies: vec![0; codes.len()], ..OfTenant::default() };
        let (ids, owners) = (domain.dimension(Field::Tenant), domain.dimension(Field::Owner));
        Tally {
            points: 0,
            allows: 0,
            cross_allows: 0,
            invariants: [Invariant::default(); 11],
            fired: vec![(false, false); codes.len()],
            tenants: vec![of_tenant; ids.len()],
            malformed: codes.iter().position(|code| code == Deny::Malformed.as_str()),
            own: ids.iter().map(|id| owners.iter().position(|owner| owner.json == id.json)).collect(),
        }
    }

    /// `expected` is the word that the point must have, where all codes are compared.
    pub fn point(
        &mut self,
        point: u64,
        digits: &Digits,
        word: u64,
        intended: Denies,
        expected: Option<u64>,
        allows: &[Digits],
    ) {
        let decided = word != UNDECIDED;
        let (allow, codes) = (decided && word & 1 == 1, if decided { word >> 1 } else { 0 });
        let cross = self.own[digits[Field::Tenant as usize]] != Some(digits[Field::Owner as usize]);
        self.points += 1;
        self.allows += u64::from(allow);
        self.cross_allows += u64::from(allow && cross);
        self.of_tenant(point, digits, allow, codes, cross);
        let denied = |deny: Deny| intended.contains(deny);
        let malformed = denied(Deny::Malformed);
        let says_malformed = self.malformed.is_some_and(|at| codes >> at & 1 == 1);
        let broken = [
            (0, expected.is_some_and(|expected| expected != word)),
            (1, allow && (denied(Deny::TenantMismatch) || cross)),
            (2, allow && (denied(Deny::Residency) || denied(Deny::UnknownTenant))),
            (3, allow && denied(Deny::Unauthenticated)),
            (4, allow && denied(Deny::Classification)),
            (5, allow && denied(Deny::Label)),
            (6, decided && allow != (codes == 0)),
            (7, malformed && (allow || !says_malformed)),
            (10, !decided),
        ];
        for (id, broken) in broken {
            // I7 speaks of malformed requests, I1 to I5 of what is allowed.
            let looked = match id {
                0 => expected.is_some(),
                1..=5 => allow,
                7 => malformed,
                _ => true,
            };
            let invariant = &mut self.invariants[id];
            invariant.checked += u64::from(looked);
            if broken {
                invariant.violated += 1;
                let candidate = (distance(digits, allows), point);
                invariant.smallest = Some(invariant.smallest.map_or(candidate, |before| before.min(candidate)));
            }
        }
    }

    fn of_tenant(&mut self, point: u64, digits: &Digits, allow: bool, codes: u64, cross: bool) {
        let tenant = &mut self.tenants[digits[Field::Tenant as usize]];
        tenant.points += 1;
        tenant.allows += u64::from(allow);
        tenant.cross_allows += u64::from(allow && cross);
        if allow && tenant.witness.is_none() {
            tenant.witness = Some(point);
        }
        let mut rest = codes;
        while rest != 0 {
            let at = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            tenant.denies[at] += 1;
            self.fired[at].0 = true;
            self.fired[at].1 |= codes.is_power_of_two();
        }
    }

    /// Joins the tally of later points.
    pub fn add(&mut self, later: Tally) {
        self.points += later.points;
        self.allows += later.allows;
        self.cross_allows += later.cross_allows;
        for (mine, other) in self.invariants.iter_mut().zip(later.invariants) {
            mine.checked += other.checked;
            mine.violated += other.violated;
            mine.smallest = mine.smallest.into_iter().chain(other.smallest).min();
        }
        for (mine, other) in self.fired.iter_mut().zip(later.fired) {
            mine.0 |= other.0;
            mine.1 |= other.1;
        }
        for (mine, other) in self.tenants.iter_mut().zip(later.tenants) {
            mine.points += other.points;
            mine.allows += other.allows;
            mine.cross_allows += other.cross_allows;
            mine.witness = mine.witness.or(other.witness);
            mine.denies.iter_mut().zip(other.denies).for_each(|(mine, other)| *mine += other);
        }
    }
}

/// In how many fields a point differs from the nearest of some others; all seven where there is none.
pub fn distance(digits: &Digits, others: &[Digits]) -> usize {
    let to = |other: &Digits| digits.iter().zip(other).filter(|(a, b)| a != b).count();
    let mut least = None;
    for other in others {
        let distance = to(other);
        least = Some(least.map_or(distance, |least: usize| least.min(distance)));
        if distance <= 1 {
            break;
        }
    }
    least.unwrap_or(7)
}
