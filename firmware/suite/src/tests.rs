use std::collections::HashSet;

use hostile::ATTACKS;
use mmu::model::ModelMachine;
use mmu::{Pte, Side, VirtAddr};
use prover::{BOARD, Ground, Outcome};

use crate::sources::{BEYOND, FLAWS, RULES, ZEPHYR};
use crate::{Act, DomainCase, Must, domain_cases, entry_cases};

/// The page of the deeds' code, as the prover's image maps it for itself.
const CODE: (u32, u32) = (0x00f0_0000, 0x00f0_0035);

fn ground() -> Ground<ModelMachine> {
    let mut model = ModelMachine::without_caches(BOARD);
    model.wire(
        Side::Instruction,
        4,
        VirtAddr(CODE.0),
        Pte::from_bits(CODE.1),
    );
    Ground::new(model)
}

fn failing(case: &DomainCase, ground: &mut Ground<ModelMachine>) -> Vec<String> {
    let say = |(index, act): (usize, Act)| {
        let outcome = ground.take(act.step);
        let told = || format!("{}: step {index}, {act:x?}, gave {outcome:x?}", case.name);
        (!act.holds(outcome)).then(told)
    };
    case.acts()
        .into_iter()
        .enumerate()
        .filter_map(say)
        .collect()
}

#[test]
fn every_case_on_domains_holds_on_the_model() {
    let mut ground = ground();
    let wrong: Vec<String> = domain_cases()
        .flat_map(|case| failing(&case, &mut ground))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(domain_cases().count() >= 80);
}

#[test]
fn an_act_holds_for_its_own_end_only() {
    let load = crate::act::load(0xa000_1000);
    let stopped = |cause, address| Outcome {
        code: cause,
        value: 2 << 4,
        address,
    };
    let fault = load.must(Must::Fault(28, 0xa000_1000));
    assert!(fault.holds(stopped(28, 0xa000_1000)));
    assert!(!fault.holds(stopped(29, 0xa000_1000)));
    assert!(!fault.holds(stopped(28, 0xa000_2000)));
    // Where nobody was stopped, a fault is not enough.
    assert!(!fault.holds(Outcome::fault(28, 0xa000_1000)));
    assert!(!fault.holds(Outcome::done(0)));
    let give = load.must(Must::Give(7));
    assert!(give.holds(Outcome::done(7)) && !give.holds(Outcome::done(8)));
    assert!(load.holds(Outcome::done(8)) && !load.holds(stopped(28, 0)));
    let refuse = load.must(Must::Refuse(Outcome::REFUSED + 8));
    let refused = |number| Outcome {
        code: Outcome::REFUSED + number,
        value: 0,
        address: 0,
    };
    assert!(refuse.holds(refused(8)) && !refuse.holds(refused(9)));
}

#[test]
fn they_hold_in_any_order() {
    let mut cases: Vec<DomainCase> = domain_cases().collect();
    cases.reverse();
    let mut ground = ground();
    for case in &cases {
        assert_eq!(failing(case, &mut ground), [""; 0]);
    }
}

fn names() -> HashSet<String> {
    let attacks = ATTACKS.iter().map(|attack| attack.name.to_owned());
    let entries = entry_cases().map(|case| case.name());
    let domains = domain_cases().map(|case| case.name.to_owned());
    attacks.chain(entries).chain(domains).collect()
}

#[test]
fn no_two_cases_have_one_name() {
    let count = ATTACKS.len() + entry_cases().count() + domain_cases().count();
    assert_eq!(names().len(), count);
    assert_eq!(entry_cases().count(), 9 * 6);
}

#[test]
fn everything_is_answered_by_cases_that_exist() {
    // Files and cores are named by the host, which has a test for them.
    let elsewhere = [
        "file: ",
        "revoked while another core",
        "a core that does",
        "turns of two",
    ];
    let names = names();
    for answer in [ZEPHYR, BEYOND, FLAWS, RULES].into_iter().flatten() {
        for case in answer.cases {
            let known = match case.strip_suffix('*') {
                Some(start) => names.iter().any(|name| name.starts_with(start)),
                None => names.contains(*case),
            };
            let is_elsewhere = elsewhere.iter().any(|start| case.starts_with(start));
            assert!(
                known || is_elsewhere,
                "{} answers {}, which is no case",
                case,
                answer.number
            );
        }
        assert!(!answer.cases.is_empty());
    }
}

#[test]
fn every_number_of_zephyrs_list_is_answered_once() {
    let wanted: Vec<u16> = [1, 20, 33, 38, 106, 130]
        .into_iter()
        .chain(3..=12)
        .chain(23..=31)
        .chain(43..=47)
        .chain(50..=60)
        .chain(62..=66)
        .chain(107..=113)
        .chain(116..=120)
        .chain(186..=201)
        .collect();
    let mut numbers: Vec<u16> = ZEPHYR.iter().map(|answer| answer.number).collect();
    let missing: Vec<&u16> = wanted.iter().filter(|n| !numbers.contains(n)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let count = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
    assert_eq!(count, wanted.len());
    assert_eq!(BEYOND.len(), 17);
    assert_eq!(RULES.len(), 12);
}

/// The tables of docs/isolation.md.
fn tables() -> String {
    let parts = [
        ("Zephyr's tests", ZEPHYR),
        ("Beyond Zephyr's tests", BEYOND),
        ("Flaws of SOF's stack", FLAWS),
        ("Rules of the design", RULES),
    ];
    let mut text = String::new();
    for (title, answers) in parts {
        text.push_str(&format!(
            "### {title}\n\n| | what | cases |\n|---:|---|---|\n"
        ));
        for answer in answers {
            let cases = answer.cases.join("`, `");
            text.push_str(&format!(
                "| {} | {} | `{cases}` |\n",
                answer.number, answer.what
            ));
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_page_has_the_tables_of_the_suite() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/isolation.md");
    let text = std::fs::read_to_string(page).unwrap();
    let tables = tables();
    assert!(
        text.contains(&tables),
        "docs/isolation.md must end with:\n\n{tables}"
    );
}
