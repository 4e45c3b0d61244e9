use super::*;
use crate::module::ModulePath;
use crate::source::{BuiltIn, GoProxies, Mirrors, Source};

#[test]
fn the_table_is_written_in_the_language_of_rules() {
    let rules = parse().unwrap();
    assert!(rules.len() > 100);
    assert!(rules.iter().all(|rule| rule.denial().is_none()));
    assert!(rules.iter().all(|rule| rule.origin == RuleOrigin::BuiltIn));
}

/// A module, its repository, the path at the root of that, and the module's folder in it.
const PLACES: &[(&str, &str, &str, &str)] = &[
    (
        "golang.org/x/text",
        "github.com/golang/text",
        "golang.org/x/text",
        "",
    ),
    (
        "golang.org/x/tools/gopls",
        "github.com/golang/tools",
        "golang.org/x/tools",
        "gopls",
    ),
    (
        "google.golang.org/grpc",
        "github.com/grpc/grpc-go",
        "google.golang.org/grpc",
        "",
    ),
    (
        "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
        "github.com/grpc/grpc-go",
        "google.golang.org/grpc",
        "cmd/protoc-gen-go-grpc",
    ),
    (
        "google.golang.org/protobuf",
        "github.com/protocolbuffers/protobuf-go",
        "google.golang.org/protobuf",
        "",
    ),
    (
        "google.golang.org/genproto/googleapis/rpc",
        "github.com/googleapis/go-genproto",
        "google.golang.org/genproto",
        "googleapis/rpc",
    ),
    (
        "google.golang.org/api",
        "github.com/googleapis/google-api-go-client",
        "google.golang.org/api",
        "",
    ),
    (
        "google.golang.org/appengine/v2",
        "github.com/golang/appengine",
        "google.golang.org/appengine",
        "",
    ),
    (
        "cloud.google.com/go",
        "github.com/googleapis/google-cloud-go",
        "cloud.google.com/go",
        "",
    ),
    (
        "cloud.google.com/go/storage",
        "github.com/googleapis/google-cloud-go",
        "cloud.google.com/go",
        "storage",
    ),
    (
        "cloud.google.com/go/pubsub/v2",
        "github.com/googleapis/google-cloud-go",
        "cloud.google.com/go",
        "pubsub",
    ),
    (
        "gopkg.in/yaml.v3",
        "github.com/go-yaml/yaml",
        "gopkg.in/yaml.v3",
        "",
    ),
    (
        "gopkg.in/check.v1",
        "github.com/go-check/check",
        "gopkg.in/check.v1",
        "",
    ),
    (
        "gopkg.in/src-d/go-git.v4",
        "github.com/src-d/go-git",
        "gopkg.in/src-d/go-git.v4",
        "",
    ),
    (
        "gopkg.in/DataDog/dd-trace-go.v1",
        "github.com/DataDog/dd-trace-go",
        "gopkg.in/DataDog/dd-trace-go.v1",
        "",
    ),
    (
        "gopkg.in/x/y.z.v2-unstable",
        "github.com/x/y.z",
        "gopkg.in/x/y.z.v2-unstable",
        "",
    ),
    (
        "go.yaml.in/yaml/v3",
        "github.com/yaml/go-yaml",
        "go.yaml.in/yaml",
        "",
    ),
    (
        "k8s.io/klog/v2",
        "github.com/kubernetes/klog",
        "k8s.io/klog",
        "",
    ),
    (
        "k8s.io/kube-openapi",
        "github.com/kubernetes/kube-openapi",
        "k8s.io/kube-openapi",
        "",
    ),
    (
        "sigs.k8s.io/structured-merge-diff/v6",
        "github.com/kubernetes-sigs/structured-merge-diff",
        "sigs.k8s.io/structured-merge-diff",
        "",
    ),
    (
        "sigs.k8s.io/kustomize/kyaml",
        "github.com/kubernetes-sigs/kustomize",
        "sigs.k8s.io/kustomize",
        "kyaml",
    ),
    (
        "go.uber.org/zap/exp",
        "github.com/uber-go/zap",
        "go.uber.org/zap",
        "exp",
    ),
    (
        "go.uber.org/mock",
        "github.com/uber-go/mock",
        "go.uber.org/mock",
        "",
    ),
    (
        "go.uber.org/net/metrics",
        "github.com/yarpc/metrics",
        "go.uber.org/net/metrics",
        "",
    ),
    (
        "go.uber.org/thriftrw",
        "github.com/thriftrw/thriftrw-go",
        "go.uber.org/thriftrw",
        "",
    ),
    (
        "go.etcd.io/etcd/client/v3",
        "github.com/etcd-io/etcd",
        "go.etcd.io/etcd",
        "client",
    ),
    (
        "go.etcd.io/bbolt",
        "github.com/etcd-io/bbolt",
        "go.etcd.io/bbolt",
        "",
    ),
    (
        "go.etcd.io/raft/v3",
        "github.com/etcd-io/raft",
        "go.etcd.io/raft",
        "",
    ),
    (
        "gorm.io/gorm",
        "github.com/go-gorm/gorm",
        "gorm.io/gorm",
        "",
    ),
    (
        "gorm.io/driver/postgres",
        "github.com/go-gorm/postgres",
        "gorm.io/driver/postgres",
        "",
    ),
    (
        "honnef.co/go/tools",
        "github.com/dominikh/go-tools",
        "honnef.co/go/tools",
        "",
    ),
    (
        "rsc.io/quote/v3",
        "github.com/rsc/quote",
        "rsc.io/quote",
        "",
    ),
    (
        "gotest.tools/v3",
        "github.com/gotestyourself/gotest.tools",
        "gotest.tools",
        "",
    ),
    (
        "gotest.tools/gotestsum",
        "github.com/gotestyourself/gotestsum",
        "gotest.tools/gotestsum",
        "",
    ),
    ("mvdan.cc/sh/v3", "github.com/mvdan/sh", "mvdan.cc/sh", ""),
    (
        "mvdan.cc/garble",
        "github.com/burrowers/garble",
        "mvdan.cc/garble",
        "",
    ),
    (
        "modernc.org/sqlite",
        "gitlab.com/cznic/sqlite",
        "modernc.org/sqlite",
        "",
    ),
    (
        "modernc.org/cc/v4",
        "gitlab.com/cznic/cc",
        "modernc.org/cc",
        "",
    ),
    (
        "go.opentelemetry.io/otel/exporters/otlp/otlptrace",
        "github.com/open-telemetry/opentelemetry-go",
        "go.opentelemetry.io/otel",
        "exporters/otlp/otlptrace",
    ),
    (
        "go.opentelemetry.io/proto/otlp",
        "github.com/open-telemetry/opentelemetry-proto-go",
        "go.opentelemetry.io/proto",
        "otlp",
    ),
    (
        "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
        "github.com/open-telemetry/opentelemetry-go-contrib",
        "go.opentelemetry.io/contrib",
        "instrumentation/net/http/otelhttp",
    ),
    (
        "go.mongodb.org/mongo-driver/v2",
        "github.com/mongodb/mongo-go-driver",
        "go.mongodb.org/mongo-driver",
        "",
    ),
    (
        "go.opencensus.io",
        "github.com/census-instrumentation/opencensus-go",
        "go.opencensus.io",
        "",
    ),
    (
        "golang.zx2c4.com/wireguard/wgctrl",
        "github.com/WireGuard/wgctrl-go",
        "golang.zx2c4.com/wireguard/wgctrl",
        "",
    ),
    (
        "dario.cat/mergo",
        "github.com/imdario/mergo",
        "dario.cat/mergo",
        "",
    ),
    (
        "filippo.io/edwards25519",
        "github.com/FiloSottile/edwards25519",
        "filippo.io/edwards25519",
        "",
    ),
    (
        "nhooyr.io/websocket",
        "github.com/coder/websocket",
        "nhooyr.io/websocket",
        "",
    ),
    (
        "gonum.org/v1/gonum",
        "github.com/gonum/gonum",
        "gonum.org/v1/gonum",
        "",
    ),
    (
        "github.com/o/n/sub/v2",
        "github.com/o/n",
        "github.com/o/n",
        "sub",
    ),
    (
        "bitbucket.org/o/n",
        "bitbucket.org/o/n",
        "bitbucket.org/o/n",
        "",
    ),
    (
        "codeberg.org/o/n/v2",
        "codeberg.org/o/n.git",
        "codeberg.org/o/n",
        "",
    ),
    (
        "git.sr.ht/~user/n",
        "git.sr.ht/~user/n",
        "git.sr.ht/~user/n",
        "",
    ),
];

fn without_proxies() -> Mirrors {
    let go = GoProxies {
        list: "direct".parse().unwrap(),
        private: String::new(),
        insecure: String::new(),
    };
    Mirrors::new(Vec::new(), BuiltIn::Used, go)
}

#[test]
fn modules_have_the_repositories_that_their_hosts_tell() {
    let mirrors = without_proxies();
    for (module, repository, root, folder) in PLACES {
        let path = ModulePath::new(module).unwrap();
        let choice = mirrors.choose(&path).unwrap().unwrap();
        let Source::Repository(source) = &choice.sources[0] else {
            panic!("{path} has no repository");
        };
        let place = source.known_place(&path).unwrap().unwrap();
        assert_eq!(
            (
                source.location.as_ref().unwrap().to_string().as_str(),
                place.root(),
                place.folder()
            ),
            (format!("https://{repository}").as_str(), *root, *folder),
            "{module}"
        );
    }
}

#[test]
fn a_host_that_is_not_in_the_table_is_unknown() {
    let mirrors = without_proxies();
    for module in [
        "corp.example/lib",
        "golang.org/toolchain",
        "go.opentelemetry.io/x",
        "gonum.org/x",
    ] {
        let path = ModulePath::new(module).unwrap();
        assert!(mirrors.choose(&path).unwrap().is_none(), "{module}");
    }
}

#[test]
fn a_rule_that_stands_before_a_special_one_would_hide_it() {
    let rules = parse().unwrap();
    for (index, rule) in rules.iter().enumerate() {
        let path = rule.pattern.to_string().replace('*', "x");
        let Ok(path) = ModulePath::new(&path) else {
            continue;
        };
        let first = rules
            .iter()
            .position(|rule| rule.pattern.matches(&path).is_some());
        assert_eq!(first, Some(index), "{} is hidden", rule.pattern);
    }
}
