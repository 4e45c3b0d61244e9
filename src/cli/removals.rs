//! What goes out of a cache, and what has gone.

use std::time::SystemTime;

use anyhow::{Result, ensure};

use super::duration::length;
use super::table::{human, size, table, versions_in_words};
use super::{Exit, Output};
use crate::cache::Removed;
use crate::ops::{Removal, Stored};
use crate::web::Interrupted;

/// Prints what would go.
pub(super) fn render_plan(versions: &[Stored], output: &Output) -> Result<()> {
    print(versions.iter(), output)?;
    let bytes: u64 = versions.iter().map(Stored::size).sum();
    let count = versions_in_words(versions.len());
    output.status(format!("would remove {count} and free {}", human(bytes)));
    Ok(())
}

/// Prints what has gone of so many versions that were to go, and what has not.
///
/// # Errors
/// [`Interrupted`] where the user has ended it early.
pub(super) fn render(removals: &[Removal], planned: usize, output: &Output) -> Result<Exit> {
    let mut exit = Exit::Done;
    let is_gone = |removal: &&Removal| matches!(removal.result, Ok(Removed::Yes));
    let gone = removals.iter().filter(is_gone).map(|it| &it.stored);
    print(gone.clone(), output)?;
    for Removal { stored, result } in removals {
        let module = &stored.module;
        match result {
            Ok(Removed::Yes) => {}
            Ok(Removed::InUse) => output.status(format!("{module} is in use, and stays")),
            Err(error) => {
                exit = exit.max(Exit::of(error));
                output.error(Some(&format!("failed to remove `{module}`")), error);
            }
        }
    }
    let bytes: u64 = gone.clone().map(Stored::size).sum();
    let count = versions_in_words(gone.count());
    output.status(format!("removed {count}, freed {}", human(bytes)));
    ensure!(removals.len() == planned, Interrupted);
    Ok(exit)
}

/// Gives the bytes of what was to go and has not.
pub(super) fn left(removals: &[Removal]) -> u64 {
    let is_left = |removal: &&Removal| !matches!(removal.result, Ok(Removed::Yes));
    let left = removals.iter().filter(is_left);
    left.map(|removal| removal.stored.size()).sum()
}

fn print<'s>(versions: impl Iterator<Item = &'s Stored>, output: &Output) -> Result<()> {
    let now = SystemTime::now();
    let row = |stored: &Stored| {
        vec![
            stored.module.to_string(),
            size(stored.size()),
            used(stored, now),
        ]
    };
    let rows: Vec<Vec<String>> = versions.map(row).collect();
    output.data(table(&rows).as_bytes())
}

/// Says how long ago a version was last used.
pub(super) fn used(stored: &Stored, now: SystemTime) -> String {
    match stored.last_used {
        Some(used) => length(now.duration_since(used).unwrap_or_default()),
        None => "-".to_owned(),
    }
}
