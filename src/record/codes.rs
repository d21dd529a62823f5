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

        impl serde::Serialize for Code {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for Code {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                let known = Code::ALL.iter().copied().find(|code| code.as_str() == text);
                known.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no finding code here")))
            }
        }
    };
}

pub(crate) use codes;
