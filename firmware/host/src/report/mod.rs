//! What the kernel reported: reading it, judging it, showing it.

pub mod ending;
pub mod figures;
pub mod known;
pub mod log;
pub mod record;
pub mod sections;
pub mod story;
pub mod table;
pub mod verdict;

use std::io::{self, Write};

use clap::Args;

/// What is shown besides the report.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Shown {
    /// List every attack, or every request to a pipeline.
    ///
    /// Otherwise only those are listed that did not end as expected.
    #[arg(long)]
    pub verbose: bool,
    /// Show the kernel's log.
    #[arg(long)]
    pub log: bool,
}

/// Writes to standard output. A reader that has gone has seen enough.
pub fn show(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Text for the user, and what in it is not as it must be.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is shown.
    pub text: String,
    /// One sentence for each thing that differs.
    pub findings: Vec<String>,
}

impl Report {
    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds a heading with what stands below it.
    pub fn section(&mut self, heading: &str, body: &dyn std::fmt::Display) {
        self.text.push_str(&format!("\n{heading}\n{body}"));
    }

    /// Adds a check with its result: the sentence if all is well, what differs if not.
    pub fn check(&mut self, what: &str, well: &str, problems: Vec<String>) {
        if problems.is_empty() {
            self.line(&format!("{what:<12}{well}"));
        }
        for problem in problems {
            self.line(&format!("{what:<12}DIFFERS: {problem}"));
            self.findings.push(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_shown_and_counted() {
        let mut report = Report::default();
        report.check("Kernel", "unharmed", Vec::new());
        report.check("Output", "the same", vec![String::from("frame 3 differs")]);
        assert_eq!(
            report.text,
            "Kernel      unharmed\nOutput      DIFFERS: frame 3 differs\n"
        );
        assert_eq!(report.findings, ["frame 3 differs"]);
    }
}
