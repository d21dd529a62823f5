//! The key that `explain` looks for, as people write it.

use crate::diff::canon::number;
use crate::json::scan::{self, Kind};
use crate::json::text::{Lone, decode, encode};

/// Key bodies (`"acme",10204`) that mean the wanted key; which one a table has follows from its column types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `tenant/id`, for messages.
    pub shown: String,
    kind: Option<String>,
    /// A kind that the key itself names, and the body.
    bodies: Vec<(Option<String>, Vec<u8>)>,
}

impl Wanted {
    /// `TENANT/ID`, or a JSON array of tenant and id, with or without the kind before them.
    pub fn parse(text: &str, kind: Option<&str>) -> Result<Wanted, String> {
        if text.starts_with('[') {
            return Wanted::from_array(text, kind);
        }
        match text.split_once('/') {
            Some((tenant, id)) if !id.is_empty() => Ok(Wanted::of(tenant, id, kind)),
            _ => Err(format!("`{text}` is no key: TENANT/ID or a JSON array was expected")),
        }
    }

    /// Tenant and id as records show them.
    pub fn of(tenant: &str, id: &str, kind: Option<&str>) -> Wanted {
        let mut ids = spellings(id);
        if let Ok(parts) = elements(id)
            && parts.len() > 1
        {
            ids.push(parts.join(&b','));
        }
        let mut bodies = Vec::new();
        for tenant in spellings(tenant) {
            bodies.extend(ids.iter().map(|id| (None, [tenant.as_slice(), b",", id].concat())));
        }
        Wanted { shown: format!("{tenant}/{id}"), kind: kind.map(str::to_owned), bodies }
    }

    fn from_array(text: &str, kind: Option<&str>) -> Result<Wanted, String> {
        let parts = elements(text)?;
        if parts.len() < 2 {
            return Err(format!("`{text}` names no id: a key is [tenant, id]"));
        }
        let mut bodies = vec![(None, parts.join(&b','))];
        let first = serde_json::from_slice::<String>(&parts[0]);
        if let (Ok(first), true) = (first, parts.len() > 2) {
            bodies.push((Some(first), parts[1..].join(&b',')));
        }
        Ok(Wanted { shown: text.to_owned(), kind: kind.map(str::to_owned), bodies })
    }

    /// Whether this is the key body of a row of that table.
    pub fn is(&self, kind: &str, body: &[u8]) -> bool {
        let of_kind = |wanted: &Option<String>| wanted.as_deref().is_none_or(|k| k == kind);
        of_kind(&self.kind) && self.bodies.iter().any(|(k, b)| b == body && of_kind(k))
    }
}

/// A text as a canonical string and, where it is one, as a canonical number.
fn spellings(text: &str) -> Vec<Vec<u8>> {
    let mut string = Vec::new();
    encode(text.as_bytes(), &mut string);
    let mut all = vec![string];
    let is_number = scan::document(text.as_bytes()).is_ok_and(|span| span.kind == Kind::Number);
    let mut number = Vec::new();
    if is_number && number::write_decimal(text.trim().as_bytes(), &mut number).is_ok() {
        all.push(number);
    }
    all
}

/// The canonical texts of an array's elements.
fn elements(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let b = text.as_bytes();
    let wrong = || format!("`{text}` is no JSON array of tenant and id");
    let array = scan::document(b).ok().filter(|s| s.kind == Kind::Array).ok_or_else(wrong)?;
    let mut all = Vec::new();
    scan::elements(b, array, |span| {
        let mut out = Vec::new();
        match span.kind {
            Kind::Plain | Kind::Escaped => {
                let mut plain = Vec::new();
                decode(span.inner(b), Lone::Refuse, &mut plain)?;
                encode(&plain, &mut out);
            }
            Kind::Number if number::write_decimal(span.raw(b), &mut out).is_ok() => {}
            Kind::True | Kind::False => out.extend_from_slice(span.raw(b)),
            _ => return scan::fault(span.start as usize, "a text or a number was expected"),
        }
        all.push(out);
        Ok(())
    })
    .map_err(|f| format!("{}: {}", wrong(), f.what))?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Wanted {
        Wanted::parse(text, None).unwrap()
    }

    #[test]
    fn a_key_as_tenant_and_id_fits_texts_and_numbers() {
        let key = wanted("acme/10204");
        assert!(key.is("audit", br#""acme",10204"#) && key.is("audit", br#""acme","10204""#));
        assert!(!key.is("audit", br#""acme",10205"#) && !key.is("audit", br#""acme",1"#));
        assert!(wanted("7/1").is("t", br#"7,1"#) && wanted("a/b/c").is("t", br#""a","b/c""#));
        assert!(wanted("a/[1,\"b\"]").is("t", br#""a",1,"b""#));
        assert!(wanted("a/1.50").is("t", br#""a",1.5"#));
    }

    #[test]
    fn a_key_as_an_array_names_odd_tenants() {
        assert!(wanted(r#"[ "a/b", 1.0 ]"#).is("t", br#""a/b",1"#));
        assert!(!wanted(r#"["a","1"]"#).is("t", br#""a",1"#));
        let with_kind = wanted(r#"["audit","acme",1]"#);
        assert!(with_kind.is("audit", br#""acme",1"#) && !with_kind.is("other", br#""acme",1"#));
        assert!(with_kind.is("other", br#""audit","acme",1"#));
        assert!(!Wanted::parse("a/1", Some("x")).unwrap().is("y", br#""a",1"#));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in ["acme", "acme/", "[1", "[\"a\"]", "[\"a\",null]", "[\"a\",{}]"] {
            assert!(Wanted::parse(bad, None).is_err(), "{bad}");
        }
    }
}
