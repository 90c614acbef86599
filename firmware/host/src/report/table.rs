//! Plain tables: columns as wide as they must be, numbers to the right.

use std::fmt;

/// Where a cell stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table with a title over each column.
#[derive(Clone, Debug)]
pub struct Table {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty one.
    pub fn new<const N: usize>(columns: [(&str, Side); N]) -> Table {
        Table {
            sides: columns.iter().map(|(_, side)| *side).collect(),
            rows: vec![columns.map(|(title, _)| title.to_owned()).to_vec()],
        }
    }

    /// Adds a row; cells beyond the last column are not shown.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// Whether there is nothing below the titles.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, side), width) in row.iter().zip(&self.sides).zip(&widths) {
                let cell = match side {
                    Side::Left => format!("  {cell:<width$}"),
                    Side::Right => format!("  {cell:>width$}"),
                };
                line.push_str(&cell);
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A number with its thousands set apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something: its plural has an `s` unless it is one.
pub fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number as u64))
}

/// A module's own words, such that they cannot be taken for ours and do nothing to a terminal:
/// control characters, and those that turn the direction of text, are written as escapes.
pub fn printable(words: &str) -> String {
    let turns = |letter| matches!(letter, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    words
        .chars()
        .map(|letter| {
            if letter.is_control() || turns(letter) {
                letter.escape_default().to_string()
            } else {
                letter.to_string()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_only_words() {
        assert_eq!(printable("héllo 1"), "héllo 1");
        assert_eq!(printable("a\u{1b}[2J\nOutput"), "a\\u{1b}[2J\\nOutput");
        assert_eq!(printable("\u{202e}x"), "\\u{202e}x");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new([("what", Side::Left), ("n", Side::Right)]);
        assert!(table.is_empty());
        table.row([String::from("a longer one"), String::from("1")]);
        table.row([String::from("b"), String::from("1,000")]);
        assert_eq!(
            table.to_string(),
            "  what              n\n  a longer one      1\n  b             1,000\n"
        );
    }

    #[test]
    fn thousands_are_set_apart() {
        let numbers = [0, 12, 123, 1_234, 123_456, 1_234_567];
        let texts = numbers.map(grouped);
        assert_eq!(
            texts,
            ["0", "12", "123", "1,234", "123,456", "1,234,567"].map(String::from)
        );
        assert_eq!(count(1, "attack"), "1 attack");
        assert_eq!(count(2, "attack"), "2 attacks");
    }
}
