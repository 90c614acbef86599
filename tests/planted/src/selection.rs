//! Which bugs the user means.

use crate::catalogue::Bug;
use crate::error::Failure;

/// The bugs of these names, or whose names begin so, in the order of the catalogue; without
/// names, all. The whole name of one means that one only.
pub fn select(bugs: Vec<Bug>, wanted: &[String]) -> Result<Vec<Bug>, Failure> {
    let mut taken = vec![wanted.is_empty(); bugs.len()];
    for name in wanted {
        let whole = bugs.iter().any(|bug| bug.name == *name);
        let mut some = false;
        for (bug, taken) in bugs.iter().zip(&mut taken) {
            let meant = if whole {
                bug.name == *name
            } else {
                bug.name.starts_with(name.as_str())
            };
            *taken |= meant;
            some |= meant;
        }
        if !some {
            return Err(Failure::NoSuchBug {
                wanted: name.clone(),
                closest: closest(&bugs, name),
            });
        }
    }
    let pairs = bugs.into_iter().zip(taken);
    Ok(pairs
        .filter_map(|(bug, taken)| taken.then_some(bug))
        .collect())
}

/// The names most like this one.
fn closest(bugs: &[Bug], wanted: &str) -> String {
    const SHOWN: usize = 3;
    let mut names: Vec<(f64, &str)> = bugs
        .iter()
        .map(|bug| (strsim::jaro_winkler(&bug.name, wanted), bug.name.as_str()))
        .collect();
    names.sort_by(|one, two| two.0.total_cmp(&one.0));
    let names: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Target;

    fn chosen(wanted: &[&str]) -> Result<Vec<String>, Failure> {
        let bugs = ["quota-lines", "free-twice", "free", "frame-kept"].map(|name| Bug {
            name: name.into(),
            what: String::new(),
            target: Target {
                package: String::new(),
                name: String::new(),
            },
            tests: Vec::new(),
            changes: Vec::new(),
        });
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let selected = select(bugs.into(), &wanted)?;
        Ok(selected.into_iter().map(|bug| bug.name).collect())
    }

    #[test]
    fn without_names_all_are_meant() {
        let all = ["quota-lines", "free-twice", "free", "frame-kept"];
        assert_eq!(chosen(&[]).unwrap(), all);
    }

    #[test]
    fn a_beginning_means_all_that_begin_so_and_a_name_that_one() {
        assert_eq!(
            chosen(&["fr"]).unwrap(),
            ["free-twice", "free", "frame-kept"]
        );
        assert_eq!(chosen(&["free"]).unwrap(), ["free"]);
        assert_eq!(chosen(&["free-"]).unwrap(), ["free-twice"]);
        assert_eq!(
            chosen(&["free", "quota", "free"]).unwrap(),
            ["quota-lines", "free"]
        );
    }

    #[test]
    fn what_means_nothing_is_refused_with_what_comes_close() {
        match chosen(&["free", "frame-kpet"]) {
            Err(Failure::NoSuchBug { wanted, closest }) => {
                assert_eq!(wanted, "frame-kpet");
                assert!(closest.starts_with("`frame-kept`, "), "{closest}");
            }
            other => panic!("{other:?}"),
        }
    }
}
