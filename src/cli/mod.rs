//! The command line: one file a command, each a clap struct, a call into [`crate::ops`] and the rendering.

mod bundles;
mod causes;
mod check;
mod completions;
mod duration;
mod env;
mod exit;
mod fetch;
mod hints;
mod inspect;
mod interrupt;
mod list;
mod man;
mod manifest;
mod mirrors;
mod output;
mod pack;
mod progress;
mod projects;
mod prune;
mod removals;
mod rm;
mod seed;
mod serve;
mod settings;
mod size;
mod sources;
mod table;
mod toolchains;
mod unpack;
mod verification;
mod verify;
mod versions;

use clap::{CommandFactory, Parser, Subcommand};

use crate::goenv::GoEnv;

pub use exit::Exit;
use output::{ColorWhen, Output, Verbosity};
pub use size::ByteSize;

/// The place in the help of options that every command has: behind its own, of which `serve` has many.
const LAST: usize = 900;

/// Fill the Go module cache from git mirrors and module proxies, byte for byte as the go command would
///
/// Where golang.org and other module hosts cannot be reached, a git mirror often can. gomodcache reads a
/// module version from a mirror, gives it its canonical path, and writes what `go mod download` would have
/// written, with the same checksums. It needs neither Go nor git.
#[derive(Debug, Parser)]
#[command(
    name = "gomodcache",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_long_help = "Exit codes:\n  0  done\n  1  something failed; the rest has been done\n  2  the command line is wrong\n  3  content differs from a recorded sum, or from what the cache has\n  130  interrupted\n"
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// Print no status, only errors
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = LAST)]
    quiet: bool,

    /// Print a status line for each version
    #[arg(short, long, global = true, display_order = LAST + 1)]
    verbose: bool,

    /// When to use color on stderr; NO_COLOR turns `auto` off
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = LAST + 2)]
    color: ColorWhen,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fetch(fetch::Fetch),
    Seed(seed::Seed),
    Check(check::Check),
    Serve(serve::Serve),
    Pack(pack::Pack),
    Unpack(unpack::Unpack),
    Inspect(inspect::Inspect),
    Manifest(manifest::ManifestCommand),
    List(list::List),
    Versions(versions::Versions),
    Verify(verify::Verify),
    Rm(rm::Rm),
    Prune(prune::Prune),
    Mirrors(mirrors::MirrorsCommand),
    Env(env::Env),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the program on the process's arguments and gives the exit code.
pub fn run() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let env = GoEnv::load();
    let verbosity = match (arguments.quiet, arguments.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let output = Output::new(verbosity, arguments.color, &env);
    let result = match &arguments.command {
        Command::Fetch(command) => command.run(&env, &output),
        Command::Seed(command) => command.run(&env, &output),
        Command::Check(command) => command.run(&env, &output),
        Command::Serve(command) => command.run(&env, &output),
        Command::Pack(command) => command.run(&env, &output),
        Command::Unpack(command) => command.run(&env, &output),
        Command::Inspect(command) => command.run(&env, &output),
        Command::Manifest(command) => command.run(&env, &output),
        Command::List(command) => command.run(&env, &output),
        Command::Versions(command) => command.run(&env, &output),
        Command::Rm(command) => command.run(&env, &output),
        Command::Prune(command) => command.run(&env, &output),
        Command::Verify(command) => command.run(&env, &output),
        Command::Mirrors(command) => command.run(&env, &output),
        Command::Env(command) => command.run(&env, &output),
        Command::Completions(command) => command.run(&output),
        Command::Man(command) => command.run(&output),
    };
    let exit = result.unwrap_or_else(|error| {
        output.error(None, &error);
        Exit::of(&error)
    });
    exit.into()
}

/// The whole command line as clap has it, for completions and the manual page.
fn command() -> clap::Command {
    Arguments::command()
}
