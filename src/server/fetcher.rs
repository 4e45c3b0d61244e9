//! What is not stored is asked for, once however many want it; what sources say of lists is kept for a while.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::arriving::{Arrival, Arriving};
use super::flights::{Flights, Tell};
use super::metrics::Metrics;
use super::route::{Asked, Part};
use super::upstream::{Refusal, RefusalKind, Said, Upstream};
use crate::module::ModuleVersion;

/// How long what a source says of a list or query is taken for new.
const FRESH: Duration = Duration::from_secs(60);

/// How long it is answered all the same, while the source is asked again.
const STALE: Duration = Duration::from_secs(3600);

/// How long a source that has said nothing is not asked again.
const RESPITE: Duration = Duration::from_secs(5);

/// How many lists and queries are kept, and names of what broke off.
const MOST_KEPT: usize = 100_000;

/// Asks the sources.
pub(super) struct Fetcher {
    upstream: Arc<dyn Upstream>,
    files: Arc<Flights<Asked, Fetched>>,
    sayings: Arc<Flights<Asked, Said>>,
    kept: Arc<Mutex<HashMap<Asked, Kept>>>,
    /// What broke off the last time. Who asks for it again is sent nothing before it is stored, so that he can be told
    /// why it is not.
    suspects: Arc<Mutex<HashSet<Asked>>>,
    metrics: Arc<Metrics>,
}

/// What has become of a file that is fetched.
type Fetched = Result<Place, Arc<Refusal>>;

/// Where a file that is fetched can be read.
#[derive(Clone)]
pub(super) enum Place {
    /// It is not whole yet.
    Arriving(Arriving),
    /// It is stored.
    Stored,
}

struct Kept {
    said: Said,
    since: Instant,
}

impl Fetcher {
    /// Asks nobody yet; `most` questions of either kind are asked at the same time.
    pub(super) fn new(upstream: Arc<dyn Upstream>, most: usize, metrics: &Arc<Metrics>) -> Fetcher {
        Fetcher {
            upstream,
            files: Flights::new(most),
            sayings: Flights::new(most),
            kept: Arc::default(),
            suspects: Arc::default(),
            metrics: Arc::clone(metrics),
        }
    }

    pub(super) fn upstream(&self) -> &Arc<dyn Upstream> {
        &self.upstream
    }

    /// Has a file of a version stored.
    pub(super) async fn fetch(
        &self,
        module: &ModuleVersion,
        part: Part,
    ) -> Result<(), Arc<Refusal>> {
        let is_over = |fetched: &Fetched| !matches!(fetched, Ok(Place::Arriving(_)));
        self.until(module, part, is_over).await.map(drop)
    }

    /// Has a file of a version stored, and gives it as soon as it can be read and this client can `take` it.
    pub(super) async fn follow(
        &self,
        module: &ModuleVersion,
        part: Part,
        take: impl Fn(&Arriving) -> bool,
    ) -> Fetched {
        let asked = Asked::File(module.clone(), part);
        let is_suspect = lock(&self.suspects).contains(&asked);
        let will_do = |fetched: &Fetched| match fetched {
            Ok(Place::Arriving(zip)) => !is_suspect && take(zip),
            _ => true,
        };
        self.until(module, part, will_do).await
    }

    async fn until(
        &self,
        module: &ModuleVersion,
        part: Part,
        will_do: impl Fn(&Fetched) -> bool,
    ) -> Fetched {
        // Those two come together.
        let part = match part {
            Part::Info | Part::Mod => Part::Info,
            Part::Zip => Part::Zip,
        };
        let key = Asked::File(module.clone(), part);
        let (upstream, metrics) = (Arc::clone(&self.upstream), Arc::clone(&self.metrics));
        let (wanted, suspects) = (module.clone(), Arc::clone(&self.suspects));
        let suspect = key.clone();
        let work = move |tell: Tell<'_, Fetched>| {
            let offer = |arriving| tell(Ok(Place::Arriving(arriving)));
            let arrival = Arrival::new(&offer);
            let outcome = upstream.fetch(&wanted, part, &arrival);
            metrics.fetched(outcome.is_ok());
            let Err(refusal) = outcome else {
                lock(&suspects).remove(&suspect);
                arrival.stored();
                return Ok(Place::Stored);
            };
            if arrival.is_offered() {
                let mut suspects = lock(&suspects);
                if suspects.len() >= MOST_KEPT {
                    suspects.clear();
                }
                suspects.insert(suspect);
            }
            arrival.failed(&refusal.text);
            Err(Arc::new(refusal))
        };
        let outcome = self.files.join(&key, will_do, work).await;
        outcome.unwrap_or_else(|| Err(Arc::new(broken())))
    }

    /// Tells what the sources say of a list or query.
    pub(super) async fn said(&self, asked: &Asked) -> Said {
        let kept = {
            let kept = lock(&self.kept);
            kept.get(asked)
                .map(|kept| (kept.said.clone(), kept.since.elapsed()))
        };
        if let Some((said, age)) = kept {
            let is_refusal = matches!(said, Said::Refused(_));
            match (is_refusal, age) {
                (true, age) if age < RESPITE => return said,
                (false, age) if age < FRESH => return said,
                (false, age) if age < STALE => {
                    self.sayings.begin(asked, self.question(asked));
                    return said;
                }
                _ => {}
            }
        }
        let said = self
            .sayings
            .join(asked, |_| true, self.question(asked))
            .await;
        said.unwrap_or_else(|| Said::Refused(Arc::new(broken())))
    }

    /// Asks, and keeps what is said. A refusal does not take the place of an answer that can still be given.
    fn question(&self, asked: &Asked) -> impl FnOnce(Tell<'_, Said>) -> Said + Send + 'static {
        let (upstream, kept) = (Arc::clone(&self.upstream), Arc::clone(&self.kept));
        let asked = asked.clone();
        move |_| {
            let said =
                ask(&*upstream, &asked).unwrap_or_else(|refusal| Said::Refused(Arc::new(refusal)));
            let mut kept = lock(&kept);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            let old = kept.get(&asked).filter(|old| old.since.elapsed() < STALE);
            let is_worse = matches!(&said, Said::Refused(refusal) if refusal.kind != RefusalKind::NotFound)
                && old.is_some_and(|old| !matches!(old.said, Said::Refused(_)));
            if !is_worse {
                let since = Instant::now();
                let said = said.clone();
                kept.insert(asked, Kept { said, since });
            }
            said
        }
    }
}

fn ask(upstream: &dyn Upstream, asked: &Asked) -> Result<Said, Refusal> {
    match asked {
        Asked::List(path) => Ok(Said::Versions(upstream.versions(path)?.into())),
        Asked::Latest(path) => Ok(Said::Version(upstream.resolve(path, "latest")?)),
        Asked::Query(path, query) => Ok(Said::Version(upstream.resolve(path, query)?)),
        _ => Err(broken()),
    }
}

/// What is said where our own work broke down.
fn broken() -> Refusal {
    Refusal {
        kind: RefusalKind::Faulty,
        text: "the server could not ask for it; its log says why".to_owned(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
