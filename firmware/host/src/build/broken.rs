//! Images that are broken on purpose: for each rule of the design one that breaks it, at the place that
//! upholds it. Tests of isolation that do not notice such an image would not notice the bug either.
//!
//! Each break is a feature of the image's crate, which hands it on to the crate where the rule is
//! upheld. No default has one, and nothing but the tests of isolation builds them.

use super::image::{Image, KERNEL, PROVER};

/// An image that breaks a rule.
#[derive(Clone, Copy, Debug)]
pub struct Broken {
    /// The rule's number in the design.
    pub rule: u32,
    /// What is broken, in one line.
    pub what: &'static str,
    /// The image; its one feature is the break.
    pub image: Image,
    /// Attacks of the hostile sample that end otherwise than they must, each of them for this reason.
    /// None where other checks find it: of the kernel's books at the end, or of steps of domains.
    pub attacks: &'static [&'static str],
}

/// All of them, by rule. What shows only, or best, by steps of domains is broken in the prover as well.
pub const BROKEN: [Broken; 14] = [
    broken(
        1,
        KERNEL.with(&["break-rule-1"]),
        "the page tables in force are in reach of every module",
        &[
            "load own page table",
            "store own page table",
            "load own page table, uncached twin's",
            "store own page table, uncached twin's",
        ],
    ),
    broken(
        2,
        KERNEL.with(&["break-rule-2"]),
        "an address that is freed is an offset, in whichever slot it lies",
        &["free an allocation in the slot before"],
    ),
    broken(
        3,
        KERNEL.with(&["break-rule-3"]),
        "bytes are read and written without a proof",
        &[
            "heap info to own text",
            "heap info to own text, uncached",
            "heap info to own rodata",
            "heap info to the input",
            "time to own rodata",
        ],
    ),
    broken(
        4,
        KERNEL.with(&["break-rule-4"]),
        "a system call stores below the module's stack pointer, at kernel rights",
        &["stack in kernel text, system call"],
    ),
    broken(
        5,
        KERNEL.with(&["break-rule-5"]),
        "a partition is mapped one page further than it goes",
        &["load behind the stack", "load behind the stack, uncached"],
    ),
    broken(
        5,
        PROVER.with(&["break-rule-5"]),
        "the TLBs remember a partition that is taken away",
        &[],
    ),
    broken(
        6,
        KERNEL.with(&["break-rule-6"]),
        "text is mapped writable as well",
        &["write own text", "write own text, uncached"],
    ),
    broken(
        7,
        KERNEL.with(&["break-rule-7"]),
        "a revocation takes the cached alias only",
        &[],
    ),
    broken(
        7,
        PROVER.with(&["break-rule-7"]),
        "a revocation takes the cached alias only",
        &[],
    ),
    broken(
        8,
        KERNEL.with(&["break-rule-8"]),
        "half of each frame is not zeroed",
        &["look for the mark in memory"],
    ),
    broken(
        9,
        KERNEL.with(&["break-rule-9"]),
        "the address-space number of the dead stays taken",
        &["load kernel text"],
    ),
    broken(
        10,
        KERNEL.with(&["break-rule-10"]),
        "who uses up its budget loses the rest of the period and no more",
        &["stack in kernel data, interrupt"],
    ),
    broken(
        11,
        KERNEL.with(&["break-rule-11"]),
        "every entry point but `process` runs in the kernel's ring",
        &["load kernel data in init", "load kernel data in prepare"],
    ),
    broken(
        12,
        KERNEL.with(&["break-rule-12"]),
        "a module may write the audio that comes in",
        &[
            "write the input",
            "write the input, uncached",
            "heap info to the input",
            "source record to the input",
            "sink record to the input",
        ],
    ),
];

const fn broken(
    rule: u32,
    image: Image,
    what: &'static str,
    attacks: &'static [&'static str],
) -> Broken {
    Broken {
        rule,
        what,
        image,
        attacks,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use toml::{Table, Value};

    use super::*;
    use crate::workspace::Workspace;

    /// The manifests of all packages of the workspace, with their names.
    fn manifests() -> Vec<(String, Table)> {
        let root = Workspace::find().unwrap().root().to_owned();
        let read = |path: &Path| -> Table {
            let text = std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
            text.parse().unwrap()
        };
        let workspace = read(&root);
        let members = workspace["workspace"]["members"].as_array().unwrap();
        let packages = members.iter().map(|member| {
            let manifest = read(&root.join(member.as_str().unwrap()));
            let name = manifest["package"]["name"].as_str().unwrap().to_owned();
            (name, manifest)
        });
        packages
            .chain([(String::from("workspace"), workspace.clone())])
            .collect()
    }

    fn features(manifest: &Table) -> Vec<(&str, Vec<&str>)> {
        let features = manifest.get("features").and_then(Value::as_table);
        let features = features.into_iter().flatten();
        let features = features.map(|(name, value)| (name.as_str(), names(value)));
        features.collect()
    }

    fn names(value: &Value) -> Vec<&str> {
        let names = value.as_array().unwrap().iter();
        names.map(|name| name.as_str().unwrap()).collect()
    }

    fn is_break(feature: &str) -> bool {
        feature.contains("break-")
    }

    #[test]
    fn every_rule_has_one() {
        let rules: BTreeSet<u32> = BROKEN.iter().map(|broken| broken.rule).collect();
        assert_eq!(rules, (1..=12).collect());
        let files: BTreeSet<String> = BROKEN.iter().map(|broken| broken.image.file()).collect();
        assert_eq!(files.len(), BROKEN.len());
        for Broken { rule, image, .. } in &BROKEN {
            assert_eq!(image.features, [format!("break-rule-{rule}")]);
        }
        assert!(
            [KERNEL, PROVER]
                .iter()
                .all(|image| image.features.is_empty())
        );
    }

    #[test]
    fn every_attack_is_one() {
        let attacks = hostile::ATTACKS.iter();
        let mut names: BTreeSet<String> = attacks.map(|attack| attack.name.to_owned()).collect();
        names.extend(suite::entry_cases().map(|case| case.name()));
        for attack in BROKEN.iter().flat_map(|broken| broken.attacks) {
            assert!(names.contains(*attack), "{attack}");
        }
    }

    #[test]
    fn the_list_names_what_the_images_have() {
        let manifests = manifests();
        for image in [KERNEL, PROVER] {
            let package = image.package;
            let (_, manifest) = manifests.iter().find(|(name, _)| name == package).unwrap();
            let features = features(manifest).into_iter();
            let has: BTreeSet<&str> = features
                .map(|(name, _)| name)
                .filter(|name| is_break(name))
                .collect();
            let listed = BROKEN.iter().map(|broken| broken.image);
            let listed: BTreeSet<&str> = listed
                .filter(|listed| listed.package == package)
                .flat_map(|listed| listed.features)
                .copied()
                .collect();
            assert_eq!(has, listed, "{package}");
        }
    }

    #[test]
    fn nothing_is_broken_without_being_asked() {
        for (package, manifest) in manifests() {
            for (feature, enabled) in features(&manifest) {
                let breaks = enabled.iter().any(|name| is_break(name));
                assert!(
                    !breaks || feature.starts_with("break-rule-"),
                    "{package}: {feature}"
                );
            }
            // Nor by a dependency, of whichever kind.
            let mut manifest = manifest;
            manifest.remove("features");
            assert!(!is_break(&format!("{manifest:?}")), "{package}");
        }
    }

    #[test]
    fn every_break_is_marked_where_it_is() {
        let root = Workspace::find().unwrap().root().to_owned();
        let mut places = Vec::new();
        for folder in [
            "mmu",
            "domains",
            "syscalls",
            "firmware/board",
            "firmware/kernel",
        ] {
            sources(&root.join(folder).join("src"), &mut places);
        }
        let mut rules = BTreeSet::new();
        for path in places {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            for (number, line) in lines.iter().enumerate() {
                if !(line.contains("\"break-") || line.contains("ifdef BREAK_")) {
                    continue;
                }
                let near = lines[number.saturating_sub(8)..=number].join(" ");
                let marked = near.rsplit_once("BROKEN ON PURPOSE, rule ");
                let (_, rule) = marked.unwrap_or_else(|| panic!("{}: {line}", path.display()));
                let digits = rule.find(|c: char| !c.is_ascii_digit()).unwrap();
                rules.insert(rule[..digits].parse::<u32>().unwrap());
            }
        }
        assert_eq!(rules, (1..=12).collect());
    }

    fn sources(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else {
                into.push(path);
            }
        }
    }
}
