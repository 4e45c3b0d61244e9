//! The character encoding that `working-tree-encoding` asks for.

use std::sync::Arc;

use anyhow::{Result, bail};

/// What happens to the encoding of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    /// It stays UTF-8, or whatever it is.
    #[default]
    Keep,
    /// The attribute is set without a value, upon which git gives up.
    Forbidden,
    /// The name of another encoding.
    Named(Arc<str>),
}

impl Encoding {
    pub(crate) fn named(name: &[u8]) -> Encoding {
        match String::from_utf8_lossy(name) {
            name if name.is_empty() => Encoding::Keep,
            name => Encoding::Named(name.into()),
        }
    }

    pub(super) fn encode(&self, content: Vec<u8>) -> Result<Vec<u8>> {
        match self {
            Encoding::Keep => Ok(content),
            Encoding::Forbidden => bail!("true/false are no valid working-tree-encodings"),
            Encoding::Named(name) => bail!("unsupported working-tree-encoding `{name}`"),
        }
    }
}
