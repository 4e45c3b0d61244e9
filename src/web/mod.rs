//! The one HTTP client of the program: git's smart HTTP, module proxies, checksum databases, `?go-get=1`.
//!
//! A [`Client`] sends a [`Request`] and gives the [`Response`] as soon as its head is there; the [`Body`] is
//! read like a file. HTTP/1.1 connections are kept alive, HTTP/2 is spoken where a server offers it over TLS,
//! gzip is undone. [`Client::get`] follows redirects as go does, and sends credentials to nobody but the host
//! they are for. [`retried`] tries again what may pass.
//!
//! Whoever waits can be interrupted: an [`Interrupt`] is asked some 20 times a second. Nothing is read from
//! the environment, and nothing is built before the first request: no thread, no certificates.

mod answer;
mod certificates;
mod client;
mod credentials;
mod failure;
mod forward;
mod get;
mod interrupt;
mod pace;
mod redirect;
mod retry;
mod settings;

pub use answer::{Body, Response};
pub use client::{Client, Request, Security, shown};
pub use credentials::{Credentials, NoCredentials, Refusal, UserCredentials, UserInfo, is_private};
pub use get::Get;
pub use interrupt::{Interrupt, Interrupted, POLL};
pub use pace::Pace;
pub use redirect::{Encryption, Host, Redirect};
pub use reqwest::header;
pub use reqwest::{Method, StatusCode};
pub use retry::{Lasting, Transient, retried, retry_after};
pub use settings::{LowSpeed, Settings};

#[cfg(test)]
#[path = "../../tests/support/loopback.rs"]
pub(crate) mod loopback;
#[cfg(test)]
pub(crate) mod tests;
