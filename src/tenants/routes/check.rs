//! Everything that is wrong with a list of routes of sound structure.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::known::Known;
use super::prefix::Prefix;
use super::{Checked, MAX_ROUTES, RawFile, RawRoute};
use crate::tenants::Found;
use crate::tenants::check::{invalid_name, version_missing};
use crate::tenants::code::Code;
use crate::tenants::grammar::is_name;
use crate::tenants::near::Near;
use crate::tenants::raw::Text;
use crate::text::{counted, without_middle};

pub fn check(raw: &RawFile, known: Option<&Known<'_>>) -> Checked {
    let list = &raw.routes.value;
    let texts = list.iter().map(|route| route.value.prefix.value.as_str()).collect();
    let taken = Taken { texts, ..Taken::default() };
    let mut check = Check { known, found: Vec::new(), near: Near::default(), taken };
    if raw.version.is_none() {
        check.found.push(version_missing());
    }
    if list.is_empty() {
        let message = "there are no routes, so every path is denied";
        check.found.push(Found::new(Code::NoRoutes, raw.routes.referenced, "", "routes", message));
    }
    if let Some(first) = list.get(MAX_ROUTES) {
        let message = format!("{} are more than {MAX_ROUTES}", counted(list.len() as u64, "route"));
        check.found.push(Found::new(Code::TooMany, first.referenced, "", "routes", message));
    }
    // Each prefix is compared with those before it, which is too much work for a list that is refused anyway.
    list.iter().take(MAX_ROUTES).for_each(|route| check.route(&route.value));
    let mut found = check.found;
    found.sort_by_key(|f| (f.line, f.column));
    Checked { count: list.len(), found }
}

/// The prefixes so far, with their lines.
#[derive(Default)]
struct Taken<'r> {
    /// Those of the whole list.
    texts: HashSet<&'r str>,
    all: HashMap<&'r str, u64>,
    read: Vec<(Prefix<'r>, &'r str, u64)>,
}

struct Check<'a, 'r> {
    known: Option<&'a Known<'a>>,
    found: Vec<Found>,
    near: Near,
    taken: Taken<'r>,
}

impl<'r> Check<'_, 'r> {
    fn route(&mut self, route: &'r RawRoute) {
        // The subject of all findings; an endless one would be repeated in each.
        let subject = &without_middle(&route.prefix.value, 80);
        self.prefix(&route.prefix, subject);
        let known = self.known;
        let (kind, class, label) = (&route.kind, &route.classification, &route.label);
        let all = [
            self.name(kind, subject, "kind", Code::UnknownKind, known.map(|known| &known.kinds)),
            self.name(class, subject, "class", Code::UnknownClass, known.map(|known| &known.classes)),
            self.name(label, subject, "label", Code::UnknownLabel, known.map(|known| &known.labels)),
        ];
        let (kind, class, label) = (&kind.value, &class.value, &label.value);
        if all == [true; 3] && known.is_some_and(|known| !known.allows(kind, class, label)) {
            let message =
                format!("no tenant with label `{label}` may see {kind} up to {class}, so nothing here can be allowed");
            self.found.push(Found::new(Code::RouteNeverAllowed, route.prefix.referenced, subject, "", message));
        }
    }

    /// Whether it is a name, and a known one where anything is known.
    fn name(&mut self, name: &Text, subject: &str, what: &str, code: Code, known: Option<&BTreeSet<&str>>) -> bool {
        if !is_name(&name.value) {
            self.found.push(invalid_name(name, subject, what));
            return false;
        }
        let Some(known) = known.filter(|known| !known.contains(name.value.as_str())) else { return true };
        let message = match code {
            Code::UnknownClass => format!("class `{}` is not declared", name.value),
            _ => format!("no tenant has the {what} `{}`", name.value),
        };
        let hint = self.near.hint(&name.value, known.iter().copied());
        self.found.push(Found::new(code, name.referenced, subject, what, message).hint(hint));
        false
    }

    fn prefix(&mut self, text: &'r Text, subject: &str) {
        let (place, line) = (text.referenced, text.referenced.line());
        let prefix = match Prefix::read(&text.value) {
            Ok(prefix) => prefix,
            Err((message, hint)) => {
                self.found.push(Found::new(Code::InvalidPrefix, place, subject, "prefix", message).hint(hint));
                return;
            }
        };
        let taken = &mut self.taken;
        let twice = |message| Found::new(Code::DuplicatePrefix, place, subject, "prefix", message);
        if let Some(first) = taken.all.get(text.value.as_str()) {
            self.found.push(twice(format!("the prefix stands twice, first on line {first}")));
            return;
        }
        // Where a route has the very path in which two meet, it is closer than both.
        let open = |path: &String| !taken.texts.contains(path.as_str());
        let mut ties =
            taken.read.iter().filter_map(|(other, text, first)| Some((other.tie(&prefix).filter(open)?, text, first)));
        if let Some((path, other, first)) = ties.next() {
            let message = format!(
                "matches {} as `{}` on line {first} does, and neither is the closer one",
                without_middle(&path, 80),
                without_middle(other, 80)
            );
            self.found.push(twice(message));
        }
        taken.all.insert(&text.value, line);
        taken.read.push((prefix, &text.value, line));
    }
}
