//! One request, asked of go and of us over the same repository, and everything compared.

use super::comparison::{Comparison, Way};
use super::mirror::Mirror;
use super::{oracle, unless};
use libtest_mimic::Trial;

/// What go is expected to do, so that a case shows the rule that it is there for.
#[derive(Clone)]
pub(super) enum Expected {
    Version(String),
    Refusal(String),
    /// Whatever go does is right.
    Anything,
}

/// One request over one repository.
#[derive(Clone)]
pub(crate) struct Case {
    pub(super) name: String,
    pub(super) mirror: Mirror,
    pub(super) root: String,
    pub(super) subdirectory: Option<String>,
    pub(super) request: String,
    pub(super) expected: Expected,
    pub(super) main_module: Option<String>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) go_env_file: Option<String>,
    pub(super) over_git_protocol: bool,
    pub(super) umask: Option<&'static str>,
    pub(super) ways: Vec<Way>,
}

/// Makes the tests of a group of cases.
pub(crate) fn trials(group: &str, cases: Vec<Case>) -> Vec<Trial> {
    cases.into_iter().map(|case| case.trial(group)).collect()
}

/// Begins a case: over `mirror`, which is the repository of `example.com/m`, fetch `request`.
pub(crate) fn case(name: &str, mirror: Mirror, request: &str) -> Case {
    Case {
        name: name.to_owned(),
        mirror,
        root: "example.com/m".to_owned(),
        subdirectory: None,
        request: request.to_owned(),
        expected: Expected::Anything,
        main_module: None,
        environment: Vec::new(),
        go_env_file: None,
        over_git_protocol: false,
        umask: None,
        ways: vec![Way::Folder, Way::Guessed, Way::Bundle, Way::Remote],
    }
}

impl Case {
    /// Expects success with this version.
    pub(crate) fn gives(mut self, version: &str) -> Case {
        self.expected = Expected::Version(version.to_owned());
        self
    }

    /// Expects a refusal, and these words in go's reason.
    pub(crate) fn refused(mut self, reason: &str) -> Case {
        self.expected = Expected::Refusal(reason.to_owned());
        self
    }

    /// Gives the repository's root another import path than `example.com/m`.
    pub(crate) fn root(mut self, root: &str) -> Case {
        root.clone_into(&mut self.root);
        self
    }

    /// Lets the root's import path stand for a folder of the repository (four-field meta tag).
    pub(crate) fn subdirectory(mut self, folder: &str) -> Case {
        self.subdirectory = Some(folder.to_owned());
        self.ways.retain(|way| *way != Way::Guessed);
        self
    }

    /// Asks in a folder with this go.mod.
    pub(crate) fn inside(mut self, go_mod: &str) -> Case {
        self.main_module = Some(go_mod.to_owned());
        self
    }

    /// Sets a variable for both programs.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Case {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets both programs read this go env file.
    pub(crate) fn go_env_file(mut self, content: &str) -> Case {
        self.go_env_file = Some(content.to_owned());
        self
    }

    /// Runs both programs under a umask.
    pub(crate) fn umask(mut self, mask: &'static str) -> Case {
        self.umask = Some(mask);
        self
    }

    /// Serves the repository with `git daemon` at a `git://` URL, to go and to us.
    pub(crate) fn over_git_protocol(mut self) -> Case {
        self.over_git_protocol = true;
        self.ways = vec![Way::Remote];
        self
    }

    /// Leaves out the bundle: what is to be tested does not survive `git bundle create`.
    pub(crate) fn not_as_a_bundle(mut self) -> Case {
        self.ways.retain(|way| *way != Way::Bundle);
        self
    }

    /// Leaves out the way in which the root's import path has to be found out.
    pub(crate) fn not_guessed(mut self) -> Case {
        self.ways.retain(|way| *way != Way::Guessed);
        self
    }

    /// Leaves out all ways but the folder, for cases that are long.
    pub(crate) fn only_as_a_folder(mut self) -> Case {
        self.ways = vec![Way::Folder];
        self
    }

    /// Makes the test of this case.
    fn trial(self, group: &str) -> Trial {
        let name = format!("{group}::{}", self.name.replace(' ', "_"));
        unless(oracle::missing, name, move || Comparison::new(&self).run())
    }
}
