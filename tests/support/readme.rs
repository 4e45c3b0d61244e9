//! The examples in README.md.
#![allow(dead_code, reason = "not every test program asks for everything")]

use yaml_rust2::{Yaml, YamlLoader};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// The code block number `index` of a language in a section.
pub(crate) fn block(section: &str, language: &str, index: usize) -> String {
    let readme = std::fs::read_to_string(README).expect("README.md");
    let begin = readme.find(&format!("{section}\n")).expect(section);
    let section = &readme[begin + 3..];
    let section = section.split("\n### ").next().expect("a section");
    let fence = format!("```{language}\n");
    let mut blocks = section.split(&fence).skip(1);
    let block = blocks.nth(index).expect("a code block");
    block.split("```").next().expect("its end").to_owned()
}

/// Reads the only document.
pub(crate) fn yaml(document: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(document).expect("YAML");
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// A text, or none.
pub(crate) fn text(value: &Yaml) -> &str {
    value.as_str().unwrap_or_default()
}
