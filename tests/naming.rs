//! A module in C written with the names that SOF's module authors know.

mod support;

use std::path::Path;

use support::{Format, bulkhead, folder, play, read_wav, run, samples, succeeded, text, write_wav};

#[test]
fn a_module_by_sofs_names_plays() {
    let folder = folder();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/modules/swap.c");
    let module = folder.path().join("swap.elf");
    let built = run(bulkhead().arg("build").arg(source).arg("-o").arg(&module));
    assert!(built.status.success(), "{}", text(&built.stderr));
    assert!(
        !text(&built.stderr).contains("warning"),
        "{}",
        text(&built.stderr)
    );

    let (input, output) = (folder.path().join("in.wav"), folder.path().join("out.wav"));
    let format = Format {
        rate: 48_000,
        channels: 2,
        bits: 32,
    };
    let frames = 48 * 20 + 5;
    let given = samples(format, frames);
    write_wav(&input, format, &given);
    let result = play(&module, None, &input, &output);
    succeeded(&result, "swap");
    let mut wanted: Vec<i32> = (given.chunks(2))
        .flat_map(|frame| [frame[1] >> 1, frame[0] >> 1])
        .collect();
    // The last frame of each period is not committed, and so it is silence.
    for period in wanted.chunks_mut(96) {
        let end = period.len();
        period[end - 2..].fill(0);
    }
    assert!(read_wav(&output).1 == wanted, "{}", text(&result.stdout));
}
