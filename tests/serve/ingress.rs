//! Behind the real nginx, in each way that an ingress puts it there.

use crate::certificate::{Certificate, runtime};
use crate::go::go;
use crate::nginx::{self, Nginx, free_ports};
use crate::sumdb::files_below;
use crate::support::sandbox::{run_well, tell};
use crate::support::{oracle, unless};
use crate::team::{Served, Team};
use crate::world::Files;
use libtest_mimic::{Completion, Trial};
use reqwest::{Client, Method};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let name = "ingress::clients_get_the_same_through_every_kind_of_ingress";
    let missing = || oracle::missing().or_else(nginx::missing);
    vec![unless(missing, name, || {
        clients_get_the_same_through_every_kind_of_ingress();
        Ok(Completion::Completed)
    })]
}

/// Two controllers, each for the hosts of its class, before a server in the clear and one with TLS and a prefix.
struct Cluster {
    team: Team,
    certificate: Certificate,
    /// The file of the authority.
    authority: String,
    clear: Served,
    secure: Served,
    ports: [u16; 4],
    _controllers: [Nginx; 2],
}

impl Cluster {
    fn new(upstream: &str) -> Cluster {
        let team = Team::new();
        let certificate = Certificate::new();
        let [crt, key, authority] = certificate.write(&team.sandbox);
        let options = ["--behind-proxy", "--fetch", "--proxy", upstream];
        let mut clear = Served::command(&team.sandbox, &team.cache(), &options);
        let clear = Served::spawn(clear.env("GOSUMDB", "off"));
        let tls = ["--tls-cert", &crt, "--tls-key", &key];
        let secure = team.serve(&[&tls[..], &["--behind-proxy", "--prefix", "/go"]].concat());
        let ports = free_ports();
        let [host, backend, passed, internal] = ports;
        let (http, https) = (clear.address(), secure.address());
        let public = format!(
            "{}
server {{ listen 127.0.0.1:{host}; server_name localhost; location / {{ proxy_pass http://{http}; }} }}
server {{ listen 127.0.0.1:{host} default_server; return 404; }}
server {{
    listen 127.0.0.1:{backend} ssl http2; server_name localhost;
    ssl_certificate {crt}; ssl_certificate_key {key};
    location /go/ {{
        proxy_pass https://{https}; proxy_ssl_name localhost; proxy_ssl_server_name on;
        proxy_ssl_verify on; proxy_ssl_trusted_certificate {authority};
    }}
}}
}}
stream {{
    map $ssl_preread_server_name $backend {{ localhost {https}; }}
    server {{ listen 127.0.0.1:{passed}; ssl_preread on; proxy_pass $backend; }}
}}",
            http_block(FORWARDING)
        );
        let internal_only = format!(
            "{}
server {{ listen 127.0.0.1:{internal}; server_name 127.0.0.1; location / {{ proxy_pass http://{http}; }} }}
server {{ listen 127.0.0.1:{internal} default_server; return 404; }}
}}",
            // As nginx is by itself: HTTP/1.0, and nothing told of the client.
            http_block("")
        );
        let sandbox = &team.sandbox;
        let _controllers = [
            Nginx::start(sandbox, "public", &public, &[host, backend, passed]),
            Nginx::start(sandbox, "internal", &internal_only, &[internal]),
        ];
        Cluster {
            team,
            certificate,
            authority,
            clear,
            secure,
            ports,
            _controllers,
        }
    }

    /// The values for GOPROXY, and those that lead past nginx.
    fn ways(&self) -> [(String, &str); 4] {
        let [host, backend, passed, internal] = self.ports;
        let (clear, secure) = (self.clear.url.as_str(), self.secure.url.as_str());
        [
            (format!("http://localhost:{host}"), clear),
            (format!("https://localhost:{backend}/go"), secure),
            (format!("https://localhost:{passed}/go"), secure),
            (format!("http://127.0.0.1:{internal}"), clear),
        ]
    }
}

/// What ingress controllers tell the server.
const FORWARDING: &str = "proxy_http_version 1.1; proxy_set_header Connection \"\";
proxy_set_header Host $http_host;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Host $http_host;
proxy_set_header X-Forwarded-Proto $scheme;
";

/// The beginning of a block, with all files in the folder of nginx.
fn http_block(directives: &str) -> String {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let folders = kinds.map(|kind| format!("{kind}_temp_path {kind};\n"));
    format!("http {{\naccess_log off;\n{}{directives}", folders.concat())
}

/// What came, without what belongs to one connection alone.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, Vec<u8>>,
    body: Vec<u8>,
}

const HOP_BY_HOP: [&str; 6] = [
    "connection",
    "date",
    "keep-alive",
    "server",
    "transfer-encoding",
    "x-request-id",
];

fn ask(client: &Client, url: &str, method: &Method, header: (&str, &str)) -> Answer {
    let request = client.request(method.clone(), url);
    let answer = async {
        let response = request.header(header.0, header.1).send().await?;
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        Ok::<_, reqwest::Error>(Answer {
            status: response.status().as_u16(),
            headers: headers
                .filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()))
                .collect(),
            body: response.bytes().await?.to_vec(),
        })
    };
    let answer = runtime().block_on(answer);
    answer.unwrap_or_else(|error| panic!("{method} {url}: {error:?}"))
}

fn clients_get_the_same_through_every_kind_of_ingress() {
    let upstream = Files::default()
        .module("example.com/elsewhere", &["v1.0.0"])
        .serve();
    let cluster = Cluster::new(&upstream.url());
    let client = cluster.certificate.client(IpAddr::from([127, 0, 0, 2]));
    hosts_of_another_class_are_not_routed(&cluster, &client);
    nothing_is_fetched_for_those_who_forbid_it(&cluster, &client);
    assert!(
        upstream
            .targets()
            .iter()
            .any(|target| target.contains("elsewhere"))
    );
    for (through, direct) in cluster.ways() {
        answers_are_those_of_a_direct_connection(&client, &through, direct);
    }
    go_gets_the_same(&cluster);
    the_client_is_known(cluster, &client);
}

fn hosts_of_another_class_are_not_routed(cluster: &Cluster, client: &Client) {
    let [host, backend, _, internal] = cluster.ports;
    for url in [
        format!("http://127.0.0.1:{host}/example.com/m/@v/list"),
        format!("http://localhost:{internal}/example.com/m/@v/list"),
        format!("https://localhost:{backend}/example.com/m/@v/list"),
    ] {
        let answer = ask(client, &url, &Method::GET, ("Accept", "*/*"));
        assert_eq!(answer.status, 404, "{url}");
    }
    let url = format!("http://localhost:{internal}");
    let told = tell(go(&cluster.team, &url).args(["list", "-m", "example.com/m@v1.0.0"]));
    told.fails(1, ["404 Not Found"]);
}

fn nothing_is_fetched_for_those_who_forbid_it(cluster: &Cluster, client: &Client) {
    for (url, _) in cluster.ways() {
        let url = format!("{url}/example.com/elsewhere/@v/v1.0.0.info");
        let forbidding = ("Disable-Module-Fetch", "true");
        let answer = ask(client, &url, &Method::GET, forbidding);
        assert_eq!(answer.status, 404, "{url}: {answer:?}");
    }
    let (url, _) = &cluster.ways()[0];
    let url = format!("{url}/example.com/elsewhere/@v/v1.0.0.info");
    let answer = ask(client, &url, &Method::GET, ("Accept", "*/*"));
    assert_eq!(answer.status, 200, "{url}: {answer:?}");
}

fn answers_are_those_of_a_direct_connection(client: &Client, through: &str, direct: &str) {
    let zip = "example.com/large/@v/v1.0.0.zip";
    let url = format!("{direct}/{zip}");
    let whole = ask(client, &url, &Method::GET, ("Accept", "*/*"));
    assert!(whole.body.len() > 1_000_000, "{url}");
    let etag = String::from_utf8_lossy(&whole.headers["etag"]);
    let accept = ("Accept", "*/*");
    let mut asked = vec![
        (zip, Method::HEAD, accept, 200),
        (zip, Method::GET, ("Range", "bytes=1000-900000"), 206),
        (zip, Method::GET, ("Range", "bytes=-7"), 206),
        (zip, Method::GET, ("Range", "bytes=9000000-"), 416),
        (zip, Method::GET, ("If-None-Match", etag.as_ref()), 304),
        (zip, Method::POST, accept, 405),
        ("index", Method::GET, ("Accept-Encoding", "gzip"), 200),
    ];
    asked.extend(
        [
            (zip, 200),
            ("example.com/m/@v/list", 200),
            ("example.com/m/@latest", 200),
            ("example.com/m/@v/v1.info", 200),
            ("example.com/m/@v/v1.0.0.info", 200),
            ("example.com/m/@v/v1.0.0.mod", 200),
            ("example.com/head/@v/list", 200),
            ("example.com/!upper/@v/v1.1.0-!r!c1.info", 200),
            ("example.com/%21upper/@v/v1.1.0-%21r%21c1.zip", 200),
            ("example.com/old/@v/v2.0.0+incompatible.mod", 200),
            ("example.com/old/@v/v2.0.0%2Bincompatible.zip", 200),
            ("cached-only/example.com/m/@latest", 200),
            ("healthz", 200),
            ("readyz", 200),
            ("example.com/@v/list", 404),
            ("example.com/Upper/@v/list", 404),
            ("example.com/m/@v/v9.0.0.info", 404),
            ("sumdb/sum.golang.org/supported", 404),
            ("robots.txt", 404),
            ("example.com/%252e%252e/@v/list", 400),
        ]
        .map(|(target, status)| (target, Method::GET, accept, status)),
    );
    for (target, method, header, status) in asked {
        let [ours, theirs] =
            [through, direct].map(|url| ask(client, &format!("{url}/{target}"), &method, header));
        let what = format!("{method} {through}/{target} {header:?}");
        assert_eq!(theirs.status, status, "{what}: {theirs:?}");
        assert_eq!(ours.headers, theirs.headers, "{what}");
        assert!(ours == theirs, "{what}: {} {}", ours.status, theirs.status);
    }
}

fn go_gets_the_same(cluster: &Cluster) {
    let download = |goproxy: &str| {
        let run = |arguments: &[&str], goproxy: &str| {
            let mut command = go(&cluster.team, goproxy);
            command.env("SSL_CERT_FILE", &cluster.authority);
            run_well(command.env("GOINSECURE", "").args(arguments)).stdout
        };
        let versions = run(&["list", "-m", "-versions", "example.com/m"], goproxy);
        run(
            &[
                "mod",
                "download",
                "example.com/m@latest",
                "example.com/Upper@v1.1.0-RC1",
                "example.com/old@v2.0.0+incompatible",
                "example.com/large@v1.0.0",
            ],
            goproxy,
        );
        let files = files_below(&cluster.team.sandbox.path("user/cache/download"));
        assert!(files.contains_key("example.com/large/@v/v1.0.0.zip"));
        (versions, files)
    };
    let expected = download(&cluster.clear.url);
    assert!(expected.0.starts_with(b"example.com/m v1.0.0 "));
    for (through, _) in cluster.ways() {
        assert!(download(&through) == expected, "{through}");
    }
}

/// Nobody can pass for another by writing the header, and the page names the address that the client used.
fn the_client_is_known(cluster: Cluster, client: &Client) {
    let [host, backend, ..] = cluster.ports;
    let forged = ("X-Forwarded-For", "198.51.100.7");
    for url in [
        format!("http://localhost:{host}"),
        format!("https://localhost:{backend}/go"),
    ] {
        let page = ask(client, &format!("{url}/"), &Method::GET, forged).body;
        let page = String::from_utf8_lossy(&page);
        assert!(page.contains(&format!("GOPROXY={url}<")), "{page}");
    }
    for (served, path) in [(cluster.clear, "/"), (cluster.secure, "/go/")] {
        let told = served.stop();
        told.mentions([format!("127.0.0.2 - \"GET {path} HTTP/1.1\" 200").as_str()]);
        assert!(!told.stderr.contains("198.51.100.7"), "{told:#?}");
    }
}
