//! The keys of a publisher.

use crate::cmd::key;
use crate::error::{Error, Result};
use crate::key::{ed25519, p256};

pub struct Keys {
    pub entry: p256::Private,
    pub log: ed25519::Private,
}

impl Keys {
    pub fn read(entry: Option<&str>, log: Option<&str>) -> Result<Keys> {
        let given = |value: Option<&str>, flag: &str| {
            let missing = || Error::usage(format!("{flag} is needed to publish"));
            value
                .map(str::to_owned)
                .ok_or_else(|| missing().hint("a new index has its keys made: index publish --init --keys keys"))
        };
        let (entry, log) = (given(entry, "--entry-key")?, given(log, "--log-key")?);
        Ok(Keys { entry: key::private(&entry)?, log: key::private_ed25519(&log)? })
    }
}
