//! Lines and blocks to the directives of a go.mod file.

use super::arguments::{self, Strictness};
use super::syntax::{Block, Comments, Line, Position, Problem, Statement, SyntaxError};
use super::{GoMod, Require, Retract, decode, parser};
use crate::module;

/// Reads a go.mod file; what is unknown or not canonical is an error. `file` is its name in errors.
/// Rule: `modfile.Parse` without a version fixer.
pub fn parse(file: &str, data: &[u8]) -> Result<GoMod, SyntaxError> {
    Reader::read(file, data, Strictness::Strict)
}

/// Reads the go.mod file of a dependency, of which only `module`, `go`, `require`, `retract` and
/// `ignore` count; retractions that are not understood are passed over. `file` is its name in errors.
/// Rule: `modfile.ParseLax` without a version fixer.
pub fn parse_lax(file: &str, data: &[u8]) -> Result<GoMod, SyntaxError> {
    Reader::read(file, data, Strictness::Lax)
}

struct Reader<'a> {
    file: &'a str,
    strictness: Strictness,
    go_mod: GoMod,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn read(file: &'a str, data: &[u8], strictness: Strictness) -> Result<GoMod, SyntaxError> {
        let text = decode(data);
        let statements = parser::read(file, &text)?;
        let mut reader = Reader {
            file,
            strictness,
            go_mod: GoMod::default(),
            problems: Vec::new(),
        };
        for statement in &statements {
            match statement {
                Statement::Comments(_) => {}
                Statement::Line(line) => {
                    if let Some((verb, arguments)) = line.tokens.split_first() {
                        reader.read_line(verb, arguments, line, None);
                    }
                }
                Statement::Block(block) => reader.read_block(block),
            }
        }
        match reader.problems.is_empty() {
            true => Ok(reader.go_mod),
            false => Err(SyntaxError {
                problems: reader.problems,
            }),
        }
    }

    fn read_block(&mut self, block: &Block<'_>) {
        match block.tokens.as_slice() {
            [
                verb @ ("module" | "godebug" | "require" | "exclude" | "replace" | "retract"
                | "tool" | "ignore"),
            ] => {
                for line in &block.lines {
                    self.read_line(verb, &line.tokens, line, Some(block));
                }
            }
            tokens if self.strictness == Strictness::Strict => {
                self.report(
                    block.start,
                    format!("unknown block type: {}", tokens.join(" ")),
                );
            }
            _ => {}
        }
    }

    fn read_line(
        &mut self,
        verb: &str,
        arguments: &[&str],
        line: &Line<'_>,
        block: Option<&Block<'_>>,
    ) {
        let counts = matches!(verb, "go" | "module" | "retract" | "require" | "ignore");
        if self.strictness == Strictness::Lax && !counts {
            return;
        }
        let outcome = match verb {
            "go" => self.read_go(arguments),
            "toolchain" => self.read_toolchain(arguments),
            "module" => self.read_module(arguments, directive_comment(line, block)),
            "godebug" => arguments::godebug(arguments).map(|it| self.go_mod.godebug.push(it)),
            "require" | "exclude" => self.read_requirement(verb, arguments, &line.comments),
            "replace" => arguments::replace(arguments).map(|it| self.go_mod.replace.push(it)),
            "retract" => self.read_retract(arguments, directive_comment(line, block)),
            "tool" => {
                arguments::only_path(arguments, "tool directive expects exactly one argument")
                    .map(|it| self.go_mod.tool.push(it))
            }
            "ignore" => {
                arguments::only_path(arguments, "ignore directive expects exactly one argument")
                    .map(|it| self.go_mod.ignore.push(it))
            }
            _ => Err(format!("unknown directive: {verb}")),
        };
        match outcome {
            Err(message) => self.report(line.start, message),
            Ok(()) if self.strictness == Strictness::Strict => {
                self.note_shorthand(verb, arguments, line.start);
            }
            Ok(()) => {}
        }
    }

    /// Notes the versions of the directive read last that were not written as they are.
    fn note_shorthand(&mut self, verb: &str, arguments: &[&str], position: Position) {
        let versions: [Option<&str>; 2] = match verb {
            "require" => [
                self.go_mod.require.last().map(|it| it.version.as_str()),
                None,
            ],
            "exclude" => [self.go_mod.exclude.last().map(|it| it.1.as_str()), None],
            "replace" => match self.go_mod.replace.last() {
                Some(replace) => [replace.version.as_deref(), replace.replacement.version()],
                None => return,
            },
            _ => return,
        };
        let is_written = |version: &str| {
            let mut texts = arguments.iter().map(|token| arguments::path(token));
            texts.any(|text| text.as_deref() == Ok(version))
        };
        for version in versions.into_iter().flatten() {
            if !is_written(version) {
                let message = format!("version is not canonical, which would be {version}");
                let problem = Problem::new(self.file, position, message);
                self.go_mod.shorthand.push(problem);
            }
        }
    }

    fn report(&mut self, position: Position, message: String) {
        self.problems
            .push(Problem::new(self.file, position, message));
    }

    fn read_go(&mut self, arguments: &[&str]) -> Result<(), String> {
        if self.go_mod.go.is_some() {
            return Err("repeated go statement".into());
        }
        self.go_mod.go = Some(arguments::go(arguments, self.strictness)?.to_owned());
        Ok(())
    }

    fn read_toolchain(&mut self, arguments: &[&str]) -> Result<(), String> {
        if self.go_mod.toolchain.is_some() {
            return Err("repeated toolchain statement".into());
        }
        self.go_mod.toolchain = Some(arguments::toolchain(arguments)?);
        Ok(())
    }

    fn read_module(&mut self, arguments: &[&str], comment: String) -> Result<(), String> {
        if self.go_mod.module.is_some() {
            return Err("repeated module statement".into());
        }
        // A faulty line counts as well, when it comes to repetition.
        self.go_mod.module = Some(String::new());
        self.go_mod.deprecated = deprecation(&comment);
        self.go_mod.module = Some(arguments::only_path(
            arguments,
            "usage: module module/path",
        )?);
        Ok(())
    }

    fn read_requirement(
        &mut self,
        verb: &str,
        arguments: &[&str],
        comments: &Comments<'_>,
    ) -> Result<(), String> {
        let [path, version] = arguments else {
            return Err(format!("usage: {verb} module/path v1.2.3"));
        };
        let path = arguments::path(path)?;
        let version = arguments::version(verb, &path, version)?;
        arguments::check_major(verb, &path, &version)?;
        match verb {
            "require" => {
                let indirect = is_indirect(comments);
                self.go_mod.require.push(Require {
                    path,
                    version,
                    indirect,
                });
            }
            _ => self.go_mod.exclude.push((path, version)),
        }
        Ok(())
    }

    fn read_retract(&mut self, arguments: &[&str], rationale: String) -> Result<(), String> {
        let (low, high, rest) = match arguments::interval(arguments) {
            Ok(interval) => interval,
            Err(_) if self.strictness == Strictness::Lax => return Ok(()),
            Err(message) => return Err(message),
        };
        if let (Some(token), Strictness::Strict) = (rest.first(), self.strictness) {
            return Err(format!(
                "unexpected token after version: {}",
                module::quote(token)
            ));
        }
        self.go_mod.retract.push(Retract {
            low,
            high,
            rationale,
        });
        Ok(())
    }
}

/// Tells whether the first comment behind a line is `// indirect`, or begins with `// indirect;`.
fn is_indirect(comments: &Comments<'_>) -> bool {
    let Some(comment) = comments.suffix.first() else {
        return false;
    };
    let mut words = comment
        .strip_prefix("//")
        .unwrap_or(comment)
        .split_whitespace();
    match (words.next(), words.next()) {
        (Some(word), None) => word == "indirect",
        (Some(word), Some(_)) => word == "indirect;",
        (None, _) => false,
    }
}

/// Gives the comment of a line, or that of its block where the line has none.
fn directive_comment(line: &Line<'_>, block: Option<&Block<'_>>) -> String {
    let has_none = line.comments.before.is_empty() && line.comments.suffix.is_empty();
    let comments = match block {
        Some(block) if has_none => &block.comments,
        _ => &line.comments,
    };
    let texts = comments.before.iter().chain(&comments.suffix);
    let lines: Vec<&str> = texts
        .filter_map(|comment| comment.strip_prefix("//"))
        .map(str::trim)
        .collect();
    lines.join("\n")
}

/// Finds the paragraph of a comment that begins with `Deprecated:`.
fn deprecation(comment: &str) -> Option<String> {
    const MARK: &str = "Deprecated:";
    let is_paragraph = |&(start, _): &(usize, &str)| {
        start == 0
            || comment
                .get(..start)
                .is_some_and(|before| before.ends_with("\n\n"))
    };
    let (start, _) = comment.match_indices(MARK).find(is_paragraph)?;
    let message = comment.get(start + MARK.len()..)?.trim_start_matches(' ');
    let paragraph = message.split("\n\n").next().unwrap_or(message);
    (!paragraph.is_empty()).then(|| paragraph.to_owned())
}

#[cfg(test)]
mod tests;
