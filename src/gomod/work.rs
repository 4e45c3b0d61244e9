//! The go.work file of a workspace.

use super::arguments::{self, Strictness};
use super::syntax::{Position, Problem, Statement, SyntaxError};
use super::{Replace, decode, parser};

/// What a go.work file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoWork {
    /// The go version.
    pub go: Option<String>,
    /// The toolchain.
    pub toolchain: Option<String>,
    /// The settings `key=value`.
    pub godebug: Vec<(String, String)>,
    /// The folders of the modules of the workspace, as written.
    pub used: Vec<String>,
    /// The replacements.
    pub replace: Vec<Replace>,
}

/// Reads a go.work file; what is unknown or not canonical is an error. `file` is its name in errors.
/// Rule: `modfile.ParseWork` without a version fixer.
pub fn parse_work(file: &str, data: &[u8]) -> Result<GoWork, SyntaxError> {
    let text = decode(data);
    let mut work = GoWork::default();
    let mut problems = Vec::new();
    let mut report = |position: Position, message: String| {
        problems.push(Problem::new(file, position, message));
    };
    for statement in parser::read(file, &text)? {
        match statement {
            Statement::Comments(_) => {}
            Statement::Line(line) => {
                if let Some((verb, arguments)) = line.tokens.split_first() {
                    work.read_line(verb, arguments)
                        .unwrap_or_else(|error| report(line.start, error));
                }
            }
            Statement::Block(block) => match block.tokens.as_slice() {
                [verb @ ("godebug" | "use" | "replace")] => {
                    for line in &block.lines {
                        work.read_line(verb, &line.tokens)
                            .unwrap_or_else(|error| report(line.start, error));
                    }
                }
                tokens => report(
                    block.start,
                    format!("unknown block type: {}", tokens.join(" ")),
                ),
            },
        }
    }
    if problems.is_empty() {
        Ok(work)
    } else {
        Err(SyntaxError { problems })
    }
}

impl GoWork {
    fn read_line(&mut self, verb: &str, arguments: &[&str]) -> Result<(), String> {
        match verb {
            "go" if self.go.is_some() => return Err("repeated go statement".into()),
            "go" => self.go = Some(arguments::go(arguments, Strictness::Strict)?.to_owned()),
            "toolchain" if self.toolchain.is_some() => {
                return Err("repeated toolchain statement".into());
            }
            "toolchain" => self.toolchain = Some(arguments::toolchain(arguments)?),
            "godebug" => self.godebug.push(arguments::godebug(arguments)?),
            "use" => self
                .used
                .push(arguments::only_path(arguments, "usage: use local/dir")?),
            "replace" => self.replace.push(arguments::replace(arguments)?),
            _ => return Err(format!("unknown directive: {verb}")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gomod::Replacement;

    #[test]
    fn a_workspace_is_read() {
        let text =
            b"go 1.22.0\ntoolchain go1.23.1\nuse .\nuse (\n\t./tools // ours\n\t\"my dir\"\n)\n\
                     replace example.com/x => ../x\ngodebug default=go1.21\n";
        let work = parse_work("go.work", text).unwrap();
        assert_eq!(work.go.as_deref(), Some("1.22.0"));
        assert_eq!(work.toolchain.as_deref(), Some("go1.23.1"));
        assert_eq!(work.used, [".", "./tools", "my dir"]);
        assert_eq!(
            work.replace[0].replacement,
            Replacement::Directory("../x".into())
        );
        assert_eq!(work.godebug, [("default".to_owned(), "go1.21".to_owned())]);
    }

    #[test]
    fn all_faults_of_a_workspace_are_told() {
        let error = parse_work(
            "go.work",
            b"go 1.22\ngo 1.23\nmodule x\nuse (\n\ta b\n)\nrequire (\n)\n",
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "go.work:2: repeated go statement\n\
             go.work:3: unknown directive: module\n\
             go.work:5:2: usage: use local/dir\n\
             go.work:7: unknown block type: require"
        );
    }
}
