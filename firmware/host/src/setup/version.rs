//! Debian's order of versions.

use std::cmp::Ordering;

/// Compares two Debian versions as `dpkg --compare-versions` does: epoch, upstream, revision.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_epoch, left_rest) = epoch(left);
    let (right_epoch, right_rest) = epoch(right);
    let (left_upstream, left_revision) = left_rest.rsplit_once('-').unwrap_or((left_rest, ""));
    let (right_upstream, right_revision) = right_rest.rsplit_once('-').unwrap_or((right_rest, ""));
    left_epoch
        .cmp(&right_epoch)
        .then_with(|| compare_part(left_upstream, right_upstream))
        .then_with(|| compare_part(left_revision, right_revision))
}

/// The numbers that the upstream part begins with: 1, 98, 1 of `1.98.1+dfsg1-1`.
pub fn upstream_numbers(version: &str) -> Vec<u32> {
    let (_, rest) = epoch(version);
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    rest[..end]
        .split('.')
        .map_while(|number| number.parse().ok())
        .collect()
}

fn epoch(version: &str) -> (u64, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    }
}

/// Runs of other characters and runs of digits take turns; `~` comes before the end, letters
/// before everything else.
fn compare_part(mut left: &str, mut right: &str) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let (left_text, left_rest) = split(left, |c| !c.is_ascii_digit());
        let (right_text, right_rest) = split(right, |c| !c.is_ascii_digit());
        let order = left_text
            .bytes()
            .map(rank)
            .chain([0])
            .cmp(right_text.bytes().map(rank).chain([0]));
        if order.is_ne() {
            return order;
        }
        let (left_number, left_rest) = split(left_rest, |c| c.is_ascii_digit());
        let (right_number, right_rest) = split(right_rest, |c| c.is_ascii_digit());
        let left_number = left_number.trim_start_matches('0');
        let right_number = right_number.trim_start_matches('0');
        let order = left_number
            .len()
            .cmp(&right_number.len())
            .then_with(|| left_number.cmp(right_number));
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    Ordering::Equal
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

fn rank(byte: u8) -> i32 {
    match byte {
        b'~' => -1,
        _ if byte.is_ascii_alphabetic() => i32::from(byte),
        _ => i32::from(byte) + 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_versions_as_dpkg_does() {
        let ascending = [
            "1.0~rc1-1",
            "1.0-1",
            "1.0-1+b1",
            "1.0a-1",
            "1.0+dfsg-1~exp1",
            "1.0+dfsg-1",
            "1.2-1",
            "1.10-1",
            "1.10.1-1",
            "1:0.5-1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare("1.0-1", "1.0-1"), Ordering::Equal);
        assert_eq!(compare("1.01-1", "1.1-1"), Ordering::Equal);
    }

    #[test]
    fn upstream_numbers_stop_at_the_first_other_character() {
        assert_eq!(upstream_numbers("1.98.1+dfsg1-1~exp1"), [1, 98, 1]);
        assert_eq!(upstream_numbers("1:23.1.4-2"), [23, 1, 4]);
        assert_eq!(upstream_numbers("1:24~++20261025-1"), [24]);
    }
}
