//! Random steps on three cores, beside the oracle, and every rule after every one of them.

use proptest::prelude::*;

use crate::run::Run;
use crate::steps::any_steps;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn domains_agree_with_the_oracle(steps in any_steps(80)) {
        let mut run = Run::new();
        for step in &steps {
            run.step(step);
        }
        run.end();
    }
}
