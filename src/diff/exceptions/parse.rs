//! exceptions.yaml to [`Exceptions`]: every mistake is named with its line and column.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use super::{DEFAULT_MAX_TTL_MS, Entry, Exceptions, Pin};
use crate::clock::{parse_duration_ms, parse_rfc3339_ms};
use crate::error::{Error, Result, did_you_mean};
use crate::record::diff::Reason;
use crate::text::counted;
use crate::yaml;

const MIN_JUSTIFICATION: usize = 15;
const WHY: &str = "say why this difference is acceptable and what will end it";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawList {
    version: Spanned<u64>,
    #[serde(default)]
    max_ttl: Option<Spanned<String>>,
    exceptions: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    id: Spanned<String>,
    #[serde(rename = "match")]
    select: RawMatch,
    #[serde(default)]
    digests: Option<RawPin>,
    #[serde(default)]
    max_matches: Option<Spanned<u64>>,
    owner: Spanned<String>,
    #[serde(default)]
    ticket: Option<String>,
    justification: Spanned<String>,
    created: Spanned<String>,
    #[serde(default)]
    ttl: Option<Spanned<String>>,
    #[serde(default)]
    expires: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMatch {
    tenant: Spanned<String>,
    kind: Spanned<String>,
    id: Spanned<String>,
    #[serde(default)]
    reason: Option<Spanned<String>>,
    #[serde(default)]
    cols: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPin {
    lhs: Spanned<String>,
    rhs: Spanned<String>,
}

pub fn parse(text: &str, file: &str, max_ttl_ms: Option<i64>) -> Result<Exceptions> {
    let raw: RawList = yaml::read(text, file)?;
    let check = Check { file };
    if raw.version.value != 1 {
        let message = format!("version {} of the list is not known", raw.version.value);
        return Err(check.error(&raw.version, message, "this govctl reads `version: 1`"));
    }
    let listed = raw.max_ttl.as_ref().map(|t| check.duration(t, "max_ttl")).transpose()?;
    let of_list = listed.unwrap_or(DEFAULT_MAX_TTL_MS);
    let max_ttl_ms = max_ttl_ms.map_or(of_list, |m| m.min(of_list));
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut entries = Vec::with_capacity(raw.exceptions.len());
    for entry in &raw.exceptions {
        let entry = check.entry(entry, max_ttl_ms)?;
        if let Some(first) = seen.insert(entry.id.clone(), entry.line) {
            let message = format!("the exception {} is there twice, first on line {first}", entry.id);
            return Err(Error::usage(message).at(file, entry.line, Some(entry.column)).hint("give each its own id"));
        }
        entries.push(entry);
    }
    Ok(Exceptions { file: file.to_owned(), max_ttl_ms, entries })
}

struct Check<'a> {
    file: &'a str,
}

impl Check<'_> {
    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>, hint: impl Into<String>) -> Error {
        self.error_at(at.referenced, message, hint)
    }

    fn error_at(&self, at: Location, message: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::usage(message).at(self.file, at.line(), Some(at.column())).hint(hint)
    }

    fn entry(&self, raw: &Spanned<RawEntry>, max_ttl_ms: i64) -> Result<Entry> {
        let r = &raw.value;
        let id = self.text(&r.id, "id")?;
        let (tenant, kind) = (self.literal(&r.select.tenant, "tenant")?, self.literal(&r.select.kind, "kind")?);
        let pattern = self.text(&r.select.id, "match.id")?;
        let max_matches = self.max_matches(r)?;
        let justification = self.justification(&r.justification)?;
        let (created_ms, expires_ms) = self.times(raw, max_ttl_ms)?;
        Ok(Entry {
            id,
            tenant,
            kind,
            pattern,
            reason: r.select.reason.as_ref().map(|reason| self.reason(reason)).transpose()?,
            cols: r.select.cols.as_ref().map(|cols| self.cols(cols)).transpose()?,
            pin: r.digests.as_ref().map(|pin| self.pin(pin)).transpose()?,
            max_matches,
            owner: self.owner(&r.owner)?,
            ticket: r.ticket.clone(),
            justification,
            created_ms,
            expires_ms,
            line: raw.referenced.line(),
            column: raw.referenced.column(),
        })
    }

    fn text(&self, value: &Spanned<String>, field: &str) -> Result<String> {
        match value.value.trim() {
            "" => Err(self.error(value, format!("`{field}` is empty"), "write a value")),
            _ => Ok(value.value.clone()),
        }
    }

    fn literal(&self, value: &Spanned<String>, field: &str) -> Result<String> {
        if value.value.contains('*') {
            let message = format!("`*` is not allowed in `{field}`");
            return Err(self.error(
                value,
                message,
                "only match.id takes a pattern; write one entry per tenant and kind",
            ));
        }
        self.text(value, field)
    }

    fn max_matches(&self, r: &RawEntry) -> Result<Option<u64>> {
        let id = &r.select.id;
        match (&r.max_matches, id.value.contains('*')) {
            (None, true) => Err(self.error(
                id,
                format!("the pattern `{}` needs `max_matches`", id.value),
                "add max_matches: N; the entry is void as soon as more rows match",
            )),
            (Some(limit), false) => {
                Err(self.error(limit, "`max_matches` is for patterns only", "remove it, or put a `*` into match.id"))
            }
            (Some(limit), true) if limit.value == 0 => {
                Err(self.error(limit, "`max_matches` is 0, so the entry can excuse nothing", "write 1 or more"))
            }
            (limit, _) => Ok(limit.as_ref().map(|l| l.value)),
        }
    }

    fn reason(&self, value: &Spanned<String>) -> Result<Reason> {
        match value.value.as_str() {
            "missing" => Ok(Reason::Missing),
            "mismatch" => Ok(Reason::Mismatch),
            "late" => {
                let message = "a late row needs no exception";
                Err(self.error(value, message, "`late` only closes a difference; use missing or mismatch"))
            }
            other => {
                let hint = match did_you_mean(other, ["missing", "mismatch"]) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "use missing or mismatch".to_owned(),
                };
                Err(self.error(value, format!("`{other}` is not a reason"), hint))
            }
        }
    }

    fn cols(&self, cols: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<String>> {
        if cols.value.is_empty() {
            return Err(self.error(
                cols,
                "`cols` is empty, so nothing can match",
                "name the columns, or leave cols out",
            ));
        }
        cols.value.iter().map(|c| self.literal(c, "cols")).collect()
    }

    fn pin(&self, pin: &RawPin) -> Result<Pin> {
        for side in [&pin.lhs, &pin.rhs] {
            let hex = side.value.len() == 64 && side.value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            if !hex && !side.value.is_empty() {
                let hint =
                    "copy lhs_sha256 and rhs_sha256 of the diff: 64 lower-case hex digits, \"\" for an absent row";
                return Err(self.error(side, "not a SHA-256", hint));
            }
        }
        Ok(Pin { lhs: pin.lhs.value.clone(), rhs: pin.rhs.value.clone() })
    }

    fn justification(&self, value: &Spanned<String>) -> Result<String> {
        let length = value.value.trim().chars().count();
        if length < MIN_JUSTIFICATION {
            let message = format!("the justification has {length} characters; at least {MIN_JUSTIFICATION} are needed");
            return Err(self.error(value, message, WHY));
        }
        self.meant(value, "justification", WHY)
    }

    fn owner(&self, value: &Spanned<String>) -> Result<String> {
        self.text(value, "owner")?;
        self.meant(value, "owner", "name who sees to it that the difference ends")
    }

    fn meant(&self, value: &Spanned<String>, field: &str, hint: &str) -> Result<String> {
        match yaml::is_placeholder(&value.value) {
            true => Err(self.error(value, format!("`{field}` is still a placeholder"), hint)),
            false => Ok(value.value.clone()),
        }
    }

    fn times(&self, raw: &Spanned<RawEntry>, max_ttl_ms: i64) -> Result<(i64, i64)> {
        let r = &raw.value;
        let created = self.time(&r.created, "created")?;
        let (expires, given) = match (&r.ttl, &r.expires) {
            (Some(_), Some(expires)) => {
                return Err(self.error(expires, "`ttl` and `expires` are both given", "keep one of them"));
            }
            (None, None) => {
                let hint = "add ttl: 14d, or expires: with an RFC 3339 time";
                return Err(self.error(raw, format!("the exception {} never expires", r.id.value), hint));
            }
            (Some(ttl), None) => (created.saturating_add(self.duration(ttl, "ttl")?), ttl),
            (None, Some(expires)) => (self.time(expires, "expires")?, expires),
        };
        if expires <= created {
            return Err(self.error(given, "expires before it is created", "write a later time"));
        }
        if expires - created > max_ttl_ms {
            let message = format!("the exception lives longer than the limit of {}", days(max_ttl_ms));
            return Err(self.error(given, message, "shorten it; max_ttl of the list and --max-ttl set the limit"));
        }
        Ok((created, expires))
    }

    fn time(&self, value: &Spanned<String>, field: &str) -> Result<i64> {
        parse_rfc3339_ms(&value.value, field)
            .map_err(|e| e.at(self.file, value.referenced.line(), Some(value.referenced.column())))
    }

    fn duration(&self, value: &Spanned<String>, field: &str) -> Result<i64> {
        match parse_duration_ms(&value.value) {
            Ok(ms) if ms > 0 => Ok(ms),
            Ok(_) => Err(self.error(value, format!("`{field}` is zero"), "write it like 12h or 14d")),
            Err(message) => Err(self.error(value, format!("{field}: {message}"), "a whole number and a unit")),
        }
    }
}

fn days(ms: i64) -> String {
    match ms % 86_400_000 {
        0 => counted((ms / 86_400_000) as u64, "day"),
        _ => format!("{} s", ms / 1000),
    }
}

#[cfg(test)]
mod tests;
