//! `gomodcache man`.

use anyhow::Result;
use clap::Args;
use clap_mangen::Man as Page;

use super::{Exit, Output};

/// Print the manual page
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gomodcache man > /usr/local/share/man/man1/gomodcache.1\n  gomodcache man fetch | man -l -"
)]
pub(super) struct Man {
    /// The command to print the page of, instead of the program's
    command: Option<String>,
}

impl Man {
    pub(super) fn run(&self, output: &Output) -> Result<Exit> {
        let mut program = super::command();
        program.build();
        let command = match &self.command {
            None => program,
            Some(name) => match program.find_subcommand(name) {
                Some(command) => command.clone(),
                None => anyhow::bail!("there is no command `{name}`"),
            },
        };
        let mut page = Vec::new();
        Page::new(command.disable_help_subcommand(true)).render(&mut page)?;
        output.data(&page)?;
        Ok(Exit::Done)
    }
}
