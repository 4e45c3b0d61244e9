//! One of several servers does the work that they would all do.

use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::Storage;
use crate::cache::File;
use crate::module::ModuleVersion;

/// How often a lease is renewed.
const BEAT: Duration = Duration::from_secs(2);

/// How long a lease stays as it is before its holder is taken for dead.
const DEAD: Duration = Duration::from_secs(10);

/// How often those who wait look.
const LOOK: Duration = Duration::from_millis(200);

/// The right to fetch a version, which is given back when it is dropped.
pub struct Lease<'s> {
    storage: &'s Storage,
    /// Ends the renewal, which then removes the object.
    end: Option<oneshot::Sender<()>>,
    renewal: Option<JoinHandle<()>>,
}

impl Storage {
    /// Waits for the right to fetch a version; `None` once `is_there`, for then there is nothing to fetch.
    ///
    /// # Errors
    /// A bucket that cannot be read or written.
    pub fn lease(
        &self,
        module: &ModuleVersion,
        is_there: impl Fn() -> Result<bool>,
    ) -> Result<Option<Lease<'_>>> {
        let name = self.name(&File::Lock.path_of(module)?)?;
        let mut watched: Option<(UpdateVersion, Instant)> = None;
        loop {
            if is_there()? {
                return Ok(None);
            }
            let held = self.present(&name, self.store.head(&name))?;
            let held = held.map(|meta| UpdateVersion {
                e_tag: meta.e_tag,
                version: meta.version,
            });
            let taken = match (held, &watched) {
                (None, _) => self.put(&name, content(0), PutMode::Create)?,
                (Some(held), Some((seen, since))) if held.e_tag == seen.e_tag => {
                    match since.elapsed() > DEAD {
                        true => self.put(&name, content(0), PutMode::Update(held))?,
                        false => None,
                    }
                }
                (Some(held), _) => {
                    watched = Some((held, Instant::now()));
                    None
                }
            };
            if let Some(version) = taken {
                let lease = self.hold(name, version)?;
                // Whoever had it before may have done the work meanwhile.
                return Ok((!is_there()?).then_some(lease));
            }
            std::thread::sleep(LOOK);
        }
    }

    fn hold(&self, name: Path, version: UpdateVersion) -> Result<Lease<'_>> {
        let (end, ended) = oneshot::channel();
        let store = Arc::clone(&self.store);
        let renewal = self.runtime()?.spawn(renew(store, name, version, ended));
        Ok(Lease {
            storage: self,
            end: Some(end),
            renewal: Some(renewal),
        })
    }
}

/// Renews a lease until it is given back, or somebody else has taken it over.
async fn renew(
    store: Arc<dyn ObjectStore>,
    name: Path,
    mut version: UpdateVersion,
    mut ended: oneshot::Receiver<()>,
) {
    for beat in 1_u64.. {
        if tokio::time::timeout(BEAT, &mut ended).await.is_ok() {
            // One that stays is taken over when the version is wanted again.
            let _ = store.delete(&name).await;
            return;
        }
        let payload = PutPayload::from(content(beat));
        let mode = PutMode::Update(version.clone());
        match store.put_opts(&name, payload, mode.into()).await {
            Ok(result) => version = result.into(),
            Err(object_store::Error::Precondition { .. }) => return,
            // Perhaps the next time.
            Err(_) => {}
        }
    }
}

/// Says who holds a lease, for people, and never says the same twice.
fn content(beat: u64) -> Vec<u8> {
    let holder = rustix::system::uname();
    let host = holder.nodename().to_string_lossy();
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    format!(
        "process {} on {host}, {beat}, {}\n",
        process::id(),
        time.as_nanos()
    )
    .into_bytes()
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            let _ = end.send(());
        }
        // Whoever looks after this finds no lease of ours.
        if let (Ok(runtime), Some(renewal)) = (self.storage.runtime(), self.renewal.take()) {
            let _ = runtime.block_on(renewal);
        }
    }
}
