//! Modules on two cores of QEMU. How fast either is, nobody knows there: what must be equal are
//! samples, outcomes, and what is free at the end.

mod support;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bulkhead_sdk::host;
use hostile::plan::{self, Planned};
use support::{
    Format, bulkhead, folder, module as module_file, read_wav, run, samples, text, write_wav,
};

const FORMAT: Format = Format {
    rate: 48_000,
    channels: 2,
    bits: 32,
};
const FRAMES: u32 = 4_800;

/// Time in a millisecond of audio that no busy host uses up: 1.5 seconds on each core.
const TIME: &str = "cycles_per_ms = 20_000_000\n";

fn equalised(given: &[i32]) -> Vec<i32> {
    let channels = FORMAT.channels.into();
    host::run::<equaliser::Equaliser>(FORMAT.rate, channels, given).expect("it plays")
}

fn limited(given: &[i32]) -> Vec<i32> {
    let channels = FORMAT.channels.into();
    host::run::<limiter::Limiter>(FORMAT.rate, channels, given).expect("it plays")
}

fn module(name: &str, file: &str, core: u32, more: &str) -> String {
    format!("[[module]]\nname = \"{name}\"\nfile = \"{file}\"\ncore = {core}\n{more}\n")
}

fn buffer(from: &str, to: &str) -> String {
    format!("[[buffer]]\nfrom = \"{from}\"\nto = \"{to}\"\n")
}

fn fault(at_ms: u32, module: &str, kind: &str) -> String {
    format!("[[fault]]\nat_ms = {at_ms}\nmodule = \"{module}\"\nkind = \"{kind}\"\n")
}

/// Two cores that wait for each other take two of the host's: one machine at a time.
static MACHINE: Mutex<()> = Mutex::new(());

/// Runs a topology in a folder that has `in.wav`; what it said, and whether it succeeded.
fn plays(folder: &Path, topology: &str) -> (String, bool) {
    // A test that failed says so itself.
    let _one = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    let file = folder.join("pipeline.toml");
    fs::write(&file, format!("{TIME}{topology}")).expect("the topology can be written");
    let result = run(bulkhead().args(["run", "--verbose", "--log"]).arg(&file));
    let said = text(&result.stdout) + &text(&result.stderr);
    (said, result.status.success())
}

fn given(folder: &Path) -> Vec<i32> {
    let given = samples(FORMAT, FRAMES);
    write_wav(&folder.join("in.wav"), FORMAT, &given);
    given
}

fn heard(folder: &Path, name: &str) -> Vec<i32> {
    read_wav(&folder.join(name)).1
}

#[test]
fn a_limiter_before_an_equaliser_gives_the_same_on_any_cores() {
    for (limiter, equaliser) in [(0, 1), (1, 0), (1, 1)] {
        let folder = folder();
        let given = given(folder.path());
        let topology = module("lim", "limiter", limiter, "")
            + &module("eq", "equaliser", equaliser, "")
            + &buffer("in.wav", "lim")
            + &buffer("lim", "eq")
            + &buffer("eq", "out.wav");
        let (said, good) = plays(folder.path(), &topology);
        assert!(good, "{said}");
        let alike = heard(folder.path(), "out.wav") == equalised(&limited(&given));
        assert!(
            alike,
            "limiter on {limiter}, equaliser on {equaliser}: {said}"
        );
        assert!(said.contains("not instructions"), "{said}");
    }
}

#[test]
fn who_dies_on_the_second_core_comes_back_while_the_first_plays() {
    let folder = folder();
    let given = given(folder.path());
    // Nobody is told to have no time: how long that is, nobody knows here. Those that never end are among
    // the attacks below. The limiter is configured, while the third is under way, just before that is taken away.
    let config = "[[config]]\nat_ms = 50\nmodule = \"lim\"\nid = 1\nbytes = [255, 255, 255, 127]\n";
    let topology = module("lim", "limiter", 0, "")
        + &module("twin", "equaliser", 1, "")
        + &module(
            "third",
            "equaliser",
            1,
            "restarts = \"always\"\non_death = \"bypass\"",
        )
        + &buffer("in.wav", "lim")
        + &buffer("lim", "lim.wav")
        + &buffer("in.wav", "twin")
        + &buffer("twin", "twin.wav")
        + &buffer("in.wav", "third")
        + &buffer("third", "third.wav")
        + &fault(10, "third", "jump")
        + &fault(30, "third", "jump")
        + config
        + &fault(50, "third", "withdraw");
    let (said, good) = plays(folder.path(), &topology);
    assert!(good, "{said}");
    let equalised = equalised(&given);
    assert!(heard(folder.path(), "twin.wav") == equalised, "{said}");
    assert!(heard(folder.path(), "third.wav") != equalised, "{said}");
    assert!(heard(folder.path(), "lim.wav").len() == given.len());
    for part in [
        "instruction TLB miss at 0x00000000 in process",
        "taken away in",
        "all came back after each of 3 deaths",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert!(!said.contains("never"), "one did not come back: {said}");
}

#[test]
fn every_attack_from_the_second_core_ends_as_it_must_and_the_first_misses_nothing() {
    let folder = folder();
    let given = given(folder.path());
    let mut hostile = fs::read(module_file("hostile")).expect("it is built");
    let process = abi::EntryPoint::Process;
    let lives: Vec<Planned> = (0..hostile::PRESENT_ATTACKS)
        .map(|attack| Planned {
            attack,
            entry: process,
        })
        .collect();
    plan::write(&mut hostile, &lives).expect("it has a plan");
    fs::write(folder.path().join("present.elf"), hostile).expect("it can be written");
    // A life for each attack, one in a millisecond; those that never end are stopped soon.
    let lives_planned = lives.len();
    let lives = "restarts = \"always\"\npipeline = \"side\"\nbudget = 500_000";
    let topology = String::from("tail_ms = 900\n")
        + &module("lim", "limiter", 0, "")
        + &module("bad", "present.elf", 1, lives)
        + &buffer("in.wav", "lim")
        + &buffer("lim", "lim.wav")
        + &buffer("in.wav", "bad")
        + &buffer("bad", "bad.wav");
    let (said, good) = plays(folder.path(), &topology);
    assert!(good, "{said}");
    assert!(heard(folder.path(), "lim.wav") == limited(&given), "{said}");
    assert!(!said.contains("survived"), "{said}");
    let deaths = format!("all came back after each of {} deaths", lives_planned);
    assert!(said.contains(&deaths), "not {deaths}: {said}");
}

#[test]
fn a_page_is_taken_from_under_a_module_that_spins_on_it_on_the_second_core() {
    let folder = folder();
    given(folder.path());
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/modules/lingerer.c"
    );
    let built = folder.path().join("lingerer.elf");
    let build = run(bulkhead().arg("build").arg(source).arg("-o").arg(&built));
    assert!(build.status.success(), "{}", text(&build.stderr));
    // The reader knows at once that the buffer goes, and reads there for ever in its next period;
    // the writer, on the first core, takes its time to say that it knows; then the buffer goes.
    let topology = module("writer", "lingerer.elf", 0, "pipeline = \"side\"")
        + &module(
            "reader",
            "lingerer.elf",
            1,
            "restarts = 1\nbudget = 100_000_000",
        )
        + &buffer("in.wav", "reader")
        + &buffer("in.wav", "writer")
        + &buffer("writer", "reader:1")
        + "[[unbind]]\nat_ms = 20\nfrom = \"writer\"\nto = \"reader:1\"\n";
    let (said, good) = plays(folder.path(), &topology);
    assert!(good, "{said}");
    let at = |what: &str| {
        said.find(what)
            .unwrap_or_else(|| panic!("no {what}: {said}"))
    };
    let (reads, knows) = (at("module 1: \"reads on\""), at("module 0: \"knows now\""));
    let stopped = at("module 1: stopped in process: cause 28");
    assert!(
        reads < knows && knows < stopped,
        "it did not spin meanwhile: {said}"
    );
    assert!(said.contains("load prohibited at 0x40"), "{said}");
    assert!(
        said.contains("all came back after each of 1 death"),
        "{said}"
    );
}
