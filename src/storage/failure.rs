//! What the errors of the object store mean to us.

use std::error::Error;

/// The object store does not do what it is asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot {verb} {name}: {reason}")]
pub struct Failure {
    /// What was to be done with the object.
    pub(super) verb: &'static str,
    /// The URL of the object.
    pub(super) name: String,
    /// Why it was not.
    pub(super) reason: String,
}

/// Tells why something failed. The answers of stores have much in them that is nobody's business, such as parts of
/// requests: of these, nothing is told but status and code.
pub(super) fn reason(error: &object_store::Error) -> String {
    let text = error.to_string();
    let code = between(&text, "<Code>", "</Code>").filter(|code| is_code(code));
    let status = between(&text, "status code: ", ": ");
    match (status, code) {
        (Some(status), Some(code)) => format!("the store answers {status}, {code}"),
        (Some(status), None) => format!("the store answers {status}"),
        (None, Some(code)) => format!("the store answers {code}"),
        (None, None) => innermost(error),
    }
}

fn is_code(code: &str) -> bool {
    code.len() <= 100 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn between<'t>(text: &'t str, begin: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(found, _)| found)
}

fn innermost(error: &object_store::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &'static str) -> String {
        reason(&object_store::Error::Generic {
            store: "S3",
            source: text.into(),
        })
    }

    #[test]
    fn of_an_answer_only_status_and_code_are_told() {
        let answer = "Error performing GET http://s3/b/k in 1ms - Server returned non-2xx status code: \
                      403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code>\
                      <SignatureProvided>0123</SignatureProvided></Error>";
        assert_eq!(
            told(answer),
            "the store answers 403 Forbidden, SignatureDoesNotMatch"
        );
        assert_eq!(
            told("status code: 500 Oops: <Code>a b</Code>"),
            "the store answers 500 Oops"
        );
        assert_eq!(told("Connection refused"), "Connection refused");
    }
}
