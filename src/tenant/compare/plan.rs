//! What is looked at to compare two sides, and why that may say nothing.

use std::collections::BTreeSet;

use super::fleet::Fleet;
use super::parts::Parts;
use super::{Question, Side};
use crate::policy::parse_all;
use crate::record::tenant::{Cause, Mode};
use crate::tenant::code::Code;
use crate::tenant::domain::{Digits, Domain, FURTHER, MOST};
use crate::tenant::field::Field;
use crate::tenant::prove::Failed;
use crate::tenant::uses::{Reason, Uses};
use crate::tenant::word::MOST_CODES;

/// Up to this many points every tenant stands for itself: a reviewer waits for the answer, and more would be seconds.
const AUTO: u64 = 100_000;
/// All fields but the two ids.
const REST: [Field; 5] = [Field::Authenticated, Field::Region, Field::Kind, Field::Label, Field::Classification];

/// The class of a tenant and its place there; None for what is no tenant on either side.
pub type Who = Option<(usize, usize)>;

pub struct Plan<'a> {
    pub fleet: Fleet<'a>,
    pub domain: Domain,
    pub mode: Mode,
    /// The deny codes of both policies.
    pub codes: Vec<String>,
    pub reasons: Vec<String>,
    pub findings: Vec<(Code, Reason)>,
    /// Only what names a changed tenant can be decided otherwise.
    still: bool,
    /// Of the other owners one stands for all: they are only compared with tenant.id.
    few_others: bool,
    owner_is_key: bool,
    pub looked: Points,
}

/// Pairs of ids, each with the product of some values of the rest.
#[derive(Default)]
pub struct Points {
    /// Digits of tenant.id and resource.tenant.
    pairs: Vec<[usize; 2]>,
    /// Digits of the rest, by `REST`.
    values: [Vec<usize>; 5],
    /// How many combinations the fields beside the seven have.
    further: usize,
}

impl Points {
    /// Saturates at more than anybody looks at.
    pub fn len(&self) -> u64 {
        let each = self.values.iter().fold(self.further as u64, |n: u64, values| n.saturating_mul(values.len() as u64));
        each.saturating_mul(self.pairs.len() as u64)
    }

    pub fn digits(&self, number: u64) -> Digits {
        let (mut all, mut rest) = ([0; 8], number);
        all[FURTHER] = (rest % self.further as u64) as usize;
        rest /= self.further as u64;
        for (field, values) in REST.iter().zip(&self.values).rev() {
            all[*field as usize] = values[(rest % values.len() as u64) as usize];
            rest /= values.len() as u64;
        }
        [all[Field::Tenant as usize], all[Field::Owner as usize]] = self.pairs[rest as usize];
        all
    }
}

impl<'a> Plan<'a> {
    pub fn new(question: &'a Question, parts: &Parts) -> Result<Plan<'a>, Failed> {
        let uses = |side: &Side| {
            parse_all(&side.sources).map(|parsed| Uses::of(&parsed, &question.further)).map_err(Failed::Policy)
        };
        let both = [uses(&question.base)?, uses(&question.head)?];
        let symmetric = both.iter().all(|uses| uses.asymmetric.is_empty());
        let full = || Plan::of(question, parts, &both, Mode::Full);
        let classes = || Plan::of(question, parts, &both, Mode::Classes);
        let mut plan = match question.mode {
            Some(Mode::Full) => full(),
            Some(Mode::Classes) => classes(),
            None => Some(full()).filter(|full| full.looked.len() <= AUTO || !symmetric).unwrap_or_else(classes),
        };
        // Of one policy each place is named once.
        let told = if parts.has(Cause::Policy) { &both[..] } else { &both[1..] };
        plan.judge(question, told);
        Ok(plan)
    }

    fn of(question: &'a Question, parts: &Parts, both: &[Uses; 2], mode: Mode) -> Plan<'a> {
        let (base, head) = (&question.base, &question.head);
        let symmetric = both.iter().all(|uses| uses.asymmetric.is_empty());
        let owner_is_key = both.iter().any(|uses| uses.owner_is_key);
        let still = symmetric && !parts.has(Cause::Policy) && !parts.has(Cause::Catalog);
        let few_others = mode == Mode::Classes && symmetric && !owner_is_key;
        let fleet = Fleet::new(base, head, mode == Mode::Full);
        let ids: BTreeSet<&str> = match mode {
            Mode::Full => fleet.ids().collect(),
            Mode::Classes => {
                let chosen = fleet.representatives(|class| class.changed || !(still && few_others));
                chosen.into_iter().chain(fleet.ids().take(2)).collect()
            }
        };
        let [of_base, of_head] = both;
        let domain = Domain::new(&[of_base, of_head], &[&base.data, &head.data], &ids);
        // What both sides decide of malformed requests is then known, and equal.
        let well_formed = both.iter().all(|uses| uses.guards.malformed_alone);
        let digits = |field: Field| -> Vec<usize> {
            let items = domain.dimension(field).iter().enumerate();
            items.filter(|(_, item)| item.well_formed || !well_formed).map(|(digit, _)| digit).collect()
        };
        let values = REST.map(digits);
        let ids = [digits(Field::Tenant), digits(Field::Owner)];
        let codes: BTreeSet<String> = both.iter().flat_map(|uses| uses.codes.iter().cloned()).collect();
        let mut plan = Plan {
            fleet,
            domain,
            mode,
            codes: codes.into_iter().collect(),
            reasons: Vec::new(),
            findings: Vec::new(),
            still,
            few_others,
            owner_is_key,
            looked: Points::default(),
        };
        plan.looked = Points { pairs: plan.choose(&ids), values, further: plan.domain.combinations() };
        plan
    }

    fn choose(&self, [tenants, owners]: &[Vec<usize>; 2]) -> Vec<[usize; 2]> {
        let who = |field: Field, digits: &[usize]| -> Vec<(usize, Who)> {
            digits.iter().map(|digit| (*digit, self.who(field, *digit))).collect()
        };
        let (tenants, owners) = (who(Field::Tenant, tenants), who(Field::Owner, owners));
        let first: Vec<(usize, usize)> = tenants.iter().filter_map(|(_, who)| *who).take(2).collect();
        let mut pairs = Vec::new();
        for (tenant, a) in &tenants {
            for (owner, b) in &owners {
                if self.is_reached(*a, *b) && self.stands_for_all(*a, *b, &first) {
                    pairs.push([*tenant, *owner]);
                }
            }
        }
        pairs
    }

    /// The change can be seen from there.
    fn is_reached(&self, tenant: Who, owner: Who) -> bool {
        let changed = |who: Who| who.is_some_and(|(class, _)| self.fleet.classes[class].changed);
        !self.still || changed(tenant) || (self.owner_is_key && changed(owner))
    }

    /// All pairs that are decided alike have one that is looked at. `first`: the first two tenants of the domain.
    fn stands_for_all(&self, tenant: Who, owner: Who, first: &[(usize, usize)]) -> bool {
        match (tenant, owner) {
            (Some(a), Some(b)) if a == b => a.1 == 0,
            (Some(a), Some(b)) if self.few_others => a.1 == 0 && first.iter().find(|who| **who != a) == Some(&b),
            (Some(a), Some(b)) if a.0 == b.0 && self.mode == Mode::Classes => (a.1, b.1) == (0, 1),
            (None, Some(b)) if self.few_others => first.first() == Some(&b),
            (a, b) => a.is_none_or(|a| a.1 == 0) && b.is_none_or(|b| b.1 == 0),
        }
    }

    /// How many pairs are decided as this one is, itself included.
    pub fn alike(&self, tenant: Who, owner: Who) -> u64 {
        let members = |(class, _): (usize, usize)| self.fleet.classes[class].members.len() as u64;
        match (tenant, owner) {
            (Some(a), Some(b)) if a == b => 1,
            (Some(a), Some(_)) if self.few_others => members(a) * (self.fleet.len() - 1),
            (Some(a), Some(b)) if a.0 == b.0 => members(a) * (members(a) - 1),
            (Some(a), Some(b)) => members(a) * members(b),
            (None, Some(_)) if self.few_others => self.fleet.len(),
            (Some(one), None) | (None, Some(one)) => members(one),
            (None, None) => 1,
        }
    }

    pub fn who(&self, field: Field, digit: usize) -> Who {
        self.domain.dimension(field)[digit].json.as_ref().and_then(|id| self.fleet.place(id.as_str()?))
    }

    /// Of tenants' own resources where nothing changes. What is allowed there is what a new tenant's access is near to.
    pub fn beside(&self) -> Points {
        let looked: BTreeSet<[usize; 2]> = self.looked.pairs.iter().copied().collect();
        let owner = |tenant: usize| {
            let id = &self.domain.dimension(Field::Tenant)[tenant].json;
            self.domain.dimension(Field::Owner).iter().position(|item| item.json == *id)
        };
        let tenants = 0..self.domain.dimension(Field::Tenant).len();
        let own = tenants.filter(|tenant| self.who(Field::Tenant, *tenant).is_some());
        let own = own.filter_map(|tenant| Some([tenant, owner(tenant)?])).filter(|pair| !looked.contains(pair));
        Points { pairs: own.collect(), values: self.looked.values.clone(), further: self.looked.further }
    }

    /// The number of a point in the complete domain, in whose order points are named.
    pub fn key(&self, digits: &Digits) -> u64 {
        digits.iter().zip(self.sizes()).fold(0, |key, (digit, size)| key * size + *digit as u64)
    }

    pub fn sizes(&self) -> [u64; 8] {
        let mut sizes = [self.domain.combinations() as u64; 8];
        Field::ALL.into_iter().for_each(|field| sizes[field as usize] = self.domain.dimension(field).len() as u64);
        sizes
    }

    /// Why nothing can be concluded, before anything is evaluated.
    fn judge(&mut self, question: &Question, uses: &[Uses]) {
        let mut because = |code: Code, reasons: fn(&Uses) -> &Vec<Reason>, what: &str| {
            let places: Vec<&Reason> = uses.iter().flat_map(reasons).collect();
            if !places.is_empty() {
                self.reasons.push(what.to_owned());
                self.findings.extend(places.into_iter().map(|reason| (code, reason.clone())));
            }
        };
        let what = "a policy uses its input in a form that no finite domain covers";
        because(Code::DomainUnsound, |uses| &uses.unsound, what);
        because(Code::CodesUnknown, |uses| &uses.uncoded, "a policy has deny codes that are no literals");
        if self.mode == Mode::Classes {
            let what =
                "a policy tells tenants apart by more than their data, so none can stand for another: --mode full";
            because(Code::SymmetryUnsound, |uses| &uses.asymmetric, what);
        }
        if self.codes.len() > MOST_CODES {
            self.reasons.push(format!("the policies have more than {MOST_CODES} deny codes"));
        }
        if let Some(what) = self.domain.too_many_combinations() {
            self.reasons.push(what);
        }
        let points = self.looked.len();
        if points > question.max_points || self.domain.points() >= MOST {
            let more = if self.mode == Mode::Full { ", or --mode classes" } else { "" };
            self.reasons.push(format!("there are {points} points to compare: --max-points{more}"));
        }
    }
}
