//! Which cases are run, and in which order.

use fastrand::Rng;

use super::case::Case;

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'s> {
    /// What the group or the name must contain.
    pub filter: &'s str,
    /// Which random order; none for that of the catalogue.
    pub seed: Option<u64>,
}

impl Selection<'_> {
    /// The cases, in order.
    pub fn choose(&self, cases: Vec<Case>) -> Vec<Case> {
        let mut chosen: Vec<Case> = cases
            .into_iter()
            .filter(|case| case.name.contains(self.filter) || case.group.contains(self.filter))
            .collect();
        if let Some(seed) = self.seed {
            Rng::with_seed(seed).shuffle(&mut chosen);
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::all;
    use super::*;

    fn names(filter: &str, seed: Option<u64>) -> Vec<String> {
        let selection = Selection { filter, seed };
        let cases = selection.choose(all(&[]));
        cases.into_iter().map(|case| case.name).collect()
    }

    #[test]
    fn a_filter_selects_by_name_and_by_group() {
        let both = ["rsr.ps in init", "rsr.ps in init, on the second core"];
        assert_eq!(names("rsr.ps in init", None), both);
        assert!(names("entry points", None).contains(&String::from("rsr.ps in init")));
        assert!(names("there is no such case", None).is_empty());
    }

    #[test]
    fn a_seed_orders_and_loses_none() {
        let (plain, one, two) = (
            names("claim", None),
            names("claim", Some(1)),
            names("claim", Some(2)),
        );
        assert!(plain != one && one != two);
        assert_eq!(one, names("claim", Some(1)));
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        assert_eq!(sorted(plain), sorted(one));
    }
}
