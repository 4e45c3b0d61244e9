//! Reading an `.info` file, whoever has written it.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::{Info, Origin, Time, Version};

impl Info {
    /// Reads an `.info` file, or the answer of a proxy to `@latest`, as `json.Unmarshal` reads it into a `RevInfo`:
    /// keys in any case, the last of several counts, what is missing or null stays empty, unknown keys are passed
    /// over.
    ///
    /// # Errors
    /// What is no JSON object, has a value of a wrong type, a time that is none, or no canonical version.
    pub fn parse(content: &[u8]) -> Result<Info> {
        parse(content)
    }
}

fn parse(content: &[u8]) -> Result<Info> {
    let text = String::from_utf8_lossy(content);
    if text.trim_start().starts_with('<') {
        bail!("it is a web page and no JSON");
    }
    let value: Value = serde_json::from_str(&text).context("it is no JSON")?;
    let fields = object(&value, "the answer")?;
    let version = text_of(fields, "Version")?.unwrap_or_default();
    let time = match text_of(fields, "Time")? {
        None => Time::default(),
        Some(text) => Time::parse_rfc3339(&text)
            .with_context(|| format!("its time {text:?} is no time in RFC 3339"))?,
    };
    let origin = match find(fields, "Origin") {
        None | Some(Value::Null) => None,
        Some(value) => Some(origin(object(value, "its Origin")?)?),
    };
    Ok(Info {
        version: Version::new(&version)?,
        time,
        origin,
    })
}

fn origin(fields: &Map<String, Value>) -> Result<Origin> {
    let text = |key| Ok::<_, anyhow::Error>(text_of(fields, key)?.unwrap_or_default());
    Ok(Origin {
        vcs: text("VCS")?,
        url: text("URL")?,
        subdir: text("Subdir")?,
        hash: text("Hash")?,
        tag_prefix: text("TagPrefix")?,
        tag_sum: text("TagSum")?,
        reference: text("Ref")?,
        repo_sum: text("RepoSum")?,
    })
}

fn object<'v>(value: &'v Value, what: &str) -> Result<&'v Map<String, Value>> {
    value
        .as_object()
        .with_context(|| format!("{what} is no JSON object"))
}

fn text_of(fields: &Map<String, Value>, key: &str) -> Result<Option<String>> {
    match find(fields, key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => bail!("its {key} is no text"),
    }
}

fn find<'v>(fields: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    let mut named = fields
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(key));
    named.next_back().map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_go_reads_them() {
        for (answer, expected) in [
            (
                r#"{"Version":"v1.0.0","Time":"2020-01-01T00:00:00.50+02:00"}"#,
                r#"{"Version":"v1.0.0","Time":"2020-01-01T00:00:00.5+02:00"}"#,
            ),
            (
                " {\"time\":null,\"VERSION\":\"v1.0.0\",\"Name\":1,\"Origin\":null}\n",
                r#"{"Version":"v1.0.0","Time":"0001-01-01T00:00:00Z"}"#,
            ),
            (
                r#"{"Version":"v1.0.0","Origin":{}}"#,
                r#"{"Version":"v1.0.0","Time":"0001-01-01T00:00:00Z","Origin":{}}"#,
            ),
            (
                r#"{"Version":"v1.0.0","Origin":{"VCS":"git","URL":"https://h/<x>","Ref":"refs/tags/v1.0.0","TagSum":"t1:x","Other":1}}"#,
                r#"{"Version":"v1.0.0","Time":"0001-01-01T00:00:00Z","Origin":{"VCS":"git","URL":"https://h/\u003cx\u003e","Ref":"refs/tags/v1.0.0"}}"#,
            ),
            (
                r#"{"Version":"v0.0.0-20200101000000-0123456789ab","Origin":{"Hash":"0123","Ref":"refs/heads/main"}}"#,
                r#"{"Version":"v0.0.0-20200101000000-0123456789ab","Time":"0001-01-01T00:00:00Z","Origin":{"Hash":"0123"}}"#,
            ),
        ] {
            let written = parse(answer.as_bytes()).unwrap().to_json().unwrap();
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn what_is_no_answer_is_refused_with_the_reason() {
        for (answer, reason) in [
            ("<html>", "it is a web page and no JSON"),
            ("", "it is no JSON"),
            (r#"{"Version":"v1.0.0"} x"#, "it is no JSON"),
            ("[]", "the answer is no JSON object"),
            (r#"{"Version":1}"#, "its Version is no text"),
            (r#"{"Version":"v1.0.0","Time":"now"}"#, "its time \"now\""),
            (r#"{"Version":"v1.0.0","Time":""}"#, "its time \"\""),
            (r#"{"Version":"v1.0.0","Origin":1}"#, "its Origin is no"),
            (r#"{"Version":"v1.0"}"#, "not canonical"),
            (
                r#"{"Time":"2020-01-01T00:00:00Z"}"#,
                "not a semantic version",
            ),
        ] {
            let error = format!("{:#}", parse(answer.as_bytes()).unwrap_err());
            assert!(error.contains(reason), "{answer}: {error}");
        }
    }
}
