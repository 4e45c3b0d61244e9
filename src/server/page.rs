//! The page for people: how to use the server, and what it has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::shelf::Addition;
use crate::module::{ModulePath, Version};

/// How many modules one page shows.
const SHOWN: usize = 500;

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}\
                     pre,td{font-family:monospace}pre{background:#eee;padding:.5em 1em;overflow:auto}\
                     td{padding-right:2em}";

/// A module on the page.
struct Line<'a> {
    versions: usize,
    newest: &'a Version,
}

/// Renders the page. `url` is where the client has found the server, `search` what it looks for.
pub(super) fn page<'a>(
    additions: impl Iterator<Item = &'a Addition>,
    url: &str,
    search: &str,
) -> String {
    let modules = modules(additions, search);
    let (url, search) = (escaped(url), escaped(search));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Go modules</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Go modules</h1>\n<p>This is a Go module proxy. To use it:</p>\n\
         <pre>go env -w GOPROXY={url}</pre>\n\
         <p>What it has not, go looks for elsewhere with <code>GOPROXY={url},direct</code>.</p>\n\
         <form><input type=\"search\" name=\"q\" value=\"{search}\" aria-label=\"Part of a module path\"> \
         <button>Search</button></form>\n<p>{}</p>\n<table>\n",
        summary(&modules)
    );
    for (path, line) in modules.iter().take(SHOWN) {
        let (target, path) = (escaped(&path.escaped()), escaped(path.as_str()));
        let newest = escaped(line.newest.as_str());
        let count = match line.versions {
            1 => "1 version".to_owned(),
            count => format!("{count} versions"),
        };
        let _ = writeln!(
            page,
            "<tr><td><a href=\"{url}/{target}/@v/list\">{path}</a></td><td>{newest}</td><td>{count}</td></tr>"
        );
    }
    page.push_str("</table>\n</body>\n</html>\n");
    page
}

fn modules<'a>(
    additions: impl Iterator<Item = &'a Addition>,
    search: &str,
) -> BTreeMap<&'a ModulePath, Line<'a>> {
    let search = search.to_lowercase();
    let mut modules: BTreeMap<&ModulePath, Line<'_>> = BTreeMap::new();
    let is_found = |path: &ModulePath| path.as_str().to_lowercase().contains(&search);
    for Addition { module, .. } in additions {
        if !is_found(&module.path) {
            continue;
        }
        let line = modules.entry(&module.path).or_insert(Line {
            versions: 0,
            newest: &module.version,
        });
        line.versions += 1;
        line.newest = line.newest.max(&module.version);
    }
    modules
}

fn summary(modules: &BTreeMap<&ModulePath, Line<'_>>) -> String {
    let versions: usize = modules.values().map(|line| line.versions).sum();
    let mut summary = format!("{} modules, {versions} versions", modules.len());
    if modules.len() > SHOWN {
        let _ = write!(summary, "; the first {SHOWN} are shown");
    }
    summary
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::module::ModuleVersion;

    fn addition(path: &str, version: &str) -> Addition {
        Addition {
            module: ModuleVersion {
                path: ModulePath::new(path).unwrap(),
                version: Version::new(version).unwrap(),
            },
            added: SystemTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn modules_are_found_by_a_part_of_their_path_and_all_text_is_escaped() {
        let additions = [
            addition("example.com/Azure", "v1.9.0"),
            addition("example.com/Azure", "v1.10.0"),
            addition("example.com/other", "v1.0.0"),
        ];
        let shown = page(additions.iter(), "http://h/<go>", "AZURE");
        assert!(shown.contains("<pre>go env -w GOPROXY=http://h/&lt;go&gt;</pre>"));
        assert!(shown.contains("1 modules, 2 versions"));
        let row = "<tr><td><a href=\"http://h/&lt;go&gt;/example.com/!azure/@v/list\">example.com/Azure</a></td>\
                   <td>v1.10.0</td><td>2 versions</td></tr>";
        assert!(shown.contains(row), "{shown}");
        assert!(!shown.contains("other"));
        let attack = page(additions.iter(), "http://h", "\"><script>");
        assert!(attack.contains("value=\"&quot;&gt;&lt;script&gt;\""));
        assert!(!attack.contains("<script"));
    }
}
