//! A module in C written with the names that SOF's module authors know.

mod support;

use std::path::{Path, PathBuf};

use support::{Format, bulkhead, folder, play, read_wav, run, samples, succeeded, text, write_wav};

/// Builds a module into a folder.
fn built(folder: &Path, name: &str) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/modules");
    let source = sources.join(format!("{name}.c"));
    let module = folder.join(format!("{name}.elf"));
    let built = run(bulkhead().arg("build").arg(source).arg("-o").arg(&module));
    assert!(built.status.success(), "{}", text(&built.stderr));
    assert!(
        !text(&built.stderr).contains("warning"),
        "{}",
        text(&built.stderr)
    );
    module
}

/// The CRC-32 of IEEE 802.3, by another way than the module's.
fn crc32(bytes: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |crc, _| match crc & 1 {
            0 => crc >> 1,
            _ => crc >> 1 ^ 0xedb8_8320,
        })
    });
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        crc >> 8 ^ table[(crc as u8 ^ byte) as usize]
    })
}

#[test]
fn a_configuration_of_many_parts_becomes_one_blob() {
    let folder = folder();
    built(folder.path(), "blobs");
    let format = Format {
        rate: 48_000,
        channels: 2,
        bits: 32,
    };
    let given = samples(format, 480);
    write_wav(&folder.path().join("in.wav"), format, &given);
    // One message, just not one, several with a short last, and the longest that there is.
    for size in [4_080, 4_081, 10_000, 65_536] {
        let blob: Vec<u8> = (0..size).map(|at: u32| ((at * at) >> 3) as u8).collect();
        std::fs::write(folder.path().join("blob"), &blob).expect("can be written");
        let topology = r#"
            # A checksum of the longest takes several milliseconds of an ordinary core.
            cycles_per_ms = 20_000_000
            [[module]]
            name = "blobs"
            file = "blobs.elf"
            [[buffer]]
            from = "in.wav"
            to = "blobs"
            [[buffer]]
            from = "blobs"
            to = "out.wav"
            [[config]]
            at_ms = 5
            module = "blobs"
            id = 1
            file = "blob"
            [[ask]]
            at_ms = 8
            module = "blobs"
            id = 1
        "#;
        let file = folder.path().join("blobs.toml");
        std::fs::write(&file, topology).expect("can be written");
        let result = run(bulkhead().arg("run").arg(&file));
        let words = [size, crc32(&blob)].map(u32::to_le_bytes).concat();
        let told: Vec<String> = words.iter().map(|byte| format!("{byte:02x}")).collect();
        let said = text(&result.stdout) + &text(&result.stderr);
        assert!(said.contains(&told.join(" ")), "{size}: {said}");
        assert!(result.status.success(), "{size}: {said}");
        assert!(
            read_wav(&folder.path().join("out.wav")).1 == given,
            "{said}"
        );
    }
}

#[test]
fn a_module_by_sofs_names_plays() {
    let folder = folder();
    let module = built(folder.path(), "swap");
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
