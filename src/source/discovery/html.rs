//! The tokens that Go's `encoding/xml` finds in HTML when it is told not to be strict.
//!
//! It is no parser of HTML: it knows no element whose content is raw text, no optional end tag and no named
//! character beyond five. So a script with `a < b` in the head ends the search, and what comes before counts.
//! Other tools for HTML or XML err in other places; where a page has its go-import tags behind something odd,
//! only the same errors give the same answer. Rules: `rawToken` in `encoding/xml/xml.go`.

use std::io::Read;

use anyhow::{Result, anyhow, bail};

use super::input::Input;
use super::names::{is_name, is_name_byte};

/// What a page is made of. Names are without their name space (`svg:a` is `a`).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `<name …>`
    Start {
        name: String,
        /// The first of each that is in [`KEPT`], with its name there.
        attributes: Vec<(&'static str, String)>,
    },
    /// `</name>`, or the second half of `<name/>`.
    End { name: String },
    /// Text, a comment, a declaration, an instruction.
    Other,
}

/// The attributes that matter to anybody: a page can have millions.
const KEPT: [&str; 2] = ["name", "content"];

/// Reads tokens. After an error nothing more is to be read.
pub(super) struct Tokens<R> {
    input: Input<R>,
    /// The element of `<name/>` whose end is still to be given.
    closing: Option<String>,
}

/// What a text ends with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The next `<`, or the end of the page.
    Markup,
    /// This quotation mark.
    Quote(u8),
    /// `]]>`
    Cdata,
}

impl<R: Read> Tokens<R> {
    pub(super) fn new(page: R) -> Tokens<R> {
        Tokens {
            input: Input::new(page),
            closing: None,
        }
    }

    /// Reads the next token; `None` at the end of the page.
    ///
    /// # Errors
    /// What not even a sloppy reader takes for XML; another encoding than UTF-8; a page that is too large;
    /// a connection that breaks off.
    pub(super) fn next(&mut self) -> Result<Option<Token>> {
        if let Some(name) = self.closing.take() {
            return Ok(Some(Token::End { name }));
        }
        match self.input.peek()? {
            None => return Ok(None),
            Some(b'<') => self.input.next()?,
            Some(_) => {
                self.text(Ending::Markup)?;
                return Ok(Some(Token::Other));
            }
        };
        let token = match self.input.must_peek()? {
            b'/' => self.end()?,
            b'?' => self.instruction()?,
            b'!' => self.declaration()?,
            _ => self.start()?,
        };
        Ok(Some(token))
    }

    /// Reads what follows `<` of a start tag.
    fn start(&mut self) -> Result<Token> {
        let name = self.expect_name("expected element name after <")?;
        let mut attributes: Vec<(&str, String)> = Vec::new();
        loop {
            self.skip_spaces()?;
            match self.input.must_peek()? {
                b'/' => {
                    self.input.next()?;
                    if self.input.must_next()? != b'>' {
                        return Err(self.input.syntax("expected /> in element"));
                    }
                    self.closing = Some(name.clone());
                    break;
                }
                b'>' => {
                    self.input.next()?;
                    break;
                }
                _ => {
                    let (key, value) = self.attribute()?;
                    let kept = KEPT.iter().find(|kept| key.eq_ignore_ascii_case(kept));
                    if let Some(kept) = kept
                        && attributes.iter().all(|(known, _)| known != kept)
                    {
                        attributes.push((kept, value));
                    }
                }
            }
        }
        Ok(Token::Start { name, attributes })
    }

    fn attribute(&mut self) -> Result<(String, String)> {
        let name = self.expect_name("expected attribute name in element")?;
        self.skip_spaces()?;
        if self.input.must_peek()? != b'=' {
            return Ok((name.clone(), name));
        }
        self.input.next()?;
        self.skip_spaces()?;
        let value = match self.input.must_peek()? {
            quote @ (b'"' | b'\'') => {
                self.input.next()?;
                self.text(Ending::Quote(quote))?
            }
            _ => self.bare_value()?,
        };
        Ok((name, value))
    }

    /// Reads a value without quotation marks: letters, digits and three others, and no `.` or `/`.
    fn bare_value(&mut self) -> Result<String> {
        let mut value = String::new();
        loop {
            let byte = self.input.must_peek()?;
            if !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b':' | b'-') {
                return Ok(value);
            }
            value.push(char::from(byte));
            self.input.next()?;
        }
    }

    /// Reads what follows `<` of an end tag.
    fn end(&mut self) -> Result<Token> {
        self.input.next()?;
        let name = self.expect_name("expected element name after </")?;
        self.skip_spaces()?;
        if self.input.must_next()? != b'>' {
            return Err(self.input.syntax("invalid characters in an end tag"));
        }
        Ok(Token::End { name })
    }

    /// Reads what follows `<` of `<?target …?>`; that of XML itself can name another encoding.
    fn instruction(&mut self) -> Result<Token> {
        self.input.next()?;
        let Some(target) = self.name()? else {
            return Err(self.input.syntax("expected target name after <?"));
        };
        self.skip_spaces()?;
        let mut content = Vec::new();
        loop {
            let byte = self.input.must_next()?;
            if byte == b'>' && content.last() == Some(&b'?') {
                break;
            }
            content.push(byte);
        }
        content.pop();
        if target == "xml" {
            let version = pseudo_attribute(b"version=", &content);
            if !matches!(version, b"" | b"1.0") {
                bail!("the page is of another version of XML than 1.0");
            }
            let encoding = pseudo_attribute(b"encoding=", &content).to_ascii_lowercase();
            if !matches!(&*encoding, b"" | b"utf-8" | b"ascii") {
                let encoding = String::from_utf8_lossy(&encoding);
                bail!("cannot decode a page whose charset is {encoding:.40?}");
            }
        }
        Ok(Token::Other)
    }

    /// Reads what follows `<` of a comment, a CDATA section, or `<!DOCTYPE …>` and its like.
    fn declaration(&mut self) -> Result<Token> {
        self.input.next()?;
        match self.input.must_next()? {
            b'-' => self.comment()?,
            b'[' => {
                for expected in b"CDATA[" {
                    if self.input.must_next()? != *expected {
                        return Err(self.input.syntax("invalid <![ sequence"));
                    }
                }
                self.text(Ending::Cdata)?;
            }
            // Whatever this first byte is, it has no meaning, not even if it is `>`.
            _ => self.directive()?,
        }
        Ok(Token::Other)
    }

    /// Reads what follows `<!-`.
    fn comment(&mut self) -> Result<()> {
        if self.input.must_next()? != b'-' {
            return Err(self.input.syntax("invalid sequence <!- not part of <!--"));
        }
        let mut before = [0; 2];
        loop {
            let byte = self.input.must_next()?;
            if before == *b"--" {
                return match byte {
                    b'>' => Ok(()),
                    _ => Err(self
                        .input
                        .syntax("invalid sequence \"--\" not allowed in comments")),
                };
            }
            before = [before[1], byte];
        }
    }

    /// Reads up to the `>` that belongs to `<!`: those in quotation marks, in comments and of other `<` do not.
    fn directive(&mut self) -> Result<()> {
        let mut quote = None;
        let mut depth = 0_usize;
        loop {
            let byte = self.input.must_next()?;
            match (quote, byte) {
                (Some(open), _) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, b'>') if depth == 0 => return Ok(()),
                (None, b'>') => depth -= 1,
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, b'<') if !self.comment_in_directive()? => depth += 1,
                (None, _) => {}
            }
        }
    }

    /// Reads a comment after `<` within `<!…>`, in which `--` is allowed; `false` when there is none.
    fn comment_in_directive(&mut self) -> Result<bool> {
        for expected in b"!--" {
            if self.input.must_peek()? != *expected {
                return Ok(false);
            }
            self.input.next()?;
        }
        let mut before = [0; 2];
        loop {
            let byte = self.input.must_next()?;
            if before == *b"--" && byte == b'>' {
                return Ok(true);
            }
            before = [before[1], byte];
        }
    }

    fn text(&mut self, ending: Ending) -> Result<String> {
        let mut text = Vec::new();
        let mut before = [0; 2];
        loop {
            if self.input.peek()? == Some(b'<') {
                match ending {
                    Ending::Markup => break,
                    Ending::Quote(_) => {
                        return Err(self.input.syntax("unescaped < inside quoted string"));
                    }
                    Ending::Cdata => {}
                }
            }
            let Some(byte) = self.input.next()? else {
                match ending {
                    Ending::Cdata => {
                        return Err(self.input.syntax("unexpected EOF in CDATA section"));
                    }
                    Ending::Markup | Ending::Quote(_) => break,
                }
            };
            match (ending, byte) {
                (Ending::Quote(quote), _) if byte == quote => break,
                (Ending::Cdata, b'>') if before == *b"]]" => {
                    text.truncate(text.len().saturating_sub(2));
                    break;
                }
                (Ending::Markup, b'>') if before == *b"]]" => {
                    return Err(self.input.syntax("unescaped ]]> not in CDATA section"));
                }
                (Ending::Markup | Ending::Quote(_), b'&') => {
                    self.reference(&mut text)?;
                    before = [0; 2];
                    continue;
                }
                (_, b'\r') => text.push(b'\n'),
                (_, b'\n') if before[1] == b'\r' => {}
                _ => text.push(byte),
            }
            before = [before[1], byte];
        }
        self.characters(text)
    }

    /// Takes bytes for text if all of its characters may be in XML.
    fn characters(&self, text: Vec<u8>) -> Result<String> {
        let text = String::from_utf8(text).map_err(|_| self.input.syntax("invalid UTF-8"))?;
        let allowed = |c: char| match c {
            '\t' | '\n' | '\r' => true,
            '\u{FFFE}' | '\u{FFFF}' => false,
            _ => c >= ' ',
        };
        match text.chars().find(|c| !allowed(*c)) {
            None => Ok(text),
            Some(c) => {
                let reason = format!("illegal character code U+{:04X}", u32::from(c));
                Err(self.input.syntax(&reason))
            }
        }
    }

    /// Reads what follows `&`, and adds the character that it stands for, or it as it is.
    fn reference(&mut self, text: &mut Vec<u8>) -> Result<()> {
        let start = text.len();
        text.push(b'&');
        let character = match self.input.must_peek()? {
            b'#' => self.number(text)?,
            _ => self.entity(text)?,
        };
        if let Some(character) = character {
            text.truncate(start);
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }

    /// Reads `#65;` or `#x41;`.
    fn number(&mut self, text: &mut Vec<u8>) -> Result<Option<char>> {
        text.push(self.input.must_next()?);
        let base = match self.input.must_peek()? {
            b'x' => {
                text.push(self.input.must_next()?);
                16
            }
            _ => 10,
        };
        let start = text.len();
        while char::from(self.input.must_peek()?).is_digit(base) {
            text.push(self.input.must_next()?);
        }
        if self.input.must_peek()? != b';' {
            return Ok(None);
        }
        let number = text
            .get(start..)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, base).ok())
            .filter(|number| *number <= u32::from(char::MAX));
        text.push(self.input.must_next()?);
        // What is no character by itself (half of a pair in UTF-16) stands for the replacement character.
        Ok(number.map(|number| char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)))
    }

    /// Reads `amp;` and the like.
    fn entity(&mut self, text: &mut Vec<u8>) -> Result<Option<char>> {
        let start = text.len();
        self.name_bytes(text)?;
        if self.input.must_peek()? != b';' {
            return Ok(None);
        }
        let character = match text.get(start..) {
            Some(b"lt") => Some('<'),
            Some(b"gt") => Some('>'),
            Some(b"amp") => Some('&'),
            Some(b"apos") => Some('\''),
            Some(b"quot") => Some('"'),
            _ => None,
        };
        text.push(self.input.must_next()?);
        Ok(character)
    }

    /// Reads the name of an element or attribute and leaves the name space away.
    fn expect_name(&mut self, otherwise: &str) -> Result<String> {
        let name = self.name()?.filter(|name| name.matches(':').count() <= 1);
        let name = name.ok_or_else(|| self.input.syntax(otherwise))?;
        Ok(match name.split_once(':') {
            Some((space, local)) if !space.is_empty() && !local.is_empty() => local.to_owned(),
            _ => name,
        })
    }

    /// Reads a name; `None` where there is none.
    fn name(&mut self) -> Result<Option<String>> {
        let mut name = Vec::new();
        self.name_bytes(&mut name)?;
        if name.is_empty() {
            return Ok(None);
        }
        if !is_name(&name) {
            return Err(self.input.syntax("invalid XML name"));
        }
        let name = String::from_utf8(name).map_err(|error| anyhow!(error))?;
        Ok(Some(name))
    }

    /// Adds the bytes that can be part of a name; the page must not end with them.
    fn name_bytes(&mut self, name: &mut Vec<u8>) -> Result<()> {
        loop {
            let byte = self.input.must_peek()?;
            if byte.is_ascii() && !is_name_byte(byte) {
                return Ok(());
            }
            name.push(byte);
            self.input.next()?;
        }
    }

    fn skip_spaces(&mut self) -> Result<()> {
        while let Some(b' ' | b'\r' | b'\n' | b'\t') = self.input.peek()? {
            self.input.next()?;
        }
        Ok(())
    }
}

/// Finds `name='value'` in an instruction; nothing when there is none. Rule: `procInst`.
fn pseudo_attribute<'c>(name: &[u8], content: &'c [u8]) -> &'c [u8] {
    let mut rest = content;
    while let Some(at) = rest.windows(name.len()).position(|window| window == name) {
        let Some((quote, after)) = rest.get(at + name.len()..).and_then(<[u8]>::split_first) else {
            return &[];
        };
        if matches!(quote, b'\'' | b'"') {
            let end = after.iter().position(|byte| byte == quote);
            return end.and_then(|end| after.get(..end)).unwrap_or_default();
        }
        rest = after;
    }
    &[]
}
