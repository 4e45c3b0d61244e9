//! The examples of README.md for systemd, containers and Kubernetes: they fit together, and the program does what they
//! want of it.

use crate::client::{Reply, request, send};
use crate::loopback::{Answer, Loopback};
use crate::readme::{block, text};
use crate::support::sandbox::Sandbox;
use crate::support::tests;
use crate::team::Served;
use libtest_mimic::Trial;
use rustix::process::Signal;
use std::path::PathBuf;
use yaml_rust2::{Yaml, YamlLoader};

const SECTION: &str = "### Run it as a service";
const PROGRAM: &str = "/usr/local/bin/gomodcache";
const PROXY: &str = "https://proxy.golang.org,direct";

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("manifests":
        the_parts_in_kubernetes_fit_together,
        a_container_in_kubernetes_answers_its_probes,
        a_unit_of_systemd_starts_and_reloads,
        an_image_has_the_program_where_it_is_started,
    )
}

/// The objects in Kubernetes, by kind.
fn object(kind: &str) -> Yaml {
    let documents = block(SECTION, "yaml", 0);
    let documents = YamlLoader::load_from_str(&documents).expect("YAML");
    let mut found = documents
        .into_iter()
        .filter(|document| text(&document["kind"]) == kind);
    found.next().expect(kind)
}

fn pod() -> Yaml {
    object("Deployment")["spec"]["template"]["spec"].clone()
}

fn container() -> Yaml {
    pod()["containers"][0].clone()
}

fn items(list: &Yaml) -> &Vec<Yaml> {
    list.as_vec().expect("a list")
}

fn the_parts_in_kubernetes_fit_together() {
    let (deployment, service, ingress) =
        (object("Deployment"), object("Service"), object("Ingress"));
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    assert!(labels["app"].as_str().is_some());
    assert_eq!(&deployment["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(&service["spec"]["selector"], labels);
    let container = container();
    let (port, exposed) = (&container["ports"][0], &service["spec"]["ports"][0]);
    assert_eq!(exposed["targetPort"], port["name"]);
    let path = &ingress["spec"]["rules"][0]["http"]["paths"][0];
    let backend = &path["backend"]["service"];
    assert_eq!(backend["name"], service["metadata"]["name"]);
    assert_eq!(backend["port"]["name"], exposed["name"]);
    let hosts = &ingress["spec"]["tls"][0]["hosts"][0];
    assert_eq!(hosts, &ingress["spec"]["rules"][0]["host"]);
    for probe in ["livenessProbe", "readinessProbe"] {
        assert_eq!(container[probe]["httpGet"]["port"], port["name"], "{probe}");
    }
    let pod = pod();
    let names = |list: &Yaml| -> Vec<String> {
        let names = items(list)
            .iter()
            .map(|item| text(&item["name"]).to_owned());
        names.collect()
    };
    assert_eq!(names(&container["volumeMounts"]), names(&pod["volumes"]));
    let claim = &pod["volumes"][0]["persistentVolumeClaim"]["claimName"];
    assert_eq!(claim, &object("PersistentVolumeClaim")["metadata"]["name"]);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], Yaml::Boolean(true));
    // What is asked for is answered before it is killed: that takes 30 seconds at most.
    let patience = pod["terminationGracePeriodSeconds"].as_i64();
    assert!(patience.is_some_and(|seconds| seconds > 30));
}

/// Starts the program as an example says where nothing is set up, but with a proxy on loopback and at any port; gives
/// the port of the example, too.
fn start(
    sandbox: &Sandbox,
    arguments: &[String],
    variables: &[(String, PathBuf)],
) -> (Served, u16) {
    let proxy = Loopback::start(|_| Answer::status(404)).url();
    let place = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("0.0.0.0:"));
    let port = place.and_then(|port| port.parse().ok());
    assert!(arguments.iter().any(|argument| argument == PROXY));
    let mut command = sandbox.gomodcache();
    command
        .env_clear()
        .current_dir("/")
        .envs(variables.iter().cloned());
    command.args(arguments.iter().map(|argument| match argument.as_str() {
        PROXY => &proxy,
        argument if argument.starts_with("0.0.0.0:") => "127.0.0.1:0",
        argument => argument,
    }));
    (Served::spawn(&mut command), port.expect("a port"))
}

/// As the readiness probe asks: by HTTP/1.1, at the address of the container.
fn probe(served: &Served, path: &str) -> u16 {
    let received = send(served.address(), &request("GET", path, &[]));
    Reply::parse(&received).expect("an answer").status
}

fn a_container_in_kubernetes_answers_its_probes() {
    let sandbox = Sandbox::new();
    let container = container();
    let arguments = items(&container["args"]).iter();
    let arguments: Vec<String> = arguments
        .map(|argument| text(argument).to_owned())
        .collect();
    let mounts = items(&container["volumeMounts"]).iter();
    let mounts: Vec<&str> = mounts.map(|mount| text(&mount["mountPath"])).collect();
    // Nothing is written but in the volumes, which are empty.
    let variables = items(&container["env"]).iter().map(|variable| {
        let folder = text(&variable["value"]);
        assert!(mounts.contains(&folder), "{folder}");
        let folder = sandbox.path(folder.trim_start_matches('/'));
        std::fs::create_dir_all(&folder).expect("a folder");
        (text(&variable["name"]).to_owned(), folder)
    });
    let variables: Vec<_> = variables.collect();
    let (served, port) = start(&sandbox, &arguments, &variables);
    let exposed = &container["ports"][0]["containerPort"];
    assert_eq!(exposed, &Yaml::Integer(port.into()));
    for name in ["livenessProbe", "readinessProbe"] {
        let path = text(&container[name]["httpGet"]["path"]);
        assert_eq!(probe(&served, path), 200, "{path}");
    }
    assert_eq!(probe(&served, "/example.com/absent/@v/list"), 404);
}

fn a_unit_of_systemd_starts_and_reloads() {
    let sandbox = Sandbox::new();
    let unit = block(SECTION, "ini", 0);
    let setting = |name: &str| -> Vec<String> {
        let mut lines = unit.lines();
        let value = lines.find_map(|line| line.strip_prefix(&format!("{name}=")));
        let words = value.expect(name).split(' ');
        words.map(str::to_owned).collect()
    };
    let words = setting("ExecStart");
    let (program, arguments) = words.split_first().expect("a command");
    assert_eq!(program, PROGRAM);
    // systemd makes this folder, and no other can be written to.
    let folder = format!("%C/{}", setting("CacheDirectory").concat());
    std::fs::create_dir(sandbox.path("cache")).expect("a folder");
    let variables = setting("Environment").into_iter().map(|variable| {
        let (name, value) = variable.split_once('=').expect("a variable");
        let below = value.strip_prefix(&folder).expect("in the folder");
        (name.to_owned(), sandbox.path(&format!("cache{below}")))
    });
    let variables: Vec<_> = variables.collect();
    let (mut served, _) = start(&sandbox, arguments, &variables);
    assert_eq!(probe(&served, "/readyz"), 200);
    assert_eq!(setting("ExecReload"), ["/bin/kill", "-HUP", "$MAINPID"]);
    served.signal(Signal::HUP);
    assert_eq!(probe(&served, "/readyz"), 200);
    served.signal(Signal::TERM);
    assert_eq!(served.wait().code, Some(0));
}

fn an_image_has_the_program_where_it_is_started() {
    let file = block(SECTION, "dockerfile", 0);
    let manifest = include_str!("../../Cargo.toml");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let version = version.expect("a version").trim_matches('"');
    assert!(
        file.starts_with(&format!("FROM rust:{version}-bookworm AS build\n")),
        "{file}"
    );
    assert!(
        file.contains("/src/target/release/gomodcache /usr/local/bin/\n"),
        "{file}"
    );
    assert!(
        file.ends_with(&format!("ENTRYPOINT [\"{PROGRAM}\"]\n")),
        "{file}"
    );
}
