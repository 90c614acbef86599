//! A module plays a file in its own domain, and what comes out is what the same code gives on the
//! host, bit for bit.

mod support;

use bulkhead_sdk::Errno;
use support::{Format, folder, module, play, read_wav, samples, succeeded, write_wav};

type Reference = fn(u32, u32, &[i32]) -> Result<Vec<i32>, Errno>;

const MODULES: [(&str, Reference); 2] = [
    ("equaliser", bulkhead_sdk::host::run::<equaliser::Equaliser>),
    ("limiter", bulkhead_sdk::host::run::<limiter::Limiter>),
];

fn plays(name: &str, reference: Reference, format: Format, frames: u32) {
    let folder = folder();
    let (input, output) = (folder.path().join("in.wav"), folder.path().join("out.wav"));
    let given = samples(format, frames);
    write_wav(&input, format, &given);
    let result = play(&module(name), None, &input, &output);
    succeeded(&result, &format!("{name} {format:?}"));
    let (spec, heard) = read_wav(&output);
    assert_eq!(
        (spec.sample_rate, spec.channels, spec.bits_per_sample),
        (format.rate, format.channels, format.bits)
    );
    let shift = 32 - u32::from(format.bits);
    let wanted: Vec<i32> = reference(format.rate, format.channels.into(), &given)
        .expect("the module plays on the host")
        .iter()
        .map(|sample| sample >> shift << shift)
        .collect();
    assert!(
        heard == wanted,
        "{name} {format:?}: the output differs from the host's"
    );
}

#[test]
fn every_width_and_layout_comes_out_as_on_the_host() {
    for (name, reference) in MODULES {
        for bits in [16, 24, 32] {
            for channels in [1, 2] {
                let format = Format {
                    rate: 48_000,
                    channels,
                    bits,
                };
                plays(name, reference, format, 480);
            }
        }
    }
}

#[test]
fn every_usual_rate_comes_out_as_on_the_host() {
    for (name, reference) in MODULES {
        for rate in [
            8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 88_200, 96_000, 192_000,
        ] {
            let format = Format {
                rate,
                channels: 2,
                bits: 16,
            };
            plays(name, reference, format, rate / 100);
        }
    }
}

#[test]
fn one_frame_and_a_short_last_period() {
    let format = Format {
        rate: 48_000,
        channels: 2,
        bits: 24,
    };
    for (name, reference) in MODULES {
        for frames in [1, 47, 48, 49] {
            plays(name, reference, format, frames);
        }
    }
}
