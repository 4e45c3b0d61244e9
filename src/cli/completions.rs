//! `gomodcache completions`.

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

use super::{Exit, Output};

/// Print the completion script for a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gomodcache completions bash > ~/.local/share/bash-completion/completions/gomodcache"
)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, output: &Output) -> Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "gomodcache", &mut script);
        output.data(&script)?;
        Ok(Exit::Done)
    }
}
