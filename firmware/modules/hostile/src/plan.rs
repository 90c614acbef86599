//! Which attack each life makes, and in which entry point: a table in the module's file that a
//! host may fill before it gives the file to a kernel.
//!
//! Nothing passes between host and module while it runs, so that the attacks need no way of
//! communication that a kernel might not have.

use abi::EntryPoint;

/// The most lives that a plan has room for.
pub const PLAN_LIVES: usize = 2048;

/// One life: the attack's number in [`crate::ATTACKS`], and the entry point that strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The number.
    pub attack: usize,
    /// The entry point.
    pub entry: EntryPoint,
}

/// What the table begins with, so that it is found.
const MARK: [u32; 4] = [0x6c70_6842, 0x7065_6e61, 0x61e7_0b1d, 0x9d02_5ac3];
/// Bits of an attack's number; the entry point's stand above.
const ATTACK_BITS: u32 = 12;

#[repr(C)]
struct Table {
    mark: [u32; 4],
    /// How many lives are planned; none stands for all attacks in their order, in `process`.
    lives: u32,
    strikes: [u16; PLAN_LIVES],
}

static TABLE: Table = Table {
    mark: MARK,
    lives: 0,
    strikes: [0; PLAN_LIVES],
};

/// What the life of that number does; `None` behind the last.
#[must_use]
pub fn planned(life: usize) -> Option<Planned> {
    // Past the compiler, which sees an empty table.
    let table = core::hint::black_box(&TABLE);
    match table.lives as usize {
        0 => Some(Planned {
            attack: life,
            entry: EntryPoint::Process,
        }),
        lives if life < lives => unpacked(*table.strikes.get(life)?),
        _ => None,
    }
}

fn unpacked(word: u16) -> Option<Planned> {
    let number = u32::from(word) >> ATTACK_BITS;
    Some(Planned {
        attack: usize::from(word & ((1 << ATTACK_BITS) - 1)),
        entry: EntryPoint::ALL
            .into_iter()
            .find(|entry| *entry as u32 == number)?,
    })
}

const fn packed(planned: Planned) -> u16 {
    (planned.attack as u16) | (planned.entry as u16) << ATTACK_BITS
}

/// Writes a plan into the module's file.
///
/// # Errors
/// What is wrong, in words: the file has no table, or the plan no room.
pub fn write(file: &mut [u8], lives: &[Planned]) -> Result<(), &'static str> {
    if lives.is_empty() || lives.len() > PLAN_LIVES {
        return Err("a plan has one life at least and no more than its table has room for");
    }
    let mut mark = [0; 16];
    for (bytes, word) in mark.chunks_exact_mut(4).zip(MARK) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    let start = file.windows(mark.len()).position(|bytes| bytes == mark);
    let table = start
        .and_then(|start| file.get_mut(start + mark.len()..))
        .filter(|table| table.len() >= 4 + 2 * PLAN_LIVES)
        .ok_or("the module has no table of lives")?;
    table[..4].copy_from_slice(&(lives.len() as u32).to_le_bytes());
    for (bytes, life) in table[4..].chunks_exact_mut(2).zip(lives) {
        bytes.copy_from_slice(&packed(*life).to_le_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let mut file = [0u8; 5000];
        for (bytes, word) in file[100..116].chunks_exact_mut(4).zip(MARK) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let lives = [
            Planned {
                attack: crate::ATTACKS.len() - 1,
                entry: EntryPoint::Trigger,
            },
            Planned {
                attack: 0,
                entry: EntryPoint::Init,
            },
        ];
        write(&mut file, &lives).unwrap();
        let word = |at: usize| u16::from_le_bytes([file[at], file[at + 1]]);
        assert_eq!(word(116), 2);
        assert_eq!([120, 122].map(|at| unpacked(word(at))), lives.map(Some));
        assert!(crate::ATTACKS.len() < 1 << ATTACK_BITS);
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let one = Planned {
            attack: 0,
            entry: EntryPoint::Process,
        };
        assert!(write(&mut [0; 5000], &[one]).is_err());
        assert!(write(&mut [0; 5000], &[]).is_err());
        assert!(write(&mut [0; 5000], &[one; PLAN_LIVES + 1]).is_err());
    }

    #[test]
    fn without_a_plan_each_life_has_the_attack_of_its_number() {
        let third = planned(3).unwrap();
        assert_eq!((third.attack, third.entry), (3, EntryPoint::Process));
    }
}
