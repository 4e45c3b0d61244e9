//! What the user asks for.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};

use crate::module::ModulePath;

/// A module and a version query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The module path.
    pub path: ModulePath,
    /// The query after `@`, if there was one.
    pub query: Option<String>,
}

impl FromStr for Request {
    type Err = anyhow::Error;

    /// Parses `path[@query]`.
    fn from_str(text: &str) -> Result<Request> {
        let (path, query) = match text.split_once('@') {
            Some((_, "")) => bail!("the version after `@` is missing"),
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (text, None),
        };
        if path.contains('\\') {
            bail!("module paths never use backslash");
        }
        Ok(Request {
            path: ModulePath::new(path)?,
            query,
        })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.query {
            Some(query) => write!(formatter, "{}@{query}", self.path),
            None => write!(formatter, "{}", self.path),
        }
    }
}

/// Which versions of the requested modules are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one that the query names; `latest` without a query.
    Query,
    /// All that `go list -m -versions` lists, retracted ones too.
    AllVersions,
}

/// Of which versions metadata is written besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Of those only that are fetched or looked at.
    AsNeeded,
    /// Of every version that a tag gives, so that queries work offline.
    Metadata,
}
