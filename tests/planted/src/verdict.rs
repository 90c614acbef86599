//! What is said of a bug in the end.

use std::fmt;
use std::process::ExitCode;

/// What became of a test while a bug was planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It did not see the bug.
    Passed,
    /// It failed.
    Failed,
    /// It ended its whole process.
    Aborted,
    /// It did not end in time.
    Hung,
    /// It is there and was not run.
    Ignored,
    /// There is no such test.
    Missing,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fate::Passed => "passed",
            Fate::Failed => "failed",
            Fate::Aborted => "aborted",
            Fate::Hung => "hung",
            Fate::Ignored => "is ignored",
            Fate::Missing => "does not exist",
        })
    }
}

/// Whether the tests named for a bug see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of them failed, each in its way.
    Caught(Vec<(String, Fate)>),
    /// These of them passed.
    Escaped(Vec<String>),
    /// The entry is wrong; a sentence on why.
    Error(String),
}

impl Verdict {
    /// The verdict on a bug by the fates of its tests.
    pub fn of(fates: Vec<(String, Fate)>) -> Verdict {
        let not_run = |(_, fate): &&(String, Fate)| matches!(fate, Fate::Ignored | Fate::Missing);
        if let Some((test, fate)) = fates.iter().find(not_run) {
            return Verdict::Error(format!("the test {test} {fate}"));
        }
        let passed: Vec<String> = fates
            .iter()
            .filter(|(_, fate)| *fate == Fate::Passed)
            .map(|(test, _)| test.clone())
            .collect();
        if passed.is_empty() {
            Verdict::Caught(fates)
        } else {
            Verdict::Escaped(passed)
        }
    }

    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Caught(_) => "caught",
            Verdict::Escaped(_) => "escaped",
            Verdict::Error(_) => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Caught(fates) => {
                let told = fates.iter().map(|(test, fate)| match fate {
                    Fate::Aborted | Fate::Hung => format!("{test} ({fate})"),
                    _ => test.clone(),
                });
                let told: Vec<String> = told.collect();
                write!(f, "test {}", told.join(", "))
            }
            Verdict::Escaped(passed) => write!(f, "passed with it: test {}", passed.join(", ")),
            Verdict::Error(reason) => f.write_str(reason),
        }
    }
}

/// The verdicts by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    caught: usize,
    escaped: usize,
    errors: usize,
}

impl Count {
    /// Counts one more.
    pub fn add(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Caught(_) => &mut self.caught,
            Verdict::Escaped(_) => &mut self.escaped,
            Verdict::Error(_) => &mut self.errors,
        } += 1;
    }

    /// What the command ends with: 1 as soon as one bug has escaped, 2 where only entries are wrong.
    pub fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Count { escaped: 1.., .. } => 1,
            Count { errors: 1.., .. } => 2,
            _ => 0,
        })
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count {
            caught,
            escaped,
            errors,
        } = *self;
        let counted = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let bugs = counted(caught + escaped + errors, "bug");
        write!(f, "{bugs}, {caught} caught, {escaped} escaped")?;
        if errors > 0 {
            write!(f, ", {}", counted(errors, "error"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(fates: &[Fate]) -> Verdict {
        let name = |(number, fate): (usize, &Fate)| (format!("t{number}"), *fate);
        Verdict::of(fates.iter().enumerate().map(name).collect())
    }

    #[test]
    fn a_bug_is_caught_when_every_test_sees_it() {
        use Fate::{Aborted, Failed, Hung, Ignored, Missing, Passed};
        let caught = verdict(&[Failed, Hung, Aborted]);
        assert_eq!(caught.word(), "caught");
        assert_eq!(caught.to_string(), "test t0, t1 (hung), t2 (aborted)");
        let escaped = verdict(&[Passed, Failed, Passed]);
        assert_eq!(escaped, Verdict::Escaped(vec!["t0".into(), "t2".into()]));
        assert_eq!(escaped.to_string(), "passed with it: test t0, t2");
        let wrong = verdict(&[Failed, Missing]);
        assert_eq!(wrong, Verdict::Error("the test t1 does not exist".into()));
        let wrong = verdict(&[Passed, Ignored]);
        assert_eq!(wrong, Verdict::Error("the test t1 is ignored".into()));
    }

    #[test]
    fn the_summary_and_the_exit_code_agree() {
        let mut count = Count::default();
        count.add(&verdict(&[Fate::Failed]));
        assert_eq!(count.to_string(), "1 bug, 1 caught, 0 escaped");
        assert_eq!(count.exit_code(), ExitCode::SUCCESS);
        count.add(&verdict(&[Fate::Missing]));
        assert_eq!(count.to_string(), "2 bugs, 1 caught, 0 escaped, 1 error");
        assert_eq!(count.exit_code(), ExitCode::from(2));
        count.add(&verdict(&[Fate::Passed]));
        assert_eq!(count.to_string(), "3 bugs, 1 caught, 1 escaped, 1 error");
        assert_eq!(count.exit_code(), ExitCode::from(1));
    }
}
