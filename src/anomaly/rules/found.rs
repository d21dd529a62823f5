//! One mistake in adaptive.yaml or in a parameter file.

use crate::anomaly::code::Code;
use crate::found::{self, Coded};
use crate::record::Severity;
use crate::yaml::{Fault, Kind};

pub type Found = found::Found<Code>;

impl Coded for Code {
    const SOURCE: &'static str = "anomaly";

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn severity(self) -> Severity {
        self.doc().severity
    }
}

impl From<Fault> for Found {
    fn from(fault: Fault) -> Found {
        let code = match fault.kind {
            Kind::Syntax | Kind::Feature | Kind::DuplicateKey | Kind::Limit => Code::RulesSyntax,
            Kind::Ambiguous => Code::RulesAmbiguous,
            Kind::UnknownKey => Code::UnknownField,
            Kind::Empty | Kind::MissingKey => Code::FieldMissing,
            Kind::WrongType => Code::FieldType,
        };
        let field = fault.message.clone();
        Found { hint: fault.hint, ..Found::new(code, fault.place, "", &field, fault.message) }
    }
}
