use super::*;
use bulkhead_sdk::host;

/// A sine of a quarter of full scale.
fn sine(rate_hz: u32, frequency_hz: f64, frames: usize) -> Vec<i32> {
    let step = 2.0 * std::f64::consts::PI * frequency_hz / f64::from(rate_hz);
    (0..frames)
        .map(|n| ((n as f64 * step).sin() * 536_870_912.0) as i32)
        .collect()
}

/// The gain in decibels after the filters have settled.
fn gain_db(rate_hz: u32, frequency_hz: f64) -> f64 {
    let input = sine(rate_hz, frequency_hz, rate_hz as usize);
    let output = host::run::<Equaliser>(rate_hz, 1, &input).unwrap();
    let power = |samples: &[i32]| -> f64 {
        samples[samples.len() / 2..]
            .iter()
            .map(|s| f64::from(*s).powi(2))
            .sum()
    };
    10.0 * (power(&output) / power(&input)).log10()
}

#[test]
fn the_bands_do_what_they_say() {
    for rate_hz in [44_100, 48_000, 96_000] {
        for (frequency_hz, expected) in [(20.0, 3.0), (1_000.0, -4.0), (18_000.0, 2.0)] {
            let gain = gain_db(rate_hz, frequency_hz);
            assert!(
                (gain - expected).abs() < 0.4,
                "{rate_hz} Hz, {frequency_hz} Hz: {gain} dB"
            );
        }
    }
}

#[test]
fn a_band_above_half_the_rate_is_left_out() {
    let used = |rate_hz| {
        BANDS
            .iter()
            .filter(|band| band.coefficients(rate_hz).is_some())
            .count()
    };
    assert_eq!(used(48_000), 3);
    assert_eq!(used(16_000), 2);
    assert_eq!(used(16_001), 3);
    assert_eq!(used(2_000), 1);
    assert_eq!(used(240), 0);
    assert_eq!(used(1), 0);
    assert_eq!(used(u32::MAX), 3);
    // Without any band the samples pass, rounded to 24 bits.
    assert_eq!(
        host::run::<Equaliser>(240, 1, &[256, -512]),
        Ok(vec![256, -512])
    );
}

#[test]
fn channels_do_not_touch_each_other() {
    let (left, right) = (sine(48_000, 300.0, 500), sine(48_000, 5_000.0, 500));
    let both: Vec<i32> = left
        .iter()
        .zip(&right)
        .flat_map(|(l, r)| [*l, *r])
        .collect();
    let output = host::run::<Equaliser>(48_000, 2, &both).unwrap();
    let every_other = |first| {
        output
            .iter()
            .skip(first)
            .step_by(2)
            .copied()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        every_other(0),
        host::run::<Equaliser>(48_000, 1, &left).unwrap()
    );
    assert_eq!(
        every_other(1),
        host::run::<Equaliser>(48_000, 1, &right).unwrap()
    );
}

#[test]
fn a_stream_that_makes_no_sense_is_refused() {
    assert_eq!(host::run::<Equaliser>(48_000, 9, &[]), Err(Errno::Invalid));
    let mut module = Equaliser::init(0).unwrap();
    assert_eq!(module.process(&[1], &mut [0]), Err(Errno::Invalid));
}

#[test]
fn samples_stop_at_the_ends() {
    assert_eq!(sample::from_float(1.0), i32::MAX);
    assert_eq!(sample::from_float(-1.5), i32::MIN);
    assert_eq!(sample::from_float(f32::NAN), 0);
    assert_eq!(sample::from_float(sample::to_float(i32::MIN)), i32::MIN);
}

/// The bits themselves: whoever changes them must know it, since the DSP is compared with them.
#[test]
fn the_output_is_the_same_everywhere() {
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed as i32
    };
    let input: Vec<i32> = (0..4_800).map(|_| noise()).collect();
    let output = host::run::<Equaliser>(44_100, 2, &input).unwrap();
    let hash = output
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, sample| {
            (hash ^ u64::from(*sample as u32)).wrapping_mul(0x100_0000_01b3)
        });
    assert_eq!(hash, HASH, "{hash:#x}");
}

const HASH: u64 = 0x299c_5242_6390_189e;
