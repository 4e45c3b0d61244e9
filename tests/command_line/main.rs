//! The scripts in `completions/` and the manual pages are what the program itself prints.

use std::path::Path;
use std::process::Command;

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gomodcache"))
        .args(arguments)
        .env_clear()
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Compares a file in `completions/` with what the program prints; `UPDATE_COMPLETIONS=1` rewrites it.
fn is_kept(name: &str, arguments: &[&str]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("completions")
        .join(name);
    let printed = printed(arguments);
    if std::env::var_os("UPDATE_COMPLETIONS").is_some() {
        std::fs::write(&file, &printed).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&file).expect("the file is there");
    assert!(
        kept == printed,
        "completions/{name} is out of date: run UPDATE_COMPLETIONS=1 cargo test --test command_line"
    );
}

#[test]
fn the_bash_completion_is_up_to_date() {
    is_kept("gomodcache.bash", &["completions", "bash"]);
}

#[test]
fn the_zsh_completion_is_up_to_date() {
    is_kept("_gomodcache", &["completions", "zsh"]);
}

#[test]
fn the_fish_completion_is_up_to_date() {
    is_kept("gomodcache.fish", &["completions", "fish"]);
}

#[test]
fn the_powershell_completion_is_up_to_date() {
    is_kept("_gomodcache.ps1", &["completions", "powershell"]);
}

#[test]
fn the_elvish_completion_is_up_to_date() {
    is_kept("gomodcache.elv", &["completions", "elvish"]);
}

#[test]
fn the_manual_pages_are_up_to_date() {
    is_kept("gomodcache.1", &["man"]);
    // The page names the pages of all commands.
    let page = printed(&["man"]);
    let named = |line| str::strip_prefix(line, r"gomodcache\-")?.strip_suffix("(1)");
    let commands: Vec<&str> = page.lines().filter_map(named).collect();
    assert!(commands.contains(&"fetch"), "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        is_kept(&format!("gomodcache-{command}.1"), &["man", command]);
    }
}

#[test]
fn the_help_of_fetch_has_examples() {
    let help = printed(&["fetch", "--help"]);
    for example in [
        "--mirror github.com/golang/text",
        "--all-versions",
        "GOPROXY=off go build",
    ] {
        assert!(help.contains(example), "no {example} in\n{help}");
    }
}
