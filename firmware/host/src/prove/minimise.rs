//! Making a failing sequence small.

/// The most trials; each may run a machine.
const TRIALS: usize = 400;

/// A part of `steps` that still fails, from which no piece that was tried can be left out.
/// Halves, quarters and so on down to single steps are left out in turn.
pub fn minimise<S: Clone, E>(
    steps: &[S],
    mut fails: impl FnMut(&[S]) -> Result<bool, E>,
) -> Result<Vec<S>, E> {
    let mut kept = steps.to_vec();
    let mut piece = kept.len().div_ceil(2);
    let mut trials = 0;
    while piece > 0 {
        let mut start = 0;
        let mut shrunk = false;
        while start < kept.len() && trials < TRIALS {
            let end = (start + piece).min(kept.len());
            let without: Vec<S> = kept[..start].iter().chain(&kept[end..]).cloned().collect();
            trials += 1;
            if fails(&without)? {
                kept = without;
                shrunk = true;
            } else {
                start = end;
            }
        }
        // Single steps are tried again until none can go.
        if piece > 1 || !shrunk {
            piece /= 2;
        }
        if trials >= TRIALS {
            break;
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smallest(steps: &[u32], fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
        let Ok(kept) = minimise::<_, std::convert::Infallible>(steps, |part| Ok(fails(part)));
        kept
    }

    #[test]
    fn what_is_needed_stays_and_nothing_else() {
        let steps: Vec<u32> = (0..1_000).collect();
        let needs = |part: &[u32]| part.contains(&17) && part.contains(&400) && part.contains(&999);
        assert_eq!(smallest(&steps, needs), [17, 400, 999]);
        assert_eq!(smallest(&steps, |part| part.contains(&3)), [3]);
    }

    #[test]
    fn order_is_kept() {
        let before = |part: &[u32]| {
            let place = |step| part.iter().position(|other| *other == step);
            matches!((place(5), place(2)), (Some(five), Some(two)) if five < two)
        };
        assert_eq!(smallest(&[5, 9, 2, 8], before), [5, 2]);
    }
}
