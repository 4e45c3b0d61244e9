//! What a user can set about connections to repositories.

use std::path::PathBuf;

use crate::web::{Client, Settings};

/// How servers are reached; every value comes from the caller, none from the environment.
///
/// `Default` gives the default [`Settings`] and `ssh` from the search path.
#[derive(Clone, Debug)]
pub struct TransportSettings {
    /// What HTTP goes through. Its limits of time and its retries are also those of ssh and `git://`.
    pub client: Client,
    /// Shell text to run in place of `ssh` (`GIT_SSH_COMMAND`); wins over `git_ssh`.
    pub git_ssh_command: Option<String>,
    /// Program to run in place of `ssh` (`GIT_SSH`).
    pub git_ssh: Option<PathBuf>,
}

impl From<Settings> for TransportSettings {
    fn from(settings: Settings) -> TransportSettings {
        TransportSettings {
            client: Client::new(settings),
            git_ssh_command: None,
            git_ssh: None,
        }
    }
}

impl Default for TransportSettings {
    fn default() -> TransportSettings {
        Settings::default().into()
    }
}
