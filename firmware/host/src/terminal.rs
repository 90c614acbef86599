//! What the command says while it works: one line per step, and a bar for what takes long.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Says one thing that is done or begins: `verb` is set off to the left.
pub fn say(verb: &str, what: &str) {
    tell(&format!("{verb:>12} {what}\n"));
}

/// Writes to standard error. Where nobody reads it any more, nothing is lost by that, least of all the
/// way to a clean end.
pub fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A bar over `total` bytes; on anything but a terminal the step is said once instead.
pub fn bytes(verb: &'static str, what: &str, total: u64) -> ProgressBar {
    bar(
        verb,
        what,
        total,
        "{prefix:>12} {msg} [{bar:30}] {binary_bytes}/{binary_total_bytes} {eta}",
    )
}

/// A bar over `total` steps.
pub fn steps(verb: &'static str, what: &str, total: u64) -> ProgressBar {
    bar(
        verb,
        what,
        total,
        "{prefix:>12} {msg} [{bar:30}] {pos}/{len}",
    )
}

/// A sign of life for a step of unknown length.
pub fn spinner(verb: &'static str, what: &str) -> ProgressBar {
    let spinner = bar(verb, what, 0, "{prefix:>12} {msg} {spinner} {elapsed}");
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// The same for a step that often has nothing to do: silent on anything but a terminal.
pub fn working(verb: &'static str, what: &str) -> ProgressBar {
    if std::io::stderr().is_terminal() {
        spinner(verb, what)
    } else {
        ProgressBar::hidden()
    }
}

fn bar(verb: &'static str, what: &str, total: u64, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        say(verb, what);
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    ProgressBar::new(total)
        .with_style(style)
        .with_prefix(verb)
        .with_message(what.to_owned())
}
