//! A token for the repositories and the proxy of a rule, which an environment variable has.

use std::fmt;

use anyhow::{Context, Result, ensure};

use crate::web::UserInfo;

/// Whom servers see where a rule does not say: GitHub wants this name, and others take any.
const USER: &str = "x-access-token";

/// The name of the variable, and in time what it has.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token {
    user: String,
    variable: String,
    value: Option<String>,
}

impl Token {
    /// Names a variable, and the user that goes with it.
    ///
    /// # Errors
    /// A name that no variable has, such as one of the tokens themselves, which is not shown; a user that cannot be
    /// sent.
    pub(super) fn new(variable: &str, user: Option<&str>) -> Result<Token> {
        let fits = |character: char| character.is_ascii_alphanumeric() || character == '_';
        ensure!(
            !variable.is_empty()
                && variable.chars().all(fits)
                && !variable.starts_with(|first: char| first.is_ascii_digit()),
            "`token_env` is the name of an environment variable, such as \"GIT_TOKEN\", and not the token"
        );
        let user = user.unwrap_or(USER);
        ensure!(
            !user.is_empty()
                && !user.contains(|character: char| character == ':' || character.is_control()),
            "the user name is empty, or has a colon or control character"
        );
        Ok(Token {
            user: user.to_owned(),
            variable: variable.to_owned(),
            value: None,
        })
    }

    /// Looks the variable up.
    pub(super) fn read(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        self.value = variable(&self.variable).filter(|value| !value.is_empty());
    }

    /// Gives what servers want to see.
    ///
    /// # Errors
    /// A variable that is not set.
    pub(super) fn login(&self) -> Result<UserInfo> {
        let value = self.value.clone();
        let unset = || {
            format!(
                "the environment variable {} is not set, which has the token for what its rule names",
                self.variable
            )
        };
        Ok(UserInfo {
            user: self.user.clone(),
            password: value.with_context(unset)?,
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token({})", self.variable)
    }
}
