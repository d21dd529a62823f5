//! Reviewed grants: access that a change may add because someone answers for it, until a day. YAML:
//!
//! ```yaml
//! version: 1
//! accept:
//!   - tenant: beta
//!     resource_tenant: beta
//!     max_points: 12          # more than was reviewed is not accepted
//!     owner: team-beta
//!     reason: Beta may read confidential audit records from December on
//!     expires: 2026-12-31T00:00:00Z
//! ```

use serde::Deserialize;

use super::code::Code;
use crate::clock::parse_rfc3339_ms;
use crate::error::{Error, Result};
use crate::record::finding::fingerprint;
use crate::record::tenant::{Access, Change};
use crate::record::{Finding, Severity};
use crate::text::counted;
use crate::yaml::{self, Fault, Kind, Location, Number, Spanned, is_placeholder, whole, written};

/// One reviewed grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub tenant: String,
    pub resource_tenant: String,
    pub max_points: u64,
    pub expires_ms: i64,
    pub expires: String,
    pub owner: String,
    /// Where it stands in the file, from 1.
    pub line: u64,
    pub column: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawList {
    version: Spanned<Number>,
    accept: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    tenant: Spanned<Option<String>>,
    resource_tenant: Spanned<Option<String>>,
    max_points: Spanned<Number>,
    owner: Spanned<String>,
    reason: Spanned<String>,
    expires: Spanned<String>,
}

pub fn parse(text: &str, file: &str) -> Result<Vec<Accepted>> {
    let raw: RawList = yaml::read_strictly(text).map_err(|fault| unreadable(fault, file))?;
    if whole(&raw.version, text).map_err(|fault| unreadable(fault, file))? != 1 {
        let message = format!("version {} of the list is not known", written(raw.version.referenced, text));
        return Err(yaml::at(raw.version.referenced, file, message).hint("this govctl reads `version: 1`"));
    }
    let mut all: Vec<Accepted> = Vec::new();
    for entry in raw.accept {
        let (place, entry) = (entry.referenced, accepted(entry, text, file)?);
        if let Some(first) = all.iter().find(|a| a.is_for(&entry.tenant, &entry.resource_tenant)) {
            return Err(yaml::at(place, file, format!("this grant stands on line {} already", first.line)));
        }
        all.push(entry);
    }
    Ok(all)
}

fn unreadable(fault: Fault, file: &str) -> Error {
    match fault.kind {
        Kind::Empty => fault.error(file).hint("a list of reviewed grants holds `version: 1` and `accept:`"),
        _ => fault.error(file),
    }
}

fn accepted(raw: Spanned<RawEntry>, text: &str, file: &str) -> Result<Accepted> {
    let error = |at: Location, message: String| yaml::at(at, file, message);
    let entry = raw.value;
    for (field, said) in [("owner", &entry.owner), ("reason", &entry.reason)] {
        if said.value.trim().is_empty() || is_placeholder(&said.value) {
            let message = format!("`{field}` is empty or still a placeholder");
            return Err(error(said.referenced, message).hint("say who answers for the grant, and why it is right"));
        }
    }
    let known = |id: Spanned<Option<String>>, field: &str| {
        let nobody =
            format!("`{field}` is null, a tenant that nobody knows: what strangers are granted cannot be accepted");
        id.value.ok_or_else(|| {
            error(id.referenced, nobody).hint("name a tenant of the list, or change the policy so that it denies them")
        })
    };
    let points = whole(&entry.max_points, text).map_err(|fault| fault.error(file))?;
    let max_points = u64::try_from(points).ok().filter(|points| *points > 0).ok_or_else(|| {
        error(entry.max_points.referenced, "`max_points` is not a whole number from 1 to 18446744073709551615".into())
            .hint("write how many points were reviewed; the access record says how many there are")
    })?;
    let expires_ms = parse_rfc3339_ms(&entry.expires.value, "expires").map_err(|e| {
        let place = entry.expires.referenced;
        e.at(file, place.line(), Some(place.column()))
    })?;
    Ok(Accepted {
        tenant: known(entry.tenant, "tenant")?,
        resource_tenant: known(entry.resource_tenant, "resource_tenant")?,
        max_points,
        expires_ms,
        expires: entry.expires.value,
        owner: entry.owner.value,
        line: raw.referenced.line(),
        column: raw.referenced.column(),
    })
}

/// Marks the grants that somebody answers for, and says which entries of the list, in `file`, have no effect.
pub fn accept(access: &mut [Access], list: &[Accepted], now_ms: i64, file: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for entry in list {
        let mut grants: Vec<&mut Access> = access.iter_mut().filter(|access| entry.names(access)).collect();
        let points = grants.iter().fold(0, |n: u64, access| n.saturating_add(access.points));
        if entry.expires_ms <= now_ms {
            findings.push(entry.finding(
                Code::AcceptanceExpired,
                file,
                &format!("was reviewed until {}", entry.expires),
            ));
        } else if grants.is_empty() {
            findings.push(entry.finding(Code::AcceptanceUnused, file, "is not made by the change"));
        } else if points > entry.max_points {
            let what = format!("has {}, and {} were reviewed", counted(points, "point"), entry.max_points);
            findings.push(entry.finding(Code::AcceptanceExceeded, file, &what));
        } else if grants.iter().any(|access| access.pairs > 1) {
            let what = "stands for other pairs of tenants too, which it does not name: compare with --mode full";
            findings.push(entry.finding(Code::AcceptanceExceeded, file, what));
        } else {
            for grant in &mut grants {
                grant.accepted_by = Some(entry.owner.clone());
                grant.severity = Severity::Note;
            }
        }
    }
    findings
}

impl Accepted {
    fn names(&self, access: &Access) -> bool {
        let (tenant, owner) = (access.tenant.as_deref(), access.resource_tenant.as_deref());
        access.change == Change::Granted && tenant.zip(owner).is_some_and(|(tenant, owner)| self.is_for(tenant, owner))
    }

    fn finding(&self, code: Code, file: &str, what: &str) -> Finding {
        let message = format!("the access of {} to what belongs to {} {what}", self.tenant, self.resource_tenant);
        let mut finding = Finding::new("tenant", code.as_str(), code.severity(), &self.tenant, message);
        finding.fingerprint = fingerprint(&["tenant", code.as_str(), &self.tenant, &self.resource_tenant]);
        (finding.file, finding.line, finding.column) = (Some(file.to_owned()), Some(self.line), Some(self.column));
        finding
    }

    pub fn is_for(&self, tenant: &str, resource_tenant: &str) -> bool {
        self.tenant == tenant && self.resource_tenant == resource_tenant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "version: 1\naccept:\n  - tenant: beta\n    resource_tenant: beta\n    max_points: 12\n    owner: team-beta\n    reason: reviewed with security\n    expires: 2026-12-31T00:00:00Z\n";

    fn refused(from: &str, to: &str) -> String {
        parse(&ENTRY.replacen(from, to, 1), "a.yaml").unwrap_err().to_string()
    }

    #[test]
    fn a_grant_has_an_owner_a_reason_a_size_and_an_end() {
        let all = parse(ENTRY, "a.yaml").unwrap();
        assert_eq!((all[0].max_points, all[0].expires_ms, all[0].line, all[0].column), (12, 1_798_675_200_000, 3, 5));
        assert!(refused("team-beta", "TODO").contains("a.yaml:6:12: `owner` is empty or still a placeholder"));
        assert!(refused("reviewed with security", "\"\"").contains("a.yaml:7:13: `reason` is empty"));
        for number in ["0", "-1", "99999999999999999999"] {
            assert!(
                refused("12", number).contains("a.yaml:5:17: `max_points` is not a whole number from 1"),
                "{number}"
            );
        }
        assert!(
            refused("2026-12-31T00:00:00Z", "soon").contains("a.yaml:8:14: expires: `soon` is not an RFC 3339 time")
        );
        assert!(refused("version: 1", "version: 2").contains("a.yaml:1:10: version 2"));
        assert!(refused("owner:", "ower:").contains("ower"));
        let said = refused("version: 1", "version: 99999999999999999999");
        assert!(said.contains("version 99999999999999999999 of"), "{said}");
        let twice = format!("{ENTRY}{}", &ENTRY[ENTRY.find("  - ").unwrap()..]);
        let said = parse(&twice, "a.yaml").unwrap_err().to_string();
        assert!(said.contains("a.yaml:9:5: this grant stands on line 3 already"), "{said}");
    }
    #[test]
    fn what_is_written_wrongly_is_said_in_words_of_the_file() {
        for (from, to, said) in [
            ("tenant: beta", "tenant: null", "a.yaml:3:13: `tenant` is null, a tenant that nobody knows"),
            ("tenant: beta", "tenant:", "a.yaml:3:"),
            ("resource_tenant: beta", "resource_tenant: ~", "a.yaml:4:22: `resource_tenant` is null"),
            ("tenant: beta", "tenant: [beta]", "a.yaml:3:13: a text is expected here"),
            ("tenant: beta", "tenant: no", "a.yaml:3:13: `no` is a bool or a number for some readers of YAML"),
            ("12", "many", "a.yaml:5:17: a whole number is expected here"),
            ("12", "1.5", "a.yaml:5:17: a whole number is expected here"),
            ("12", "012", "a.yaml:5:17: `012` is another number"),
            ("owner: team-beta", "owner: { name: beta }", "a.yaml:6:12: a text is expected here"),
            ("reason: reviewed with security", "reason:", "a.yaml:7:11: a text is expected here, and nothing stands"),
            (
                "2026-12-31T00",
                "2026-13-31T00",
                "a.yaml:8:14: expires: `2026-13-31T00:00:00Z` is a time that does not exist",
            ),
            ("    max_points: 12\n", "", "`max_points` is missing"),
        ] {
            let got = refused(from, to);
            assert!(got.contains(said), "{to}: {got}");
        }
        for (text, said) in [
            ("", "a.yaml:1:1: the file is empty"),
            ("version: 1\naccept: 5\n", "a.yaml:2:9: a list is expected here"),
            ("version: 1\naccept:\n  - beta\n", "a.yaml:3:5: a mapping is expected here"),
            ("- 5\n", "a.yaml:1:1: a mapping is expected here"),
        ] {
            let got = parse(text, "a.yaml").unwrap_err().to_string();
            assert!(got.contains(said), "{text:?}: {got}");
        }
    }
}
