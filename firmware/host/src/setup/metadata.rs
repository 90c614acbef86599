//! Package descriptions as `apt-cache show` prints them.

use std::cmp::Ordering;

use super::version;

/// One version of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture, or `all`.
    pub architecture: String,
    /// Its section: `libs`, `devel`, `contrib/libs`.
    pub section: String,
    /// Bytes of the package file.
    pub size: u64,
    /// Digest of the package file, from the signed list.
    pub sha256: String,
    /// What it needs: each of these groups, by one of its alternatives.
    pub depends: Vec<Vec<Dependency>>,
}

/// A package by name, perhaps with a condition on its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// An operator of Debian's and a version.
    pub condition: Option<(String, String)>,
}

impl Package {
    /// The name apt gives to the downloaded file.
    pub fn file_name(&self) -> String {
        format!(
            "{}_{}_{}.deb",
            self.name,
            self.version.replace(':', "%3a"),
            self.architecture
        )
    }

    /// Whether this is a shared library, as Debian's sections have it.
    pub fn is_library(&self) -> bool {
        self.section == "libs" || self.section.ends_with("/libs")
    }

    /// The first dependency whose name begins like this.
    pub fn dependency(&self, prefix: &str) -> Option<&Dependency> {
        self.depends
            .iter()
            .flatten()
            .find(|dependency| dependency.name.starts_with(prefix))
    }
}

impl Dependency {
    /// Exactly this version of this package.
    pub fn exactly(name: &str, version: &str) -> Dependency {
        Dependency {
            name: name.to_owned(),
            condition: Some((String::from("="), version.to_owned())),
        }
    }

    /// Whether a version will do.
    pub fn accepts(&self, version: &str) -> bool {
        let Some((operator, wanted)) = &self.condition else {
            return true;
        };
        let order = version::compare(version, wanted);
        match operator.as_str() {
            ">=" => order != Ordering::Less,
            ">>" => order == Ordering::Greater,
            "<=" => order != Ordering::Greater,
            "<<" => order == Ordering::Less,
            _ => order == Ordering::Equal,
        }
    }
}

/// Reads what `apt-cache show` prints; paragraphs without a file to download are left out.
pub fn parse(text: &str) -> Vec<Package> {
    text.split("\n\n").filter_map(parse_paragraph).collect()
}

fn parse_paragraph(paragraph: &str) -> Option<Package> {
    let mut package = Package::default();
    for line in paragraph.lines() {
        let Some((field, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match field {
            "Package" => package.name = value.to_owned(),
            "Version" => package.version = value.to_owned(),
            "Architecture" => package.architecture = value.to_owned(),
            "Section" => package.section = value.to_owned(),
            "SHA256" => package.sha256 = value.to_owned(),
            "Size" => package.size = value.parse().ok()?,
            "Depends" | "Pre-Depends" => package.depends.extend(parse_depends(value)),
            _ => {}
        }
    }
    (!package.name.is_empty() && package.size > 0).then_some(package)
}

fn parse_depends(field: &str) -> impl Iterator<Item = Vec<Dependency>> {
    field
        .split(',')
        .map(|group| group.split('|').map(parse_dependency).collect())
}

fn parse_dependency(text: &str) -> Dependency {
    let (name, condition) = text.split_once('(').unwrap_or((text, ""));
    let name = name.trim();
    let condition = condition
        .trim_end()
        .trim_end_matches(')')
        .split_once(' ')
        .map(|(operator, version)| (operator.to_owned(), version.trim().to_owned()));
    Dependency {
        name: name.split(':').next().unwrap_or(name).to_owned(),
        condition,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "\
Package: clang-23
Version: 1:23.1.4-2
Architecture: amd64
Pre-Depends: init-system-helpers (>= 1.54~)
Depends: libc6 (>= 2.34), libclang-cpp23 (>= 1:23.1.4), python3:any, a | b (<< 2)
Section: devel
Size: 145184
Description: compiler
 Size: not a field

Package: installed-only
Version: 1

Package: libc6
Version: 2.43-7
Architecture: amd64
Section: libs
Size: 1
";

    #[test]
    fn reads_the_fields_that_matter() {
        let packages = parse(SHOWN);
        assert_eq!(packages.len(), 2);
        let clang = &packages[0];
        assert_eq!(clang.file_name(), "clang-23_1%3a23.1.4-2_amd64.deb");
        assert_eq!(clang.size, 145_184);
        assert!(!clang.is_library());
        assert_eq!(clang.depends.len(), 5);
        assert_eq!(clang.depends[3][0].name, "python3");
        assert_eq!(clang.depends[4].len(), 2);
        assert!(
            clang
                .dependency("libclang-cpp")
                .is_some_and(|d| d.accepts("1:23.1.4-2"))
        );
        assert!(packages[1].is_library());
    }

    #[test]
    fn conditions_decide_which_versions_will_do() {
        let accepts = |condition: &str, version: &str| {
            parse_dependency(&format!("x ({condition})")).accepts(version)
        };
        assert!(accepts(">= 2.34", "2.34"));
        assert!(!accepts(">> 2.34", "2.34"));
        assert!(accepts("<< 2.34", "2.33-1"));
        assert!(!accepts("<= 2.34", "2.34-1"));
        assert!(accepts("= 1:2-3", "1:2-3"));
        assert!(!accepts("= 1:2-3", "2-3"));
        assert!(parse_dependency("x").accepts("0"));
    }
}
