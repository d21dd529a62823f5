//! The fields of a rule that say which records it reads, and how they become buckets.

use std::collections::{BTreeMap, BTreeSet};

use crate::anomaly::calendar::Calendar;
use crate::anomaly::code::Code;
use crate::anomaly::method::Kind;
use crate::anomaly::rules::field::Check;
use crate::anomaly::rules::raw::{OneOrMore, Pairs, RawRule, Scalar, Text};
use crate::anomaly::rules::{Data, Filter, Found, Input, MAX_WINDOW_MS, Missing, Wanted, Zone};
use crate::yaml::{Spanned, written};

const KEY_FIELDS: usize = 2;

impl Check<'_> {
    pub fn data(&mut self, r: &RawRule, d: &RawRule, id: &str, kind: Kind) -> Data {
        macro_rules! either {
            ($field:ident) => {
                r.$field.as_ref().or(d.$field.as_ref())
            };
        }
        let input = either!(input)
            .and_then(|w| self.word(w, id, "input", &[("events", Input::Events), ("points", Input::Points)]));
        let input = input.unwrap_or(match kind {
            Kind::Count => Input::Events,
            Kind::Gauge => Input::Points,
        });
        let missing = either!(missing)
            .and_then(|w| self.word(w, id, "missing", &[("zero", Missing::Zero), ("skip", Missing::Skip)]));
        let lateness = either!(lateness).and_then(|w| self.duration(w, id, "lateness", MAX_WINDOW_MS));
        let value = either!(value).and_then(|path| self.path(path, id, "value"));
        let zone = self.zone(either!(tz), id);
        if zone.is_none() && either!(tz).is_none() {
            let message = "the rule has no `tz`: hours and weekdays are those of UTC";
            let at = r.id.as_ref().map_or(crate::yaml::Location::UNKNOWN, |id| id.referenced);
            let found = Found::new(Code::ZoneMissing, at, id, "tz", message);
            self.found.push(found.hint("write `tz: Europe/Berlin`, or `tz: UTC` where that is meant"));
        }
        let zone = zone.unwrap_or_else(Zone::utc);
        let mut exclude: Vec<_> = either!(exclude)
            .into_iter()
            .flatten()
            .filter_map(|e| self.interval(&e.value.from, &e.value.until, id, &mut zone.calendar.clone()))
            .collect();
        exclude.sort_by_key(|e| (e.from_ms, e.until_ms));
        Data {
            input,
            ts: either!(ts).and_then(|path| self.path(path, id, "ts")).unwrap_or_else(|| "ts".to_owned()),
            value: value.or_else(|| (input == Input::Points).then(|| "value".to_owned())),
            filters: either!(filters).map(|pairs| self.filters(pairs, id)).unwrap_or_default(),
            dedupe_by: either!(dedupe_by).and_then(|path| self.path(path, id, "dedupe_by")),
            group_by: either!(group_by).map_or_else(|| vec!["tenant".to_owned()], |list| self.group(list, id)),
            zone,
            zone_by_tenant: either!(tz_by_tenant).map(|pairs| self.zones(pairs, id)).unwrap_or_default(),
            missing: missing.unwrap_or(match input {
                Input::Events => Missing::Zero,
                Input::Points => Missing::Skip,
            }),
            lateness_ms: lateness.unwrap_or(match input {
                Input::Events => 5 * 60_000,
                Input::Points => 0,
            }),
            exclude,
        }
    }

    fn zone(&mut self, name: Option<&Text>, id: &str) -> Option<Zone> {
        let name = name?;
        let calendar = Calendar::of(&name.value);
        if calendar.is_none() {
            let message = format!("`{}` is no time zone", name.value);
            let hint = match Calendar::like(&name.value) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write an IANA name such as Europe/Berlin, or UTC".to_owned(),
            };
            self.add(Code::UnknownZone, name.referenced, id, "tz", message, &hint);
        }
        calendar.map(|calendar| Zone { name: name.value.clone(), calendar })
    }

    fn zones(&mut self, pairs: &Pairs<Text>, id: &str) -> BTreeMap<String, Zone> {
        let zones = pairs
            .0
            .iter()
            .filter_map(|(tenant, name)| self.zone(Some(name), id).map(|zone| (tenant.value.clone(), zone)));
        zones.collect()
    }

    fn filters(&mut self, pairs: &Pairs<OneOrMore>, id: &str) -> Vec<Filter> {
        let mut filters = Vec::new();
        for (field, values) in &pairs.0 {
            let Some(path) = self.path(field, id, "where") else { continue };
            if values.0.is_empty() {
                let message = format!("no value is listed for `{path}`, so no record could be of the rule");
                self.found.push(Found::new(Code::FieldType, field.referenced, id, "where", message));
            }
            let mut wanted = Vec::new();
            for value in &values.0 {
                let spelled = written(value.referenced, self.text);
                wanted.push(match &value.value {
                    Scalar::Text(text) => Wanted { text: text.clone(), number: None },
                    Scalar::Bool(is) => Wanted { text: is.to_string(), number: None },
                    Scalar::Number(number) if self.plain(value.referenced, id, "where") => {
                        Wanted { text: spelled.to_owned(), number: Some(*number) }
                    }
                    Scalar::Number(_) => continue,
                });
            }
            filters.push(Filter { field: path, values: wanted });
        }
        filters.sort_by(|a, b| a.field.cmp(&b.field));
        filters
    }

    /// `tenant` comes first, the others keep their order.
    fn group(&mut self, list: &Spanned<Vec<Text>>, id: &str) -> Vec<String> {
        let mut fields: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for text in &list.value {
            let Some(path) = self.path(text, id, "group_by") else { continue };
            if seen.insert(path.clone()) {
                fields.push(path);
            } else {
                let message = format!("`{path}` stands twice in `group_by`");
                self.found.push(Found::new(Code::InvalidField, text.referenced, id, "group_by", message));
            }
        }
        fields.sort_by_key(|field| field != "tenant");
        if fields.iter().filter(|field| *field != "tenant").count() > KEY_FIELDS {
            let message = format!("`group_by` names more than {KEY_FIELDS} fields beside `tenant`");
            self.found.push(Found::new(Code::InvalidGroup, list.referenced, id, "group_by", message));
        }
        fields
    }
}

impl Zone {
    pub fn utc() -> Zone {
        Zone { name: "UTC".to_owned(), calendar: Calendar::default() }
    }
}
