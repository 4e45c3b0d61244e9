//! Many who want the same at the same time, and a source that lets them wait.

use crate::loopback::{Gate, Loopback};
use crate::team::Served;
use crate::world::Files;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// Starts a proxy that has these files, behind a gate that is shut.
pub(crate) fn gated(files: &Files) -> (Gate, Loopback) {
    let gate = Gate::default();
    let answers = files.answers();
    let upstream = Loopback::start({
        let gate = gate.clone();
        move |asked| {
            gate.pass();
            answers(asked)
        }
    });
    (gate, upstream)
}

/// Clients that wait for their answers.
pub(crate) struct Crowd {
    runtime: Runtime,
    answers: Vec<JoinHandle<reqwest::Result<bytes::Bytes>>>,
}

impl Crowd {
    pub(crate) fn new() -> Crowd {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        Crowd {
            runtime: builder.enable_all().build().expect("a runtime"),
            answers: Vec::new(),
        }
    }

    /// Asks a server so many times on each of so many connections, and waits until it has heard of all.
    pub(crate) fn ask(&mut self, served: &Served, target: &str, connections: usize, each: usize) {
        for _ in 0..connections {
            let builder = reqwest::Client::builder()
                .http2_prior_knowledge()
                .no_proxy();
            let client = builder.build().expect("a client");
            for _ in 0..each {
                let request = client.get(format!("{}{target}", served.url)).send();
                let answer = async move { request.await?.bytes().await };
                self.answers.push(self.runtime.spawn(answer));
            }
        }
        served.until_in_flight(connections * each);
    }

    /// Demands that everybody gets this.
    pub(crate) fn all_get(self, expected: &[u8]) {
        for answer in self.answers {
            let answer = self.runtime.block_on(answer).expect("no panic");
            assert!(answer.expect("an answer") == expected);
        }
    }
}
