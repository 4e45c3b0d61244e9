//! Modes of what is written: read-only or not, and the umask.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make("modes", cases())
}

fn cases() -> Vec<Case> {
    let m = |name: &str| {
        let mirror = Mirror::new()
            .go_mod("example.com/m")
            .file("a/b/c.go", "package b\n")
            .executable("run.sh", "#!/bin/sh\n")
            .release("v1.0.0");
        case(name, mirror, "example.com/m@v1.0.0").gives("v1.0.0")
    };
    vec![
        m("the extracted tree is read-only"),
        m("modcacherw in GOFLAGS leaves the tree writable").variable("GOFLAGS", "-modcacherw"),
        m("modcacherw among other flags counts").variable("GOFLAGS", "-mod=mod -modcacherw -v"),
        m("modcacherw with two dashes counts").variable("GOFLAGS", "--modcacherw"),
        m("modcacherw with the value true counts").variable("GOFLAGS", "-modcacherw=true"),
        m("modcacherw with the value false does not count")
            .variable("GOFLAGS", "-modcacherw=false"),
        m("the last modcacherw counts").variable("GOFLAGS", "-modcacherw -modcacherw=0"),
        m("a quoted modcacherw counts").variable("GOFLAGS", "'-modcacherw'"),
        m("modcacherw in the go env file counts").go_env_file("GOFLAGS=-modcacherw\n"),
        m("GOFLAGS of the environment beats the go env file")
            .variable("GOFLAGS", "-mod=mod")
            .go_env_file("GOFLAGS=-modcacherw\n"),
        m("an empty GOFLAGS does not beat the go env file")
            .variable("GOFLAGS", "")
            .go_env_file("GOFLAGS=-modcacherw\n"),
        m("a umask of 077 keeps all others out").umask("077"),
        m("a umask of 002 lets the group write").umask("002"),
        m("a umask of 027 and modcacherw")
            .umask("027")
            .variable("GOFLAGS", "-modcacherw"),
        m("a umask of 000 is no umask")
            .umask("000")
            .variable("GOFLAGS", "-modcacherw"),
    ]
}
