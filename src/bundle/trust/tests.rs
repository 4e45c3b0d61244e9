//! Signatures that `ssh-keygen -Y sign` has made, and the keys that they are held against.

use super::*;

const MANIFEST: &[u8] = b"manifest\n";
const ALICE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIro7GEC5ggE7QBAEELiqPESSBbOU2cjvjJ+8nEiqsYd alice@example.com";
const BOB: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBI6UHSjyD56lNFEgJvgCOlvZrkel3ytleySPLVdIZlacBtW53llLnhYrYOsakSPDDaeBCK8N4TznRBBEWbup82s= bob@example.com";
const BY_ALICE: &str = "\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgiujsYQLmCATtAEAQQuKo8RJIFs
5TZyO+Mn7ycSKqxh0AAAAKZ29tb2RjYWNoZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gt
ZWQyNTUxOQAAAECU0VrVo6GYk9G3smUd9KwQ6jF/LrmmPTCI25l/W3rwVum3ME8pXkIVxd
CLHOzDEPtTXqIUB1w75bLf3gsB6GwJ
-----END SSH SIGNATURE-----
";
const BY_BOB: &str = "\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE
EEjpQdKPIPnqU0USAm+AI6W9muR6XfK2V7JI8tV0hmVpwG1bneWUueFitg6xqRI8MNp4EI
rw3hPOdEEERZu6nzawAAAApnb21vZGNhY2hlAAAAAAAAAAZzaGE1MTIAAABkAAAAE2VjZH
NhLXNoYTItbmlzdHAyNTYAAABJAAAAIQCkzCLeXQ648ACdxUvuxfaqFrmO3pfwD+5i3Nic
Oh5sdAAAACA5ADbz1+Q9ThTI4MUCQFl4Iq/e7QoSXw2eV8k6Sjp1YA==
-----END SSH SIGNATURE-----
";
/// By Alice, but in the namespace `file`.
const FOR_A_FILE: &str = "\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgiujsYQLmCATtAEAQQuKo8RJIFs
5TZyO+Mn7ycSKqxh0AAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx
OQAAAEBYoAiViPfwAu/ABT3fycQe3c6xA1EBNsbtlD0oHuiBP30a8qTXan4oPQl5IoYy3B
wqm1mswtHDviwW66ruAusL
-----END SSH SIGNATURE-----
";
const TODAY: &str = "20240601120000";

fn trusting(given: &[&str]) -> Trust {
    let mut keys = Trust::default();
    for given in given {
        keys.add(given).unwrap();
    }
    keys
}

fn told(keys: &Trust, signature: &str) -> String {
    match keys.check(MANIFEST, Some(signature.as_bytes())) {
        Ok(vouched) => vouched.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn signatures_of_trusted_keys_count() {
    let keys = trusting(&[ALICE, BOB]);
    assert_eq!(
        told(&keys, BY_ALICE),
        "signed by alice@example.com with ssh-ed25519 SHA256:+72ZG6FR3ocF148KhAw4u7YWTRgh85PFK5cOT1cUk90, which is trusted"
    );
    assert_eq!(
        told(&keys, BY_BOB),
        "signed by bob@example.com with ecdsa-sha2-nistp256 SHA256:lOaOQAm+ValA3i4krPHZ9WWvruYpjP4sfWHIBIJrVrU, which is trusted"
    );
}

#[test]
fn other_signatures_are_refused() {
    let keys = trusting(&[BOB]);
    assert_eq!(
        told(&keys, BY_ALICE),
        "the bundle is signed with ssh-ed25519 SHA256:+72ZG6FR3ocF148KhAw4u7YWTRgh85PFK5cOT1cUk90, which is none of the trusted keys"
    );
    assert_eq!(keys.check(MANIFEST, None), Err(Untrusted::Unsigned));
}

#[test]
fn a_signature_that_does_not_hold_is_refused_by_those_who_trust_nobody_too() {
    let anybody = Trust::default();
    let broken = "the signature of the bundle does not hold: ";
    for (signature, reason) in [
        (
            FOR_A_FILE,
            "it was made for another purpose than `gomodcache`",
        ),
        ("", "it is no SSH signature"),
        (
            &BY_ALICE.replace("W3rwVum3", "W3rwVun3"),
            "it was made for other content",
        ),
    ] {
        assert_eq!(told(&anybody, signature), format!("{broken}{reason}"));
    }
    let other = anybody.check(b"other\n", Some(BY_ALICE.as_bytes()));
    assert_eq!(
        other.unwrap_err().to_string(),
        format!("{broken}it was made for other content")
    );
    assert_eq!(anybody.check(MANIFEST, None), Ok(Vouched::Nobody));
    assert!(told(&anybody, BY_ALICE).starts_with("signed with ssh-ed25519 SHA256:"));
}

#[test]
fn allowed_signers_are_read_as_ssh_keygen_reads_them() {
    for (options, is_trusted) in [
        ("", true),
        ("namespaces=\"file,gomodcache\"", true),
        ("NAMESPACES=\"*\"", true),
        ("namespaces=\"file\"", false),
        ("valid-after=\"20240601\"", true),
        ("valid-after=\"20240601120001Z\"", false),
        (
            "valid-before=\"202406011201\",namespaces=\"gomodcache\"",
            true,
        ),
        ("valid-before=\"20240601120000\"", false),
        ("cert-authority", false),
    ] {
        let line = format!("\"alice@example.com,a b\"  {options}\t{ALICE}");
        let key = trusted_key(&line, TODAY).unwrap();
        assert_eq!(key.is_some(), is_trusted, "{options}");
        if let Some(key) = key {
            assert_eq!(key.owner, "alice@example.com,a b");
        }
    }
}

#[test]
fn lines_that_name_no_key_are_told() {
    for (line, reason) in [
        ("alice@example.com", "there is no public key"),
        ("ssh-ed25519 AAAA", "there is no public key"),
        (&format!("alice \"{ALICE}"), "a quotation mark is missing"),
        (
            &format!("alice sometimes {ALICE}"),
            "option `sometimes` is not known",
        ),
        (
            &format!("alice valid-after=soon {ALICE}"),
            "`soon` is no time",
        ),
    ] {
        assert_eq!(trusted_key(line, TODAY).unwrap_err().to_string(), reason);
    }
}

#[test]
fn files_of_keys_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let signers = file(
        "allowed_signers",
        &format!("# who may\n\nalice,al {ALICE}\nbob {BOB}\n"),
    );
    assert!(
        told(&trusting(&[&signers]), BY_ALICE).starts_with("signed by alice,al with ssh-ed25519")
    );
    let public = file("id.pub", &format!("{BOB}\n"));
    assert!(
        told(&trusting(&[&public]), BY_BOB).starts_with("signed by bob@example.com with ecdsa")
    );
    let refused = |given: &str| Trust::default().add(given).unwrap_err().to_string();
    let private = file("id", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    assert_eq!(
        refused(&private),
        format!("{private} is a private key; name its public one")
    );
    let expired = file("expired", &format!("alice valid-before=20010101 {ALICE}\n"));
    assert_eq!(
        refused(&expired),
        format!("{expired} has no key that may sign bundles today")
    );
    assert_eq!(
        refused("nobody.pub"),
        "`nobody.pub` is neither a file nor a public key"
    );
}
