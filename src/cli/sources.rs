//! `--mirror` and `--proxy`, in the order in which they are given.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::source::{Given, MirrorRule, Proxies};

const MIRROR: &str = "mirror";
const PROXY: &str = "proxy";

/// The sources on the command line.
#[derive(Clone, Debug, Default)]
pub(super) struct GivenSources(pub(super) Vec<Given>);

impl FromArgMatches for GivenSources {
    fn from_arg_matches(matches: &ArgMatches) -> Result<GivenSources, Error> {
        let mirrors = placed(matches, MIRROR, Given::Mirror);
        let proxies = placed(matches, PROXY, Given::Proxies);
        let mut placed: Vec<(usize, Given)> = mirrors.chain(proxies).collect();
        placed.sort_by_key(|(place, _)| *place);
        Ok(GivenSources(
            placed.into_iter().map(|(_, given)| given).collect(),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = GivenSources::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Gives the values of an option, each with its place on the command line.
fn placed<'a, T: Clone + Send + Sync + 'static>(
    matches: &'a ArgMatches,
    name: &str,
    given: impl Fn(T) -> Given + 'a,
) -> impl Iterator<Item = (usize, Given)> + 'a {
    let places = matches.indices_of(name).into_iter().flatten();
    let values = matches.get_many::<T>(name).into_iter().flatten();
    places.zip(values.cloned().map(given))
}

impl Args for GivenSources {
    fn augment_args(command: Command) -> Command {
        let mirror = Arg::new(MIRROR)
            .short('m')
            .long(MIRROR)
            .value_name("[PREFIX=]REPO[//SUBDIR]")
            .action(ArgAction::Append)
            .value_parser(parse::<MirrorRule>)
            .help("Read modules from this git repository; may be repeated")
            .long_help(
                "Read modules from this git repository; may be repeated\n\n\
                 REPO is `host/owner/name`, a git URL (https, http, ssh, git, file, `user@host:path`), a local \
                 repository, or a file made by `git bundle create`. With PREFIX it serves every module at or below \
                 that path, and PREFIX is the path at the root of the repository (at its folder SUBDIR, if that is \
                 given). Without PREFIX it serves the modules on the command line, and the root is worked out from \
                 path, tags and go.mod files. Several mirrors for one path are tried in order. Without any, the \
                 rules of gomodcache.toml and the built-in table tell: see `gomodcache mirrors`.",
            );
        let proxy = Arg::new(PROXY)
            .long(PROXY)
            .value_name("LIST")
            .action(ArgAction::Append)
            .value_parser(parse::<Proxies>)
            .help("Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself")
            .long_help(
                "Ask these module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself\n\n\
                 The URLs are https, http or file. After a comma the next one is asked when this one has not what is \
                 wanted (404, 410), after a bar when there is any error. `direct` at the end means the mirrors of \
                 the rules and the forges; without it they are not asked. Mirrors and proxies are asked in the order \
                 in which they are given. Modules that GONOPROXY or GOPRIVATE names are never asked of a proxy.",
            );
        command.arg(mirror).arg(proxy)
    }

    fn augment_args_for_update(command: Command) -> Command {
        GivenSources::augment_args(command)
    }
}

/// Parses an argument; clap wants the error as text.
pub(super) fn parse<T: std::str::FromStr<Err = anyhow::Error>>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|error: anyhow::Error| format!("{error:#}"))
}
