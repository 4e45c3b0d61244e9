//! Loads packages by their imports, as far as `go mod tidy` follows them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::{Error, Result, bail};

use super::requirements::Requirements;
use super::resolve::{Missing, Provider};
use super::{Module, Tidy, Trouble, is_at_least};
use crate::gosource::Imports;
use crate::graph::Selected;
use crate::ops::parallel::in_parallel;

/// The most packages that are loaded.
const PACKAGE_LIMIT: usize = 1_000_000;

/// A loaded package.
pub(super) struct Package {
    pub(super) provider: Provider,
    pub(super) imports: Imports,
    /// Modules that could have had it by their path.
    pub(super) others: Vec<Module>,
    /// Whether it is in `all`: in the main module, or imported from there, by packages or tests.
    pub(super) is_in_all: bool,
    /// Whether what its tests import is in `all` as well.
    pub(super) are_tests_in_all: bool,
    importer: Option<String>,
    error: Option<Arc<Error>>,
}

impl Package {
    /// Gives the module that has it, unless that is the main module.
    pub(super) fn external(&self) -> Option<&Module> {
        match &self.provider {
            Provider::Module(module) if is_external(module) => Some(module),
            _ => None,
        }
    }

    fn is_in_main_module(&self) -> bool {
        matches!(&self.provider, Provider::Module(module) if !is_external(module))
    }

    /// Whether it was resolved to nothing at all, as go does with what is in the standard library.
    pub(super) fn is_standard(&self) -> bool {
        self.provider == Provider::Standard && self.error.is_none()
    }
}

pub(super) fn is_external(module: &Module) -> bool {
    !module.version.is_empty()
}

/// All packages, by import path.
#[derive(Default)]
pub(super) struct Packages {
    pub(super) all: BTreeMap<String, Package>,
}

impl Packages {
    /// Lists the paths that no module of the graph has.
    pub(super) fn missing(&self) -> Vec<String> {
        let is_missing = |package: &&Package| {
            package
                .error
                .as_ref()
                .is_some_and(|error| error.is::<Missing>())
        };
        let packages = self.all.iter().filter(|(_, package)| is_missing(package));
        packages.map(|(path, _)| path.clone()).collect()
    }

    /// Notes why a package could not be had.
    pub(super) fn fail(&mut self, path: &str, error: Error) {
        if let Some(package) = self.all.get_mut(path) {
            package.error = Some(Arc::new(error));
        }
    }

    /// Lists the paths of modules from which the main module and its tests import directly.
    pub(super) fn direct(&self) -> BTreeSet<String> {
        let own = self
            .all
            .values()
            .filter(|package| package.is_in_main_module());
        let imports = own.flat_map(|it| it.imports.package.iter().chain(&it.imports.tests));
        let modules = imports.filter_map(|path| self.all.get(path)?.external());
        modules.map(|module| module.path.clone()).collect()
    }

    /// Tells what could not be loaded, and on whose account.
    pub(super) fn troubles(&self) -> impl Iterator<Item = Trouble> + '_ {
        self.all.iter().filter_map(|(path, package)| {
            Some(Trouble {
                subject: path.clone(),
                required_by: package.importer.clone(),
                error: Arc::clone(package.error.as_ref()?),
            })
        })
    }
}

/// A wish to have a package loaded.
struct Wish {
    path: String,
    is_in_all: bool,
    importer: Option<String>,
}

impl Tidy<'_> {
    /// Loads packages from the given ones on. Rules: `(*loader).load` and `applyPkgFlags`.
    pub(super) fn load(&self, requirements: &Requirements, starts: &[String]) -> Result<Packages> {
        let closes_over_tests = !is_at_least(&requirements.go, "1.16");
        let mut packages = Packages::default();
        let mut wishes: Vec<Wish> = starts
            .iter()
            .map(|path| Wish {
                path: path.clone(),
                is_in_all: true,
                importer: None,
            })
            .collect();
        loop {
            let mut wanted: BTreeMap<String, (bool, Option<String>)> = BTreeMap::new();
            while let Some(wish) = wishes.pop() {
                match packages.all.get_mut(&wish.path) {
                    Some(package) if wish.is_in_all && !package.is_in_all => {
                        package.is_in_all = true;
                        package.are_tests_in_all |= closes_over_tests;
                        wishes.extend(package.wishes(&wish.path));
                    }
                    Some(_) => {}
                    None => {
                        let entry = wanted.entry(wish.path).or_insert((false, wish.importer));
                        entry.0 |= wish.is_in_all;
                    }
                }
            }
            if wanted.is_empty() {
                return Ok(packages);
            }
            if packages.all.len() + wanted.len() > PACKAGE_LIMIT {
                bail!("more than {PACKAGE_LIMIT} packages are imported");
            }
            let wanted: Vec<_> = wanted.into_iter().collect();
            let loaded = in_parallel(&wanted, self.threads, |(path, _), threads| {
                self.load_one(path, requirements, threads)
            });
            self.library.go_on()?;
            for ((path, (is_in_all, importer)), mut package) in wanted.into_iter().zip(loaded) {
                let is_main = package.is_in_main_module();
                package.is_in_all = is_in_all || is_main;
                package.are_tests_in_all = is_main || (package.is_in_all && closes_over_tests);
                package.importer = importer;
                wishes.extend(package.wishes(&path));
                packages.all.insert(path, package);
            }
        }
    }

    fn load_one(&self, path: &str, requirements: &Requirements, threads: NonZeroUsize) -> Package {
        let mut package = Package {
            provider: Provider::Standard,
            imports: Imports::default(),
            others: Vec::new(),
            is_in_all: false,
            are_tests_in_all: false,
            importer: None,
            error: None,
        };
        let resolved = match self.resolve(path, requirements, requirements.scope(), threads) {
            Ok(resolved) => resolved,
            Err(error) => {
                package.error = Some(Arc::new(error));
                return package;
            }
        };
        package.others = resolved.others;
        package.provider = resolved.provider;
        let Some((tree, folder)) = resolved.place else {
            return package;
        };
        let read = tree.imports(&folder).and_then(|imports| {
            if !imports.has_files {
                bail!("build constraints exclude all Go files");
            }
            if let Provider::Module(module) = &package.provider {
                self.read_go_mod(module, requirements)?;
            }
            Ok(imports)
        });
        match read {
            Ok(imports) => package.imports = imports,
            Err(error) => package.error = Some(Arc::new(error)),
        }
        package
    }

    /// The go version by which a package is compiled is in the go.mod of its module, which from go 1.21 on
    /// must be there even where the graph has no need of it.
    fn read_go_mod(&self, module: &Module, requirements: &Requirements) -> Result<()> {
        if !is_external(module) || !is_at_least(&requirements.go, "1.21") {
            return Ok(());
        }
        if let Selected::Module(selected) = self.selected(module)? {
            self.library.go_mod(&selected)?;
        }
        Ok(())
    }
}

impl Package {
    /// The packages that are loaded because this one is.
    fn wishes(&self, path: &str) -> Vec<Wish> {
        let wish = |import: &String, is_in_all| Wish {
            path: import.clone(),
            is_in_all,
            importer: Some(path.to_owned()),
        };
        let imports = self.imports.package.iter();
        let mut wishes: Vec<Wish> = imports.map(|import| wish(import, self.is_in_all)).collect();
        if self.is_in_all {
            let tests = self.imports.tests.iter();
            wishes.extend(tests.map(|import| wish(import, self.are_tests_in_all)));
        }
        wishes
    }
}
