//! Plays a module on the host: `player NAME RATE CHANNELS INPUT OUTPUT`. Both files hold
//! interleaved samples of 32 bits in the machine's order, nothing else.

use std::error::Error;

use bulkhead_sdk::host;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, rate, channels, input, output] = words.as_slice() else {
        return Err("expected NAME RATE CHANNELS INPUT OUTPUT".into());
    };
    let play = match name.as_str() {
        "biquad-filter" => host::run::<biquad_filter::Telephone>,
        "spectral-gate" => host::run::<spectral_gate::Gate>,
        other => return Err(format!("there is no module `{other}`").into()),
    };
    let bytes = std::fs::read(input)?;
    let samples: Vec<i32> = bytes
        .chunks_exact(4)
        .map(|sample| i32::from_ne_bytes([sample[0], sample[1], sample[2], sample[3]]))
        .collect();
    let played = play(rate.parse()?, channels.parse()?, &samples)
        .map_err(|error| format!("the module fails with {error:?}"))?;
    let bytes: Vec<u8> = played.iter().flat_map(|s| s.to_ne_bytes()).collect();
    std::fs::write(output, bytes)?;
    // What memory takes on a host says nothing about the module's.
    let lines = host::take_log().into_iter();
    for line in lines.filter(|line| !line.starts_with(heap_line::HEAP)) {
        println!("{line}");
    }
    Ok(())
}
