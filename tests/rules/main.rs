//! Black-box tests of the rules that say where modules come from: `gomodcache.toml`, `mirrors`, `env`, and
//! `fetch` without `--mirror`. The sample mirror of the README stands for all repositories.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// With this variable set, as `.ci/run` does, a missing go fails the test that needs it.
const REQUIRE: &str = "GOMODCACHE_REQUIRE_ORACLE";

/// A folder that stands for a whole machine.
struct Machine(TempDir);

impl Machine {
    fn new() -> Machine {
        let machine = Machine(tempfile::tempdir().expect("a temporary folder"));
        for name in ["home", "project"] {
            std::fs::create_dir(machine.path(name)).expect(name);
        }
        let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/greetings.bundle");
        std::fs::copy(bundle, machine.path("project/greetings.bundle")).expect("the sample mirror");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        std::fs::write(path, content).expect("file");
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .current_dir(self.path("project"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("XDG_CACHE_HOME", self.path("home/.cache"))
            .env("XDG_CONFIG_HOME", self.path("home/.config"))
            .env("GOMODCACHE", self.path("mod cache"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let mut command = self.program(env!("CARGO_BIN_EXE_gomodcache"));
        Answer::new(
            &command
                .args(arguments)
                .output()
                .expect("the program starts"),
            self,
        )
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = Command::new("chmod")
            .args(["-R", "u+w"])
            .arg(self.0.path())
            .status();
    }
}

/// What a run printed, the machine's folder replaced by `MACHINE`.
#[derive(Debug)]
struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Answer {
    fn new(output: &Output, machine: &Machine) -> Answer {
        let folder = machine.0.path().to_string_lossy();
        let text =
            |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(folder.as_ref(), "MACHINE");
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    fn is(&self, code: i32, out: &str, err: &str) {
        assert_eq!(
            (self.code, self.out.as_str(), self.err.as_str()),
            (code, out, err)
        );
    }
}

const GREETINGS: &str = "\
[[mirror]]
module = \"example.com/greetings\"
repository = \"./greetings.bundle\"
";

const SUMS: &str = "\
example.com/greetings v1.1.0 h1:lw9xZozgk74YHMrRJ/7bJJw3wCeK1ifTNKwgGOjorFA=
example.com/greetings v1.1.0/go.mod h1:YvvNXWlGp6ftH9r0V5s9bVL/j3FLrIQw3rXG5RQk+88=
";

#[test]
fn a_rule_of_the_project_names_the_mirror_also_from_a_folder_below() {
    let machine = Machine::new();
    machine.write("project/gomodcache.toml", GREETINGS);
    machine.write("project/cmd/deep/x.go", "package x\n");
    let mut command = machine.program(env!("CARGO_BIN_EXE_gomodcache"));
    command
        .current_dir(machine.path("project/cmd/deep"))
        .args(["fetch", "example.com/greetings@v1.1.0"]);
    Answer::new(&command.output().expect("the program starts"), &machine).is(
        0,
        SUMS,
        "fetched 1, already there 0\n",
    );
}

#[test]
fn captures_and_alternatives_lead_to_the_mirror_and_its_nested_modules() {
    let machine = Machine::new();
    machine.write(
        "project/gomodcache.toml",
        "[[mirror]]\nmodule = 'example.com/*'\nrepository = ['./nowhere/$1.git', './$1.bundle']\n",
    );
    let answer = machine.run(&[
        "fetch",
        "example.com/greetings/lang@v0.1.0",
        "example.com/greetings/v2@v2.0.0",
    ]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(
        answer.out.contains("example.com/greetings/lang v0.1.0 h1:"),
        "{answer:?}"
    );
    assert!(
        answer.out.contains("example.com/greetings/v2 v2.0.0 h1:"),
        "{answer:?}"
    );
}

#[test]
fn a_path_is_relative_to_the_file_that_config_names() {
    let machine = Machine::new();
    machine.write(
        "elsewhere/my.toml",
        "[[mirror]]\nmodule='example.com/greetings'\nrepository='../project/greetings.bundle'\n",
    );
    // Were it read, the project's file would be an error.
    machine.write("project/gomodcache.toml", "broken");
    machine
        .run(&[
            "fetch",
            "example.com/greetings@v1.1.0",
            "--config",
            "../elsewhere/my.toml",
        ])
        .is(0, SUMS, "fetched 1, already there 0\n");
}

#[test]
fn the_command_line_wins_over_rules() {
    let machine = Machine::new();
    machine.write(
        "project/gomodcache.toml",
        "[[mirror]]\nmodule='example.com/**'\ndeny=true\n",
    );
    machine
        .run(&[
            "fetch",
            "example.com/greetings@v1.1.0",
            "-m",
            "./greetings.bundle",
        ])
        .is(0, SUMS, "fetched 1, already there 0\n");
}

#[test]
fn a_module_that_is_denied_is_not_fetched() {
    let machine = Machine::new();
    machine.write(
        "project/gomodcache.toml",
        &format!("[[mirror]]\nmodule='example.com/greetings/lang'\ndeny='use v2'\n{GREETINGS}"),
    );
    machine
        .run(&["fetch", "example.com/greetings/lang@v0.1.0"])
        .is(
            1,
            "",
            "error: failed to fetch `example.com/greetings/lang@v0.1.0`\n  \
         caused by: module example.com/greetings/lang is denied by the rule for \
         `example.com/greetings/lang` at gomodcache.toml:2: use v2\n\
         hint: change the rule, or name a repository with --mirror, which comes first\n\
         fetched 0, already there 0, failed 1: example.com/greetings/lang@v0.1.0\n",
        );
}

#[test]
fn an_unknown_module_says_which_rule_to_add() {
    let machine = Machine::new();
    machine.run(&["mirrors", "corp.example/team/lib/v2"]).is(
        1,
        "",
        "error: no mirror is known for module corp.example/team/lib/v2\n\
         hint: name its repository: --mirror corp.example/team/lib=REPO, where corp.example/team/lib \
         or a prefix of it is the path at the root of the repository\n\
         hint: or once for all, in gomodcache.toml:\n    \
         [[mirror]]\n    \
         module = \"corp.example/team/lib\"\n    \
         repository = \"REPO\"\n",
    );
    let fetched = machine.run(&["fetch", "corp.example/team/lib/v2@v2.0.0"]);
    assert_eq!(fetched.code, 1);
    assert!(
        fetched.err.contains("module = \"corp.example/team/lib\""),
        "{fetched:?}"
    );
}

#[test]
fn without_the_table_not_even_a_forge_is_asked() {
    let machine = Machine::new();
    for module in ["golang.org/x/text", "github.com/golang/text"] {
        let answer = machine.run(&["mirrors", module, "--no-builtin-mirrors"]);
        assert_eq!(answer.code, 1);
        assert!(
            answer.err.starts_with("error: no mirror is known"),
            "{answer:?}"
        );
        assert_eq!(machine.run(&["mirrors", module]).code, 0);
    }
}

#[test]
fn a_broken_rule_names_its_place() {
    let machine = Machine::new();
    machine.write(
        "project/gomodcache.toml",
        "# rules\n[[mirror]]\nmodule = 'a.com/x'\nrepo = 'b.com/x'\n",
    );
    for arguments in [&["mirrors", "--all"][..], &["fetch", "a.com/x@v1.0.0"]] {
        machine.run(arguments).is(
            1,
            "",
            "error: gomodcache.toml:4:1: unknown key `repo`: a rule has `module`, `repository`, \
             `subdirectory`, `proxy`, `discover`, `token_env`, `user` and `deny`\n",
        );
    }
}

#[test]
fn a_password_is_refused_in_a_project_and_hidden_in_the_user_s_file() {
    let machine = Machine::new();
    let rule = "[[mirror]]\nmodule='a.com/x'\nrepository='https://me:secret@b.com/x'\n";
    machine.write("project/gomodcache.toml", rule);
    let refused = machine.run(&["mirrors", "a.com/x"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .err
            .starts_with("error: gomodcache.toml:3:12: the URL has a user name or password"),
        "{refused:?}"
    );
    std::fs::remove_file(machine.path("project/gomodcache.toml")).expect("the file");
    machine.write("home/.config/gomodcache/gomodcache.toml", rule);
    for arguments in [
        &["mirrors", "a.com/x"][..],
        &["mirrors", "a.com/x", "--json"],
        &["mirrors", "--all"],
        &["mirrors", "--all", "--json"],
    ] {
        let shown = machine.run(arguments);
        assert_eq!(shown.code, 0, "{shown:?}");
        assert!(shown.out.contains("https://***@b.com/x"), "{shown:?}");
        assert!(!shown.out.contains("secret"), "{shown:?}");
    }
    // The same file named by --config can be one that came with a project.
    let named = machine.run(&[
        "mirrors",
        "a.com/x",
        "--config",
        "../home/.config/gomodcache/gomodcache.toml",
    ]);
    assert_eq!(named.code, 1, "{named:?}");
}

#[test]
fn mirrors_tells_the_rule_that_applies_and_those_it_hides() {
    let machine = Machine::new();
    machine.write(
        "project/gomodcache.toml",
        "[[mirror]]\nmodule = 'golang.org/x/tools'\nrepository = 'https://p.example/tools'\n",
    );
    machine.write(
        "home/.config/gomodcache/gomodcache.toml",
        "[[mirror]]\nmodule = '*.org/x/*'\nrepository = ['https://u.example/$1/$2', 'https://v.example/$2']\n",
    );
    machine
        .run(&["mirrors", "golang.org/x/tools/gopls", "golang.org/x/text"])
        .is(
            0,
            "golang.org/x/tools/gopls
  repository  https://p.example/tools
  root        golang.org/x/tools
  folder      gopls
  rule        golang.org/x/tools (gomodcache.toml:2)
  why         the first rule that matches
  not asked   *.org/x/* (MACHINE/home/.config/gomodcache/gomodcache.toml:2)
  not asked   golang.org/x/* (built-in)
golang.org/x/text
  repository  https://u.example/golang/text
  root        golang.org/x/text
  repository  https://v.example/text
  root        golang.org/x/text
  rule        *.org/x/* (MACHINE/home/.config/gomodcache/gomodcache.toml:2)
  why         the first rule that matches, with $1 = golang and $2 = text
  not asked   golang.org/x/* (built-in)
",
            "",
        );
}

#[test]
fn mirrors_prints_an_object_for_each_module() {
    let machine = Machine::new();
    machine
        .run(&["mirrors", "--json", "golang.org/x/tools/gopls", "corp.example/x"])
        .is(
            1,
            r#"{
	"Module": "golang.org/x/tools/gopls",
	"Repositories": [
		{
			"Repository": "https://github.com/golang/tools",
			"Root": "golang.org/x/tools",
			"Folder": "gopls"
		}
	],
	"Rule": {
		"Module": "golang.org/x/*",
		"From": "built-in"
	},
	"Captures": [
		"tools"
	]
}
{
	"Module": "corp.example/x",
	"Error": "no mirror is known for module corp.example/x"
}
"#,
            "error: no mirror is known for module corp.example/x\n\
             hint: name its repository: --mirror corp.example/x=REPO, where corp.example/x or a prefix \
             of it is the path at the root of the repository\n\
             hint: or once for all, in gomodcache.toml:\n    [[mirror]]\n    module = \"corp.example/x\"\n    \
             repository = \"REPO\"\n",
        );
}

#[test]
fn all_rules_are_listed_in_the_order_in_which_they_are_asked() {
    let machine = Machine::new();
    machine.write(
        "project/gomodcache.toml",
        "[[mirror]]\nmodule = 'a.com/**'\ndeny = 'gone'\n[[mirror]]\nmodule = 'b.com'\nrepository = 'c.com/b'\nsubdirectory = 'go'\n",
    );
    machine
        .run(&[
            "mirrors",
            "--all",
            "--no-builtin-mirrors",
            "-m",
            "d.com=https://t:s@e.com/d",
            "-m",
            "https://f.com/x",
        ])
        .is(
            0,
            "\
d.com       https://***@e.com/d  --mirror
any module  https://f.com/x      --mirror
a.com/**    denied: gone         gomodcache.toml:2
b.com       c.com/b in go        gomodcache.toml:5
",
            "",
        );
    let all = machine.run(&["mirrors", "--all", "--json"]).out;
    assert!(all.contains("\"Module\": \"github.com/*/*\""), "{all}");
    assert!(all.contains("\"Line\": 2"), "{all}");
    machine.run(&["mirrors"]).code_is(2);
}

impl Answer {
    fn code_is(&self, code: i32) {
        assert_eq!(self.code, code, "{self:?}");
    }
}

#[test]
fn env_prints_lines_that_a_shell_takes() {
    let machine = Machine::new();
    machine.run(&["env"]).is(
        0,
        "\
export GOMODCACHE='MACHINE/mod cache'
export GOPROXY='file://MACHINE/mod%20cache/cache/download'
export GONOPROXY='none'
export GOSUMDB='off'
export GOTOOLCHAIN='local'
",
        "nothing has been fetched into MACHINE/mod cache yet\n",
    );
    machine.run(&["env", "--json", "-q"]).is(
        0,
        "{
\t\"GOMODCACHE\": \"MACHINE/mod cache\",
\t\"GOPROXY\": \"file://MACHINE/mod%20cache/cache/download\",
\t\"GONOPROXY\": \"none\",
\t\"GOSUMDB\": \"off\",
\t\"GOTOOLCHAIN\": \"local\"
}
",
        "",
    );
    let explained = machine.run(&["env", "-v"]).out;
    assert!(
        explained.contains("# the cache that was filled\nexport GOMODCACHE="),
        "{explained}"
    );
    let fish = machine.run(&["env", "--shell", "fish"]).out;
    assert!(fish.contains("set -gx GOSUMDB 'off'\n"), "{fish}");
}

/// What the shell runs after `eval`: each has to work with no network. The proxy settings make any attempt
/// to reach one fail.
const OFFLINE: &str = r#"
set -eu
export HTTP_PROXY=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1
export GOPRIVATE=example.com GOFLAGS= GOENV=off GOPATH="$HOME/go" GOCACHE="$HOME/gocache"
eval "$("$GOMODCACHE_PROGRAM" env -v)"
go list -m -versions example.com/greetings
go list -m example.com/greetings@latest
cd app
go mod tidy
go build -o app .
go mod verify
go mod download -json example.com/greetings@v1.1.0 | grep '"Sum"'
go mod vendor
./app
"#;

#[test]
fn go_works_offline_with_what_env_prints() {
    if Command::new("go").arg("version").output().is_err() {
        assert!(
            std::env::var_os(REQUIRE).is_none(),
            "{REQUIRE} is set, but go is not on PATH"
        );
        eprintln!("skipped: go is not on PATH");
        return;
    }
    let machine = Machine::new();
    machine.write("project/gomodcache.toml", GREETINGS);
    machine.write("project/app/go.mod", "module example.org/app\n\ngo 1.21\n");
    machine.write(
        "project/app/main.go",
        "package main\n\nimport \"example.com/greetings\"\n\nfunc main() { println(greetings.Hello(\"Gopher\")) }\n",
    );
    machine
        .run(&["fetch", "example.com/greetings", "--all-versions"])
        .code_is(0);
    let mut command = machine.program("sh");
    command
        .args(["-c", OFFLINE])
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GOMODCACHE_PROGRAM", env!("CARGO_BIN_EXE_gomodcache"));
    let answer = Answer::new(&command.output().expect("sh"), &machine);
    assert_eq!(answer.code, 0, "{}\n{}", answer.out, answer.err);
    for expected in [
        "example.com/greetings v1.0.0 v1.1.0 v1.2.1\n",
        "example.com/greetings v1.2.1\n",
        "all modules verified\n",
        "\"Sum\": \"h1:lw9xZozgk74YHMrRJ/7bJJw3wCeK1ifTNKwgGOjorFA=\"",
    ] {
        assert!(
            answer.out.contains(expected),
            "no {expected:?} in\n{}",
            answer.out
        );
    }
    assert!(answer.err.contains("Gopher"), "{}", answer.err);
}
