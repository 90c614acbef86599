//! Running a check, and what came of it.

use std::fmt;

use stateright::{Checker, Expectation, HasDiscoveries, Model};

/// What a check found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Different states that were looked at.
    pub states: usize,
    /// How many steps the farthest of them is away from the start.
    pub steps: usize,
    /// Properties that were looked at.
    pub properties: usize,
    /// Properties that do not hold, each with the steps that lead there or `never happens`.
    pub failures: Vec<(&'static str, String)>,
}

impl Outcome {
    /// Ends a test whose check failed or looked at fewer states than it should, and prints how
    /// many there were.
    ///
    /// # Panics
    /// So.
    pub fn expect(&self, model: &str, states: usize) {
        println!("{model}: {self}");
        assert!(self.failures.is_empty(), "{model}: {:#?}", self.failures);
        assert!(self.states >= states, "{model}: fewer states than {states}");
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome {
            states,
            steps,
            properties,
            ..
        } = self;
        write!(f, "{states} states, {steps} steps, {properties} properties")
    }
}

/// Looks at every state.
pub fn explore<M>(model: M) -> Outcome
where
    M: Model + Send + Sync + 'static,
    M::State: std::hash::Hash + Send + Sync + fmt::Debug + Clone + PartialEq,
    M::Action: Send + Sync + fmt::Debug + Clone + PartialEq,
{
    run(model, HasDiscoveries::AllFailures)
}

/// Looks for a state in which a property does not hold, and gives the shortest way there.
pub fn find_bug<M>(model: M, property: &'static str) -> Option<String>
where
    M: Model + Send + Sync + 'static,
    M::State: std::hash::Hash + Send + Sync + fmt::Debug + Clone + PartialEq,
    M::Action: Send + Sync + fmt::Debug + Clone + PartialEq,
{
    let outcome = run(model, HasDiscoveries::AnyOf([property].into()));
    let mut failures = outcome.failures.into_iter();
    let (_, steps) = failures.find(|(name, _)| *name == property)?;
    Some(steps)
}

/// One thread, so that the count of states is the same each time.
fn run<M>(model: M, until: HasDiscoveries) -> Outcome
where
    M: Model + Send + Sync + 'static,
    M::State: std::hash::Hash + Send + Sync + fmt::Debug + Clone + PartialEq,
    M::Action: Send + Sync + fmt::Debug + Clone + PartialEq,
{
    let checker = model.checker().finish_when(until).spawn_bfs().join();
    let properties = checker.model().properties();
    let failures = properties
        .iter()
        .filter_map(|property| {
            let found = checker.discovery(property.name);
            match (&property.expectation, found) {
                (Expectation::Sometimes, None) => Some((property.name, "never happens".to_owned())),
                (Expectation::Always | Expectation::Eventually, Some(path)) => {
                    let steps = path.into_actions();
                    let steps: Vec<_> = steps.iter().map(|step| format!("{step:?}")).collect();
                    Some((property.name, steps.join(", ")))
                }
                _ => None,
            }
        })
        .collect();
    Outcome {
        states: checker.unique_state_count(),
        steps: checker.max_depth() - 1,
        properties: properties.len(),
        failures,
    }
}
