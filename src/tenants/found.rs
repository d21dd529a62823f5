//! One mistake in tenants.yaml or routes.yaml.

use super::code::Code;
use crate::found::{self, Coded};
use crate::record::Severity;
use crate::yaml::{Fault, Kind};

pub type Found = found::Found<Code>;

impl Coded for Code {
    const SOURCE: &'static str = "tenant";

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn severity(self) -> Severity {
        self.doc().severity
    }
}

impl Found {
    /// A mistake of structure at a place that is known better than the file alone.
    pub fn of(fault: Fault, subject: &str, field: &str) -> Found {
        Found { subject: subject.to_owned(), field: field.to_owned(), ..fault.into() }
    }
}

impl From<Fault> for Found {
    fn from(fault: Fault) -> Found {
        let code = match fault.kind {
            Kind::Syntax => Code::YamlSyntax,
            Kind::Feature => Code::YamlFeature,
            Kind::Ambiguous => Code::AmbiguousScalar,
            Kind::DuplicateKey => Code::DuplicateKey,
            Kind::UnknownKey => Code::UnknownKey,
            Kind::MissingKey | Kind::Empty => Code::MissingKey,
            Kind::WrongType => Code::WrongType,
            Kind::Limit => Code::OverLimit,
        };
        let (field, empty) = (fault.message.clone(), fault.kind == Kind::Empty);
        let schema = || "`govctl tenant schema` says what belongs in it".to_owned();
        let hint = fault.hint.or_else(|| empty.then(schema));
        Found { hint, ..Found::new(code, fault.place, "", field, fault.message) }
    }
}
