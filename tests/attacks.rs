//! The hostile module beside a good one: every attack is stopped as it must be, and the good one
//! does not notice.

mod support;

use support::{
    Format, bulkhead, folder, module, play, read_wav, run, samples, succeeded, text, write_wav,
};

#[test]
fn the_main_job_stops_every_attack_as_expected() {
    let result = run(&mut bulkhead());
    let report = text(&result.stdout);
    assert!(result.status.success(), "{report}{}", text(&result.stderr));
    let attacks = hostile::PRESENT_ATTACKS;
    assert!(
        report.contains(&attacks.to_string()),
        "the report counts {attacks} attacks:\n{report}"
    );
}

#[test]
fn a_limiter_beside_the_hostile_module_plays_as_it_does_alone() {
    let folder = folder();
    let input = folder.path().join("in.wav");
    let format = Format {
        rate: 44_100,
        channels: 1,
        bits: 16,
    };
    write_wav(&input, format, &samples(format, 4_410));
    let mut outputs = Vec::new();
    for beside in [None, Some(module("hostile"))] {
        let output = folder.path().join(if beside.is_some() {
            "beside.wav"
        } else {
            "alone.wav"
        });
        let result = play(&module("limiter"), beside.as_deref(), &input, &output);
        succeeded(&result, "the limiter");
        outputs.push(read_wav(&output).1);
    }
    assert!(
        outputs[0] == outputs[1],
        "the output is not the same beside the hostile module"
    );
}

#[test]
fn a_good_module_beside_another_is_left_alone() {
    let folder = folder();
    let (input, output) = (folder.path().join("in.wav"), folder.path().join("out.wav"));
    let format = Format {
        rate: 48_000,
        channels: 2,
        bits: 16,
    };
    write_wav(&input, format, &samples(format, 960));
    let beside = module("limiter");
    let result = play(&module("equaliser"), Some(&beside), &input, &output);
    succeeded(&result, "the equaliser beside the limiter");
}
