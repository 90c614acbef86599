//! Recipes of real modules: `firmware/modules/real/recipes.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::build::compile::CSource;
use crate::error::Failure;
use crate::files;
use crate::setup::{PackagedFile, SourcePackage};
use crate::workspace::Workspace;

/// Of every C file, ours or not: what C leaves open is the same on target and host.
const SETTLED: [&str; 2] = ["-fwrapv", "-ffp-contract=off"];

/// All of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipes {
    /// What is played.
    pub speech: PackagedFile,
    /// Where C code comes from.
    pub packages: BTreeMap<String, Package>,
    /// Modules in C.
    pub c: Vec<CRecipe>,
    /// Modules in Rust.
    pub rust: Vec<RustRecipe>,
}

/// A source package, and how its files are compiled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    version: String,
    licence: String,
    sha256: String,
    includes: Vec<PathBuf>,
    own_includes: Vec<PathBuf>,
    flags: Vec<String>,
    #[serde(default)]
    host_flags: Vec<String>,
    #[serde(default)]
    lists: Vec<SourceList>,
}

/// A module in C.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CRecipe {
    /// Its name.
    pub name: String,
    /// What it does.
    pub what: String,
    /// Its package.
    pub package: String,
    #[serde(default)]
    sources: Vec<PathBuf>,
    own: Vec<PathBuf>,
    /// What it plays.
    pub plays: Plays,
}

/// Sources that a makefile of the package lists.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceList {
    file: PathBuf,
    variable: String,
}

/// A module in Rust.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RustRecipe {
    /// Its name, and its folder's.
    pub name: String,
    /// What it does.
    pub what: String,
    /// The crate that it is about.
    package: String,
    licence: String,
    /// What it plays.
    pub plays: Plays,
}

/// The code that a module is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// Its name and version.
    pub title: String,
    /// Its licence.
    pub licence: String,
}

/// A lock file of cargo's, as far as it is of interest here.
#[derive(Deserialize)]
struct LockFile {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
}

/// What a module plays.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Plays {
    /// Speech, one channel.
    Speech,
    /// Left: speech as a microphone hears it from a loudspeaker, right: as the loudspeaker plays it.
    Echo,
    /// What the module of that name gives on this host.
    OutputOf(String),
}

impl fmt::Display for Plays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Plays::Speech => f.write_str("speech"),
            Plays::Echo => f.write_str("speech and its echo"),
            Plays::OutputOf(module) => write!(f, "output of {module}"),
        }
    }
}

/// What both compilers need to know of a module in C.
#[derive(Clone, Debug)]
pub struct CParts {
    /// Files of the package.
    pub foreign: Vec<PathBuf>,
    /// Our adapter.
    pub own: Vec<PathBuf>,
    /// Folders of headers.
    pub includes: Vec<PathBuf>,
    /// Options for both.
    pub flags: Vec<String>,
    /// Options for the host alone.
    pub host_flags: Vec<String>,
}

impl Recipes {
    /// Where they and our own sources are.
    pub fn folder(workspace: &Workspace) -> PathBuf {
        workspace.firmware("modules").join("real")
    }

    /// Reads them.
    pub fn read(workspace: &Workspace) -> Result<Recipes, Failure> {
        let path = Recipes::folder(workspace).join("recipes.toml");
        Recipes::parse(&files::read_text(&path)?).map_err(|reason| Failure::Malformed {
            path: path.clone(),
            reason,
        })
    }

    fn parse(text: &str) -> Result<Recipes, String> {
        let recipes: Recipes = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        for module in &recipes.c {
            recipes.package(module).ok_or_else(|| {
                let (name, package) = (&module.name, &module.package);
                format!("{name} is of package {package}, which it has not")
            })?;
        }
        let mut above = Vec::new();
        for (name, plays) in recipes.modules() {
            if let Plays::OutputOf(other) = plays
                && !above.contains(&other.as_str())
            {
                return Err(format!(
                    "{name} plays the output of {other}, which is not above it"
                ));
            }
            above.push(name);
        }
        Ok(recipes)
    }

    /// The names of all modules, and what they play.
    fn modules(&self) -> Vec<(&str, &Plays)> {
        let c = self.c.iter().map(|m| (m.name.as_str(), &m.plays));
        let rust = self.rust.iter().map(|m| (m.name.as_str(), &m.plays));
        c.chain(rust).collect()
    }

    /// The names of all modules.
    pub fn names(&self) -> Vec<&str> {
        let modules = self.modules().into_iter();
        modules.map(|(name, _)| name).collect()
    }

    /// Keeps the modules of these names, and those whose output they play; all, where there are no
    /// names.
    pub fn keep(&mut self, names: &[String]) -> Result<(), Failure> {
        let known = self.names();
        if let Some(other) = names.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(Failure::NoSuchModule {
                name: other.clone(),
                known: known.join(", "),
            });
        }
        let mut kept = names.to_vec();
        for (name, plays) in self.modules().into_iter().rev() {
            if let Plays::OutputOf(other) = plays
                && kept.iter().any(|kept| kept == name)
            {
                kept.push(other.clone());
            }
        }
        let is_kept = |name: &String| names.is_empty() || kept.contains(name);
        self.c.retain(|module| is_kept(&module.name));
        self.rust.retain(|module| is_kept(&module.name));
        let used = |name: &str| self.c.iter().any(|module| module.package == name);
        self.packages.retain(|name, _| used(name));
        Ok(())
    }

    /// The folder of the modules in Rust.
    pub fn rust_folder(workspace: &Workspace) -> PathBuf {
        Recipes::folder(workspace).join("rust")
    }

    /// What a module in C is made from.
    pub fn origin_of_c(&self, module: &CRecipe) -> Origin {
        let package = self.package(module);
        Origin {
            title: match package {
                Some(package) => format!("{} {}", module.package, package.version),
                None => module.package.clone(),
            },
            licence: package.map_or_else(String::new, |package| package.licence.clone()),
        }
    }

    /// What a module in Rust is made from, in the version that the lock file names.
    pub fn origin_of_rust(workspace: &Workspace, module: &RustRecipe) -> Result<Origin, Failure> {
        let path = Recipes::rust_folder(workspace).join("Cargo.lock");
        let malformed = |reason: String| Failure::Malformed {
            path: path.clone(),
            reason,
        };
        let lock: LockFile = toml::from_str(&files::read_text(&path)?)
            .map_err(|error| malformed(error.message().to_owned()))?;
        let mut locked = lock.package.iter();
        let locked = locked.find(|locked| locked.name == module.package);
        let locked = locked.ok_or_else(|| malformed(format!("it has no {}", module.package)))?;
        Ok(Origin {
            title: format!("{} {}", locked.name, locked.version),
            licence: module.licence.clone(),
        })
    }

    /// The source packages, in their order here.
    pub fn source_packages(&self) -> Vec<SourcePackage> {
        let of = |(name, package): (&String, &Package)| SourcePackage {
            name: name.clone(),
            version: package.version.clone(),
            sha256: package.sha256.clone(),
        };
        self.packages.iter().map(of).collect()
    }

    fn package(&self, module: &CRecipe) -> Option<&Package> {
        self.packages.get(&module.package)
    }

    /// The parts of a module; `fetched` are the folders of the source packages.
    pub fn parts(
        &self,
        workspace: &Workspace,
        module: &CRecipe,
        fetched: &[PathBuf],
    ) -> Result<CParts, Failure> {
        let mut packages = self.packages.iter().zip(fetched);
        let Some(((_, package), root)) = packages.find(|((name, _), _)| **name == module.package)
        else {
            return Err(Failure::NotUnpacked {
                name: module.package.clone(),
                prefix: PathBuf::from("sources"),
            });
        };
        let ours = Recipes::folder(workspace);
        let mut foreign = module.sources.clone();
        for list in &package.lists {
            let makefile = root.join(&list.file);
            let listed = variable(&files::read_text(&makefile)?, &list.variable);
            if listed.is_empty() {
                return Err(Failure::Malformed {
                    path: makefile,
                    reason: format!("it lists no {}", list.variable),
                });
            }
            foreign.extend(listed.into_iter().map(PathBuf::from));
        }
        let below = |folder: &Path, files: &[PathBuf]| -> Vec<PathBuf> {
            files.iter().map(|file| folder.join(file)).collect()
        };
        let mut own = below(&ours, &module.own);
        own.extend(["frames.c", "memory.c"].map(|file| ours.join("adapter").join(file)));
        let mut includes = below(&ours, &package.own_includes);
        includes.push(ours.join("adapter"));
        includes.extend(below(root, &package.includes));
        let settled = SETTLED.map(str::to_owned).into_iter();
        Ok(CParts {
            foreign: below(root, &foreign),
            own,
            includes,
            flags: settled.chain(package.flags.iter().cloned()).collect(),
            host_flags: package.host_flags.clone(),
        })
    }
}

impl CParts {
    /// For the target's compiler: foreign code may be as it is, ours may not.
    pub fn target_sources(&self) -> Vec<CSource> {
        let source = |path: &PathBuf, warnings: &str| {
            let mut flags = self.flags.clone();
            flags.push(warnings.to_owned());
            CSource {
                path: path.clone(),
                includes: self.includes.clone(),
                flags,
            }
        };
        let foreign = self.foreign.iter().map(|path| source(path, "-w"));
        let own = self.own.iter().map(|path| source(path, "-Wextra"));
        foreign.chain(own).collect()
    }
}

/// The words of a makefile's variable, over all its lines.
fn variable(makefile: &str, name: &str) -> Vec<String> {
    let joined = makefile.replace("\\\n", " ");
    let values = joined.lines().filter_map(|line| {
        let (variable, value) = line.split_once('=')?;
        (variable.trim() == name).then_some(value)
    });
    values
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_come_from_a_makefile() {
        let makefile = "A = \\\na/x.c \\\na/y.c\n\nA_B = z.c\nEMPTY =\n";
        assert_eq!(variable(makefile, "A"), ["a/x.c", "a/y.c"]);
        assert_eq!(variable(makefile, "A_B"), ["z.c"]);
        assert!(variable(makefile, "EMPTY").is_empty());
        assert!(variable(makefile, "C").is_empty());
    }

    #[test]
    fn the_recipes_can_be_read_and_chosen_from() {
        let workspace = Workspace::find().unwrap();
        let mut recipes = Recipes::read(&workspace).unwrap();
        let all = recipes.names().len();
        recipes.keep(&[]).unwrap();
        assert_eq!(recipes.names().len(), all);
        let error = recipes.keep(&[String::from("none")]).unwrap_err();
        assert!(matches!(error, Failure::NoSuchModule { name, .. } if name == "none"));
        recipes.keep(&[String::from("opus-decode")]).unwrap();
        // It plays what the other one gives.
        assert_eq!(recipes.names(), ["opus-encode", "opus-decode"]);
        recipes.keep(&[String::from("opus-encode")]).unwrap();
        assert_eq!(recipes.names(), ["opus-encode"]);
        assert_eq!(recipes.source_packages().len(), 1);
        let missing = recipes.parts(&workspace, &recipes.c[0], &[]);
        assert!(missing.is_err());
    }

    #[test]
    fn recipes_that_cannot_be_followed_are_refused() {
        let workspace = Workspace::find().unwrap();
        let path = Recipes::folder(&workspace).join("recipes.toml");
        let text = files::read_text(&path).unwrap();
        let refusal = |from: &str, to: &str| {
            assert!(text.contains(from));
            Recipes::parse(&text.replacen(from, to, 1)).unwrap_err()
        };
        let circle = refusal("output-of = \"opus-encode\"", "output-of = \"opus-decode\"");
        assert!(circle.contains("not above it"), "{circle}");
        let package = refusal("package = \"opus\"", "package = \"opum\"");
        assert!(package.contains("package opum"), "{package}");
        let field = refusal("licence = ", "license = ");
        assert!(field.contains("license"), "{field}");
        let input = refusal("plays = \"echo\"", "plays = \"noise\"");
        assert!(input.contains("noise"), "{input}");
    }

    #[test]
    fn every_file_of_ours_that_a_recipe_names_is_there() {
        let workspace = Workspace::find().unwrap();
        let recipes = Recipes::read(&workspace).unwrap();
        let folder = Recipes::folder(&workspace);
        for module in &recipes.c {
            assert!(module.own.iter().all(|file| folder.join(file).is_file()));
        }
        for module in &recipes.rust {
            assert!(folder.join("rust").join(&module.name).is_dir());
        }
    }

    #[test]
    fn every_module_tells_what_it_is_made_from() {
        let workspace = Workspace::find().unwrap();
        let recipes = Recipes::read(&workspace).unwrap();
        let c = recipes.c.iter().map(|module| recipes.origin_of_c(module));
        let rust = recipes.rust.iter();
        let rust = rust.map(|module| Recipes::origin_of_rust(&workspace, module).unwrap());
        for origin in c.chain(rust) {
            assert!(!origin.licence.is_empty(), "{origin:?}");
            let (name, version) = origin.title.split_once(' ').unwrap();
            assert!(!name.is_empty() && version.starts_with(char::is_numeric));
        }
        let mut unknown = recipes.rust[0].clone();
        unknown.package = String::from("no-such-crate");
        let refusal = Recipes::origin_of_rust(&workspace, &unknown).unwrap_err();
        assert!(refusal.to_string().contains("no-such-crate"));
    }
}
