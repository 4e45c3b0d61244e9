#!/bin/sh
# Makes greetings.bundle, the sample mirror of README.md and the tests: a small repository with what a
# real one has. Names, dates and contents are fixed, so every run gives the same commits and tags
# (the bundle's own bytes may differ between versions of git).
#
#   sh tests/testdata/greetings.sh [FILE]      writes FILE, else greetings.bundle beside this script
#
# What is in it:
#
#   main     v1.0.0 --- v1.1.0 --- lang/v0.1.0 --- v1.2.0 --- v1.2.1 --- (one commit without a tag)
#                                       \
#   v2                                   v2.0.0-beta.1 --- v2.0.0
#
#   v1.1.0       an annotated tag; the others are plain
#   lang/v0.1.0  the nested module example.com/greetings/lang
#   v1.2.0       retracted by the go.mod of v1.2.1
#   v2.*         the module example.com/greetings/v2, on the branch v2
#
# greetings.sum holds the sums that `go mod download` (go1.26.8) gives for all of these.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bundle=${1:-$here/greetings.bundle}
case $bundle in /*) ;; *) bundle=$PWD/$bundle ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Nothing of the user's or the machine's git may leak in.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_TEMPLATE_DIR
export HOME="$work" XDG_CONFIG_HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME='Greetings Authors' GIT_AUTHOR_EMAIL=greetings@example.com
export GIT_COMMITTER_NAME='Greetings Authors' GIT_COMMITTER_EMAIL=greetings@example.com

# at DATE: the date of the commits and tags that follow.
at() {
    export GIT_AUTHOR_DATE="$1" GIT_COMMITTER_DATE="$1"
}

commit() {
    git add --all
    git commit --quiet --message "$1"
}

git init --quiet --initial-branch=main --object-format=sha1 --template= .

at 2024-01-08T09:00:00Z
cat >LICENSE <<'TEXT'
Copyright (C) 2024 Greetings Authors

Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.
TEXT
cat >README.md <<'TEXT'
# greetings

Says hello. A sample module: nobody serves example.com/greetings.
TEXT
cat >go.mod <<'TEXT'
module example.com/greetings

go 1.21
TEXT
cat >greetings.go <<'TEXT'
// Package greetings says hello.
package greetings

import "fmt"

// Hello returns a greeting for the named person.
func Hello(name string) string {
	return fmt.Sprintf("Hello, %s!", name)
}
TEXT
commit 'Say hello'
git tag v1.0.0

at 2024-02-12T10:30:00Z
cat >>greetings.go <<'TEXT'

// Goodbye returns a farewell for the named person.
func Goodbye(name string) string {
	return fmt.Sprintf("Goodbye, %s!", name)
}
TEXT
cat >greetings_test.go <<'TEXT'
package greetings

import "testing"

func TestHello(t *testing.T) {
	if got, want := Hello("Gopher"), "Hello, Gopher!"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
TEXT
commit 'Say goodbye, too'
git tag --annotate --message 'greetings v1.1.0' v1.1.0

at 2024-03-04T08:15:00Z
mkdir lang
cat >lang/go.mod <<'TEXT'
module example.com/greetings/lang

go 1.21
TEXT
cat >lang/lang.go <<'TEXT'
// Package lang knows how other languages say hello.
package lang

// Hello maps a language code to a greeting.
var Hello = map[string]string{
	"de": "Hallo",
	"en": "Hello",
	"fr": "Bonjour",
	"ja": "こんにちは",
}
TEXT
commit 'Add the module lang'
git tag lang/v0.1.0

git checkout --quiet -b v2
at 2024-03-18T16:00:00Z
sed 's|^module .*|&/v2|' go.mod >go.mod.new
mv go.mod.new go.mod
git rm --quiet -r lang
cat >greetings.go <<'TEXT'
// Package greetings says hello.
package greetings

// Greeting is a word that is said to somebody.
type Greeting string

// The greetings that everybody knows.
const (
	Hello   Greeting = "Hello"
	Goodbye Greeting = "Goodbye"
)

// To addresses the greeting to the named person.
func (g Greeting) To(name string) string {
	return string(g) + ", " + name + "!"
}
TEXT
sed 's|Hello("Gopher")|Hello.To("Gopher")|' greetings_test.go >greetings_test.go.new
mv greetings_test.go.new greetings_test.go
commit 'Make a greeting a type of its own'
git tag v2.0.0-beta.1

at 2024-04-22T12:00:00Z
cat >>greetings.go <<'TEXT'

// String returns the word itself.
func (g Greeting) String() string { return string(g) }
TEXT
commit 'Let a greeting print itself'
git tag v2.0.0

git checkout --quiet main
at 2024-04-02T07:45:00Z
cat >>greetings.go <<'TEXT'

// Shout returns a loud greeting.
func Shout(name string) string {
	return fmt.Sprintf("HELLO, %d!", name)
}
TEXT
commit 'Shout'
git tag v1.2.0

at 2024-04-03T07:00:00Z
sed 's|HELLO, %d!|HELLO, %s!|' greetings.go >greetings.go.new
mv greetings.go.new greetings.go
cat >>go.mod <<'TEXT'

retract v1.2.0 // Shout prints the name as a number.
TEXT
commit 'Shout names, not numbers'
git tag v1.2.1

at 2024-05-06T11:20:00Z
echo 'Use example.com/greetings/v2 in new code.' >>README.md
commit 'Point at v2'

git -c pack.threads=1 bundle create --quiet "$bundle" --all
