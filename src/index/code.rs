#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Malformed,
    DigestMismatch,
    UnknownKey,
    BadSignature,
    WrongOrigin,
    WrongIndex,
    TsOrder,
    SeqGap,
    PrevMismatch,
    HeadMismatch,
    TotalMismatch,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub code: Code,
    pub message: String,
}
impl Wrong {
    pub fn new(code: Code, message: impl Into<String>) -> Wrong {
        Wrong { code, message: message.into() }
    }
}
