//! Pipelines of modules on the machine: what comes out is what the same code gives on the host, and
//! whoever dies takes nothing of the others with it.

mod support;

use std::fs;
use std::path::Path;

use bulkhead_sdk::host;
use support::{Format, bulkhead, folder, read_wav, run, samples, succeeded, text, write_wav};

/// As wide as samples are inside, so that nothing is lost at the border.
const FORMAT: Format = Format {
    rate: 48_000,
    channels: 2,
    bits: 32,
};
const FRAMES: u32 = 4_800;

/// An equaliser feeds a limiter.
const CHAIN: &str = r#"
    [[module]]
    name = "eq"
    file = "equaliser"
    [[module]]
    name = "lim"
    file = "limiter"
    [[buffer]]
    from = "in.wav"
    to = "eq"
    [[buffer]]
    from = "eq"
    to = "lim"
    [[buffer]]
    from = "lim"
    to = "out.wav"
"#;

fn equalised(given: &[i32]) -> Vec<i32> {
    let channels = FORMAT.channels.into();
    host::run::<equaliser::Equaliser>(FORMAT.rate, channels, given).expect("it plays")
}

fn limited(given: &[i32]) -> Vec<i32> {
    let channels = FORMAT.channels.into();
    host::run::<limiter::Limiter>(FORMAT.rate, channels, given).expect("it plays")
}

/// Runs a topology in a folder that has `in.wav`; what it said, and whether it succeeded.
fn plays(folder: &Path, topology: &str) -> (String, bool) {
    let file = folder.join("pipeline.toml");
    fs::write(&file, topology).expect("the topology can be written");
    let result = run(bulkhead().arg("run").arg("--verbose").arg(&file));
    let said = text(&result.stdout) + &text(&result.stderr);
    (said, result.status.success())
}

fn given(folder: &Path) -> Vec<i32> {
    let given = samples(FORMAT, FRAMES);
    write_wav(&folder.join("in.wav"), FORMAT, &given);
    given
}

fn heard(folder: &Path, name: &str) -> Vec<i32> {
    let (spec, heard) = read_wav(&folder.join(name));
    assert_eq!(
        (spec.sample_rate, spec.channels),
        (FORMAT.rate, FORMAT.channels)
    );
    heard
}

#[test]
fn one_feeds_the_other_and_the_end_is_what_the_host_makes() {
    let folder = folder();
    let given = given(folder.path());
    let (said, good) = plays(folder.path(), CHAIN);
    assert!(good, "{said}");
    assert!(
        heard(folder.path(), "out.wav") == limited(&equalised(&given)),
        "{said}"
    );
    assert!(said.contains("all of 17 requests done"), "{said}");
}

#[test]
fn who_dies_comes_back_and_changes_no_sample_of_the_others() {
    let folder = folder();
    let given = given(folder.path());
    let faults = r#"
        [[module]]
        name = "twin"
        file = "equaliser"
        pipeline = "side"
        [[module]]
        name = "third"
        file = "equaliser"
        pipeline = "side"
        restarts = "always"
        on_death = "bypass"
        [[buffer]]
        from = "in.wav"
        to = "twin"
        [[buffer]]
        from = "twin"
        to = "twin.wav"
        [[buffer]]
        from = "in.wav"
        to = "third"
        [[buffer]]
        from = "third"
        to = "third.wav"
        [[fault]]
        at_ms = 10
        module = "third"
        kind = "jump"
        [[fault]]
        at_ms = 30
        module = "third"
        kind = "overrun"
        [[fault]]
        at_ms = 50
        module = "third"
        kind = "withdraw"
    "#;
    // Enough for three equalisers.
    let time = "cycles_per_ms = 2_000_000\n";
    let (said, good) = plays(folder.path(), &format!("{time}{CHAIN}{faults}"));
    assert!(good, "{said}");
    let equalised = equalised(&given);
    assert!(heard(folder.path(), "twin.wav") == equalised, "{said}");
    assert!(
        heard(folder.path(), "out.wav") == limited(&equalised),
        "{said}"
    );
    assert!(
        heard(folder.path(), "third.wav") != equalised,
        "it was not disturbed"
    );
    for part in [
        "instruction TLB miss at 0x00000000 in process",
        "out of time in process",
        "taken away in",
        "all came back after each of 3 deaths",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert!(!said.contains("never"), "one did not come back: {said}");
}

#[test]
fn who_does_not_come_back_is_passed_by_or_silent() {
    for (on_death, is_silent) in [("bypass", false), ("silence", true)] {
        let folder = folder();
        let given = given(folder.path());
        let death = "[[fault]]\nat_ms = 0\nmodule = \"lim\"\nkind = \"withdraw\"\n";
        let chain = CHAIN.replace(
            "file = \"limiter\"",
            &format!("file = \"limiter\"\non_death = \"{on_death}\""),
        );
        let (said, _) = plays(folder.path(), &format!("{chain}{death}"));
        let heard = heard(folder.path(), "out.wav");
        if is_silent {
            assert!(heard.iter().all(|sample| *sample == 0), "{said}");
        } else {
            assert!(heard == equalised(&given), "{said}");
        }
        assert!(said.contains("never"), "{said}");
    }
}

#[test]
fn a_configuration_is_taken_and_told() {
    let folder = folder();
    given(folder.path());
    // A hundredth of full scale.
    let least = (i32::MAX / 100).to_le_bytes();
    let config = format!(
        "[[config]]\nmodule = \"lim\"\nid = 1\nbytes = {least:?}\n\
         [[ask]]\nat_ms = 20\nmodule = \"lim\"\nid = 1\n"
    );
    let (said, good) = plays(folder.path(), &format!("{CHAIN}{config}"));
    assert!(good, "{said}");
    let loudest = heard(folder.path(), "out.wav")
        .into_iter()
        .map(i32::unsigned_abs)
        .max();
    assert!(
        loudest <= Some(u32::from_le_bytes(least)),
        "{loudest:?}: {said}"
    );
    let [a, b, c, d] = least;
    let told = format!("{a:02x} {b:02x} {c:02x} {d:02x}");
    assert!(said.contains(&told), "{said}");
}

#[test]
fn a_configuration_outlives_a_death() {
    let folder = folder();
    given(folder.path());
    let least = (i32::MAX / 100).to_le_bytes();
    let chain = CHAIN.replace("\"limiter\"", "\"limiter\"\nrestarts = 1");
    let config = format!(
        "[[config]]\nmodule = \"lim\"\nid = 1\nbytes = {least:?}\n\
         [[fault]]\nat_ms = 20\nmodule = \"lim\"\nkind = \"jump\"\n\
         [[ask]]\nat_ms = 40\nmodule = \"lim\"\nid = 1\n"
    );
    let (said, good) = plays(folder.path(), &format!("{chain}{config}"));
    assert!(good, "{said}");
    let [a, b, c, d] = least;
    let told = format!("{a:02x} {b:02x} {c:02x} {d:02x}");
    assert!(said.contains(&told), "{said}");
}

#[test]
fn a_configuration_that_is_refused_says_who_and_why_and_the_rest_plays() {
    let folder = folder();
    let given = given(folder.path());
    let config = "[[config]]\nmodule = \"lim\"\nid = 9\ntext = \"x\"\n\
                  [[config]]\nmodule = \"eq\"\nid = 1\ntext = \"x\"\n";
    let (said, good) = plays(folder.path(), &format!("{CHAIN}{config}"));
    assert!(!good);
    for part in [
        "configure lim 9 at 0 ms: set_config returned -22",
        "configure eq 1 at 0 ms: set_config returned -38",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert!(
        heard(folder.path(), "out.wav") == limited(&equalised(&given)),
        "{said}"
    );
}

#[test]
fn a_pipeline_that_pauses_loses_nothing() {
    let folder = folder();
    let given = given(folder.path());
    let states = "tail_ms = 100\n";
    let pause = "[[state]]\nat_ms = 20\nstate = \"paused\"\n\
                 [[state]]\nat_ms = 60\nstate = \"running\"\n";
    let (said, good) = plays(folder.path(), &format!("{states}{CHAIN}{pause}"));
    assert!(good, "{said}");
    assert!(
        heard(folder.path(), "out.wav") == limited(&equalised(&given)),
        "{said}"
    );
}

#[test]
fn a_period_of_ten_milliseconds_gives_the_same() {
    let folder = folder();
    let given = given(folder.path());
    let chain = CHAIN.replace(
        "file = \"limiter\"",
        "file = \"limiter\"\nperiod_us = 10000",
    );
    let (said, good) = plays(folder.path(), &chain);
    assert!(good, "{said}");
    assert!(
        heard(folder.path(), "out.wav") == limited(&equalised(&given)),
        "{said}"
    );
}

/// Seconds of audio of the run below; as many as `BULKHEAD_SOAK_SECONDS` says where it is set.
const SOAK_SECONDS: u32 = 5;

/// Four modules, one of which fails each second, each time in another way. Half an hour of it takes about six
/// minutes: BULKHEAD_SOAK_SECONDS=1800 cargo test -p bulkhead --test pipelines each_second
#[test]
fn a_fault_each_second_changes_no_sample_of_the_survivors() {
    let seconds = std::env::var("BULKHEAD_SOAK_SECONDS");
    let seconds = seconds.map_or(SOAK_SECONDS, |text| {
        text.parse().expect("a number of seconds")
    });
    let format = Format {
        rate: 8_000,
        channels: 1,
        bits: 32,
    };
    let folder = folder();
    let given = samples(format, seconds * format.rate);
    write_wav(&folder.path().join("in.wav"), format, &given);
    let mut topology = String::new();
    for (name, pipeline) in [
        ("a", "row"),
        ("b", "row"),
        ("alone", "side"),
        ("dies", "side"),
    ] {
        topology += &format!(
            "[[module]]\nname = \"{name}\"\nfile = \"limiter\"\npipeline = \"{pipeline}\"\n"
        );
    }
    topology += "restarts = \"always\"\non_death = \"bypass\"\n";
    for (from, to) in [
        ("in.wav", "a"),
        ("a", "b"),
        ("b", "row.wav"),
        ("in.wav", "alone"),
        ("alone", "alone.wav"),
        ("in.wav", "dies"),
        ("dies", "dies.wav"),
    ] {
        topology += &format!("[[buffer]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    }
    let kinds = ["jump", "overrun", "withdraw"].into_iter().cycle();
    for (second, kind) in (0..seconds).zip(kinds) {
        let at = 1000 * second + 500;
        topology += &format!("[[fault]]\nat_ms = {at}\nmodule = \"dies\"\nkind = \"{kind}\"\n");
    }
    let file = folder.path().join("soak.toml");
    fs::write(&file, topology).expect("the topology can be written");
    let result = run(bulkhead().arg("run").arg(&file));
    let said = text(&result.stdout) + &text(&result.stderr);
    assert!(result.status.success(), "{said}");
    assert!(!said.contains("never"), "{said}");
    let limit =
        |given: &[i32]| host::run::<limiter::Limiter>(format.rate, 1, given).expect("it plays");
    let once = limit(&given);
    let heard = |name: &str| read_wav(&folder.path().join(name)).1;
    assert!(heard("alone.wav") == once, "{said}");
    assert!(heard("row.wav") == limit(&once), "{said}");
    let deaths = format!("all came back after each of {seconds} deaths");
    // Thousands are set apart there.
    assert!(said.replace(',', "").contains(&deaths), "{said}");
}

#[test]
fn what_cannot_be_run_is_refused_in_a_sentence_before_anything_runs() {
    let folder = folder();
    given(folder.path());
    for (from, to, part) in [
        ("in.wav", "absent.wav", "absent.wav"),
        (
            "to = \"lim\"",
            "to = \"limit\"",
            "no module is called `limit`",
        ),
        ("file = \"limiter\"", "file = \"none.elf\"", "none.elf"),
        (
            "to = \"out.wav\"",
            "to = \"nowhere/out.wav\"",
            "folder cannot be used",
        ),
        (
            "from = \"lim\"",
            "from = \"lim\"\nbits = 12",
            "cannot have 12 bits",
        ),
    ] {
        let (said, good) = plays(folder.path(), &CHAIN.replace(from, to));
        assert!(!good);
        let said = said.replace("\n  │ ", " ");
        assert!(said.contains(part) && !said.contains("panicked"), "{said}");
        assert!(!folder.path().join("out.wav").exists());
    }
    let absent = run(bulkhead().args(["run", "absent.toml"]));
    assert!(text(&absent.stderr).contains("absent.toml"));
    let both = run(bulkhead().args(["run", "a.toml", "--alone"]));
    assert!(text(&both.stderr).contains("cannot be used with"));
    succeeded(&run(bulkhead().args(["run", "--help"])), "help");
}

#[test]
fn the_topology_of_the_documentation_runs() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/pipelines.md");
    let page = fs::read_to_string(page).expect("the page can be read");
    let (_, rest) = page.split_once("```toml\n").expect("it has a topology");
    let (topology, _) = rest.split_once("```").expect("the topology ends");
    let folder = folder();
    // As long as the last of what it says will happen.
    let long = samples(FORMAT, 48 * 400);
    write_wav(&folder.path().join("in.wav"), FORMAT, &long);
    let (said, _) = plays(folder.path(), topology);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "ask lim 1 done",
        "00 00 00 40",
        "let lim fail: jump done",
        "set main paused done",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    // It is paused for good, so the file stays short: that is said, and nothing else.
    assert!(said.contains("1 check failed"), "{said}");
    assert!(said.contains("out.wav has"), "{said}");
}
