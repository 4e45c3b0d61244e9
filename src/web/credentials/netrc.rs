//! The file `.netrc`: logins by host.
//!
//! Source of the rules: `cmd/go/internal/auth/netrc.go`, oddities included. A login counts once its machine, user
//! and password are known, `default` stands for nothing, and what follows `macdef` is passed over up to an empty
//! line.

use super::UserInfo;

/// What one host is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    /// The host, maybe with a port or the beginning of a path.
    pub(super) machine: String,
    pub(super) info: UserInfo,
}

/// Reads the logins in the order of the file; what makes no sense is passed over.
pub(super) fn parse(text: &str) -> Vec<Login> {
    let mut logins = Vec::new();
    let (mut machine, mut user, mut password) = ("", "", "");
    let mut in_macro = false;
    for line in text.split('\n') {
        if in_macro {
            in_macro = !line.is_empty();
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let (pairs, rest) = words.as_chunks::<2>();
        for [key, value] in pairs {
            match *key {
                "machine" => (machine, user, password) = (value, "", ""),
                "login" => user = value,
                "password" => password = value,
                "macdef" => in_macro = true,
                _ => {}
            }
            if !machine.is_empty() && !user.is_empty() && !password.is_empty() {
                logins.push(Login {
                    machine: machine.to_owned(),
                    info: UserInfo {
                        user: user.to_owned(),
                        password: password.to_owned(),
                    },
                });
                (machine, user, password) = ("", "", "");
            }
        }
        if rest == ["default"] {
            break;
        }
    }
    logins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let show = |login: Login| {
            let UserInfo { user, password } = login.info;
            format!("{} {user} {password}", login.machine)
        };
        parse(text).into_iter().map(show).collect()
    }

    #[test]
    fn a_login_may_be_on_one_line_or_on_many() {
        let text =
            "machine a.example login u password p\nmachine b.example\n\tlogin v\n\tpassword q\n";
        assert_eq!(read(text), ["a.example u p", "b.example v q"]);
    }

    #[test]
    fn what_is_not_whole_is_passed_over() {
        assert_eq!(
            read("machine a login u\nmachine b password p login u\n"),
            ["b u p"]
        );
        assert_eq!(read("login u password p\n"), Vec::<String>::new());
        assert_eq!(read("machine a\nlogin u account x password p"), ["a u p"]);
        // An odd word at the end of a line is lost, and with it the order of what would follow.
        assert_eq!(read("machine a login\nu password p"), Vec::<String>::new());
    }

    #[test]
    fn a_macro_ends_at_an_empty_line() {
        let text = "macdef init\nmachine a login u password p\n \n\nmachine b login v password q\n";
        assert_eq!(read(text), ["b v q"]);
    }

    #[test]
    fn default_ends_the_file_where_it_stands_alone() {
        assert_eq!(
            read("default\nmachine a login u password p"),
            Vec::<String>::new()
        );
        let text = "default login u password p\nmachine a login v password q";
        assert_eq!(read(text), ["a v q"]);
        assert_eq!(
            read("machine a login u default password\np q"),
            Vec::<String>::new()
        );
    }
}
