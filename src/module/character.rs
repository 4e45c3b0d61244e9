//! Characters as Go's `unicode` package (Unicode 15.0) sees them.

use std::borrow::Cow;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Tells whether a character is a letter: general category L, as Go's `unicode.IsLetter`.
pub fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphabetic();
    }
    character.general_category_group() == GeneralCategoryGroup::Letter
}

/// Tells whether a character is a decimal digit: general category Nd, as Go's `unicode.IsDigit`.
pub fn is_digit(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    character.general_category() == GeneralCategory::DecimalNumber
}

/// Tells whether a character is printable as Go's `unicode.IsPrint` has it: a letter, mark, number,
/// punctuation or symbol, or the ASCII space (no other space is).
pub fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    matches!(
        character.general_category_group(),
        GeneralCategoryGroup::Letter
            | GeneralCategoryGroup::Mark
            | GeneralCategoryGroup::Number
            | GeneralCategoryGroup::Punctuation
            | GeneralCategoryGroup::Symbol
    )
}

/// Tells whether a character is white space as Go's `unicode.IsSpace` has it (Unicode's White_Space).
pub fn is_space(character: char) -> bool {
    character.is_whitespace()
}

/// Gives a key that two names share exactly when Go's `strings.EqualFold` calls them equal.
///
/// Every character is replaced by the smallest one of those that differ from it by simple case folding
/// only, with ASCII in lower case, so that most names are their own key. Rule: `strToFold` in
/// `golang.org/x/mod/zip`, which finds names that collide on a file system that ignores case. Neither
/// lower-casing nor upper-casing would do: `K` (U+212A, Kelvin) equals `k`, and `ſ` equals `s`.
pub fn fold_key(name: &str) -> Cow<'_, str> {
    let is_own_key = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if name.bytes().all(is_own_key) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().map(fold_character).collect())
}

/// Gives the smallest character that is equal to this one under simple case folding.
fn fold_character(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    if class.try_case_fold_simple().is_err() {
        return character; // only possible when built without case tables
    }
    let smallest = class
        .ranges()
        .first()
        .map_or(character, |range| range.start());
    smallest.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_those_of_go() {
        assert_eq!(unicode_properties::UNICODE_VERSION, (15, 0, 0));
        let count = |test: fn(char) -> bool| ('\0'..=char::MAX).filter(|&c| test(c)).count();
        // As counted by a Go 1.26 program over unicode.IsLetter and unicode.IsPrint.
        assert_eq!(
            (count(is_letter), count(is_printable)),
            (LETTERS, PRINTABLE)
        );
        assert!(!is_letter('\u{2ebf0}')); // a letter since Unicode 15.1
    }

    const LETTERS: usize = 136_104;
    const PRINTABLE: usize = 148_998;

    #[test]
    fn keys_of_plain_names_are_the_names_themselves() {
        assert!(matches!(fold_key("src/read_me-1.go"), Cow::Borrowed(_)));
        assert_eq!(fold_key("README"), "readme");
    }

    #[test]
    fn equality_is_by_simple_folding_and_not_by_lower_case() {
        assert_eq!(fold_key("\u{212a}elvin"), fold_key("Kelvin"));
        assert_eq!(fold_key("mi\u{17f}t"), fold_key("MIST"));
        assert_eq!(fold_key("Σίσυφος"), fold_key("ΣΊΣΥΦΟΣ"));
        assert_eq!(fold_key("\u{1e9e}"), fold_key("ß"));
        assert_ne!(fold_key("straße"), fold_key("STRASSE"));
        assert_ne!(fold_key("İ"), fold_key("i"));
        assert_ne!(fold_key("ı"), fold_key("I"));
        // Equal only from Unicode 15.1 on.
        assert_ne!(fold_key("\u{fb05}"), fold_key("\u{fb06}"));
    }
}
