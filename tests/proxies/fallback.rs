//! Who is asked after proxies that have no answer: the end of a list counts as one more of its servers.

use crate::comparison::go;
use crate::loopback::{Answer, Loopback};
use crate::support::oracle_tests;
use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{run, tell};
use crate::world::Files;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("fallback":
        mirrors_come_after_proxies_where_go_would_ask_one_more,
    )
}

const REQUEST: &str = "example.com/m@v1.0.0";

fn mirrors_come_after_proxies_where_go_would_ask_one_more() {
    for (list, statuses, goes_on) in [
        ("{0},{1},{END}", [404, 410], true),
        ("{0},{1},{END}", [404, 403], false),
        ("{0},{1},{END}", [403, 404], false),
        ("{0}|{1},{END}", [403, 404], true),
        ("{0},{1}|{END}", [403, 404], false),
        ("{0},{1}|{END}", [404, 403], true),
        ("{0}|{1}|{END}", [403, 403], true),
    ] {
        let sandbox = sample::sandbox();
        let proxies = statuses.map(|status| Loopback::start(move |_| Answer::status(status)));
        let list = list
            .replace("{0}", &proxies[0].url())
            .replace("{1}", &proxies[1].url());
        let honest = Files::of(&["v1.0.0"]).serve();
        let by_go = list.replace("{END}", &honest.url());
        let mut go = go(&sandbox, &by_go, &sandbox.path("go"));
        let output = run(go.args(["mod", "download", REQUEST]));
        assert_eq!(output.status.success(), goes_on, "{by_go}: {output:?}");
        let asked_by_go = proxies[1].take().is_empty();

        let rule = format!(
            "[[mirror]]\nmodule = \"example.com/m\"\nrepository = \"{}\"\n",
            sandbox.path("m.git").display()
        );
        sandbox.write("work/gomodcache.toml", rule);
        let mut ours = sandbox.gomodcache();
        ours.args(["fetch", REQUEST, "--sumdb", "off", "--proxy"])
            .arg(list.replace("{END}", "direct"))
            .arg("--modcache")
            .arg(sandbox.path("ours"));
        let told = tell(&mut ours);
        match goes_on {
            true => told.prints(FIRST_SUMS),
            false => told.fails(1, ["403"]),
        }
        assert_eq!(proxies[1].asked().is_empty(), asked_by_go, "{list}");
    }
}
