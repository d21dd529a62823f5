//! The table of a noun's finding codes: an enum whose every code has a severity, a meaning and advice.

macro_rules! codes {
    ($($variant:ident $code:literal $severity:ident $meaning:literal $advice:literal;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($variant),+ }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];

            pub fn doc(self) -> $crate::record::Doc {
                match self {
                    $(Code::$variant => $crate::record::Doc {
                        code: $code,
                        severity: $crate::record::Severity::$severity,
                        meaning: $meaning,
                        advice: $advice,
                    }),+
                }
            }

            pub fn as_str(self) -> &'static str {
                self.doc().code
            }

            pub fn severity(self) -> $crate::record::Severity {
                self.doc().severity
            }
        }
    };
}

pub(crate) use codes;
