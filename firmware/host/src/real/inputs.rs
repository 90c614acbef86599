//! What real modules play.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use super::recipe::Plays;
use crate::error::Failure;
use crate::files;
use crate::run::input::Input;

/// How long sound takes from the loudspeaker to the microphone, by two ways, in milliseconds, and
/// how much of it arrives there.
const ECHOES: [(u32, i32); 2] = [(12, 40), (31, 15)];

/// Every input that a module may ask for.
#[derive(Clone, Debug)]
pub struct Inputs {
    speech: Input,
    echo: Input,
    /// What modules gave on this host.
    outputs: BTreeMap<String, Input>,
    folder: PathBuf,
}

impl Inputs {
    /// Makes the inputs in `folder` from speech; no more than the first so many milliseconds.
    pub fn make(speech: &Path, folder: &Path, most: Option<u32>) -> Result<Inputs, Failure> {
        files::create_folder(folder)?;
        let bad = |error: hound::Error| Failure::BadWav {
            path: speech.to_owned(),
            reason: error.to_string(),
        };
        let mut reader = WavReader::open(speech).map_err(bad)?;
        let spec = reader.spec();
        if (spec.channels, spec.bits_per_sample, spec.sample_format) != (1, 16, SampleFormat::Int) {
            return Err(Failure::BadWav {
                path: speech.to_owned(),
                reason: String::from("it is not speech on one channel of 16 bits"),
            });
        }
        let most = most.map_or(usize::MAX, |most| frames(spec.sample_rate, most));
        let samples: Result<Vec<i16>, _> = reader.samples::<i16>().take(most).collect();
        let samples = samples.map_err(bad)?;
        let microphone = heard(&samples, spec.sample_rate);
        let both: Vec<i16> = microphone
            .into_iter()
            .zip(&samples)
            .flat_map(|(heard, played)| [heard, *played])
            .collect();
        Ok(Inputs {
            speech: write(folder.join("speech.wav"), 1, spec.sample_rate, &samples)?,
            echo: write(folder.join("echo.wav"), 2, spec.sample_rate, &both)?,
            outputs: BTreeMap::new(),
            folder: folder.to_owned(),
        })
    }

    /// Notes what a module gave, a whole WAV file.
    pub fn add_output(&mut self, module: &str, wav: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(format!("of-{module}.wav"));
        files::write(&path, wav)?;
        self.outputs.insert(module.to_owned(), Input::read(&path)?);
        Ok(())
    }

    /// The one that is asked for; none, where it is the output of a module that has not played.
    pub fn get(&self, plays: &Plays) -> Option<&Input> {
        match plays {
            Plays::Speech => Some(&self.speech),
            Plays::Echo => Some(&self.echo),
            Plays::OutputOf(module) => self.outputs.get(module),
        }
    }
}

fn frames(rate: u32, milliseconds: u32) -> usize {
    (u64::from(rate) * u64::from(milliseconds) / 1000) as usize
}

/// What a microphone hears of what a loudspeaker plays.
fn heard(played: &[i16], rate: u32) -> Vec<i16> {
    let echo = |at: usize, (delay, percent): (u32, i32)| {
        let from = at.checked_sub(frames(rate, delay));
        from.map_or(0, |from| i32::from(played[from]) * percent / 100)
    };
    (0..played.len())
        .map(|at| ECHOES.iter().map(|way| echo(at, *way)).sum::<i32>() as i16)
        .collect()
}

fn write(
    path: PathBuf,
    channels: u16,
    sample_rate: u32,
    samples: &[i16],
) -> Result<Input, Failure> {
    let spec = WavSpec {
        channels,
        sample_rate,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let written = WavWriter::new(&mut bytes, spec).and_then(|mut writer| {
        for sample in samples {
            writer.write_sample(*sample)?;
        }
        writer.finalize()
    });
    written.map_err(|error| Failure::BadWav {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    files::write(&path, &bytes.into_inner())?;
    Input::read(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_come_later_and_softer() {
        let mut played = vec![0; 2_000];
        played[0] = 10_000;
        let heard = heard(&played, 48_000);
        let loud: Vec<(usize, i16)> = (heard.iter().copied().enumerate())
            .filter(|(_, sample)| *sample != 0)
            .collect();
        assert_eq!(loud, [(576, 4_000), (1_488, 1_500)]);
    }

    #[test]
    fn inputs_are_cut_and_paired() {
        let folder = tempfile::tempdir().unwrap();
        let samples: Vec<i16> = (0..480).collect();
        let given = write(folder.path().join("given.wav"), 1, 48_000, &samples).unwrap();
        let mut inputs = Inputs::make(&given.path, folder.path(), Some(5)).unwrap();
        let speech = inputs.get(&Plays::Speech).unwrap();
        assert_eq!(speech.frames(), 240);
        let echo = inputs.get(&Plays::Echo).unwrap();
        assert_eq!(echo.frames(), 240);
        assert_eq!(echo.wav.format.channels, 2);
        let (heard, stereo) = (echo.bytes.clone(), echo.path.clone());
        let of_it = Plays::OutputOf(String::from("it"));
        assert!(inputs.get(&of_it).is_none());
        inputs.add_output("it", &heard).unwrap();
        assert_eq!(inputs.get(&of_it).unwrap().bytes, heard);
        assert!(Inputs::make(&stereo, folder.path(), None).is_err());
    }
}
