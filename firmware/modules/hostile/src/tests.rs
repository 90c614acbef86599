use std::collections::HashSet;

use crate::attack::Strike;
use crate::expect::{Expect, Where, table_of};
use crate::{ATTACKS, Hostile};
use bulkhead_sdk::host;

#[test]
fn every_attack_has_a_name_of_its_own() {
    let mut names = HashSet::new();
    for attack in ATTACKS {
        assert!(names.insert(attack.name), "{} twice", attack.name);
        assert!(
            !attack.name.is_empty() && attack.name.len() <= 60,
            "{}",
            attack.name
        );
        assert!(
            !attack.what.is_empty() && !attack.what.contains('\n'),
            "{}",
            attack.name
        );
    }
}

#[test]
fn every_expectation_names_a_cause() {
    for attack in ATTACKS {
        if let Expect::Fault { cause, .. } = attack.expect {
            assert!(cause < 64, "{}", attack.name);
        }
    }
}

#[test]
fn every_kind_of_end_is_there() {
    let count = |wanted: fn(&Expect) -> bool| {
        ATTACKS
            .iter()
            .filter(|attack| wanted(&attack.expect))
            .count()
    };
    assert!(count(|expect| matches!(expect, Expect::Fault { .. })) > 200);
    assert!(count(|expect| matches!(expect, Expect::BadCall { .. })) > 40);
    assert!(count(|expect| matches!(expect, Expect::Overrun)) > 8);
    assert!(
        ATTACKS
            .iter()
            .any(|attack| matches!(attack.strike, Strike::Leak))
    );
}

#[test]
fn addresses_are_judged_by_slot() {
    let own = 0xa040_1234;
    assert!(Where::OwnSlot.holds(0xa040_0000, own));
    assert!(Where::OwnSlot.holds(0xa07f_ffff, own));
    assert!(!Where::OwnSlot.holds(0xa080_0000, own));
    assert!(Where::OwnSlotUncached.holds(0x4041_0000, own));
    assert!(Where::OtherSlot.holds(0xa000_0000, own));
    assert!(!Where::OtherSlot.holds(0xa040_0000, own));
    assert!(Where::OtherSlotUncached.holds(0x4000_0000, own));
    assert!(Where::Between(16, 32).holds(16, own));
    assert!(!Where::Between(16, 32).holds(32, own));
    assert!(Where::Exactly(7).holds(7, own));
    assert_eq!(table_of(0xa040_0000), 0x8028_1000);
    assert!(Where::OwnTable.holds(0x8028_1ffc, own));
    assert!(Where::OwnTable.holds(0x8010_1000, own));
    assert!(!Where::OwnTable.holds(0x8028_0000, own));
}

#[test]
fn on_a_host_it_only_announces_itself() {
    let _ = host::take_log();
    assert!(host::run::<Hostile>(48_000, 1, &[0]).is_err());
    assert_eq!(host::take_log(), [ATTACKS[0].name, "survived"]);
}
