//! Random sequences of steps in which much happens: few pages, few frames, few names.

use fastrand::Rng;
use mmu::{Alias, PAGE_BYTES, Rights, SLOT_BYTES, SLOT_PAGES, VirtAddr};
use prover::{BOARD, Deed, LANDING_BYTES, LANDING_STEP, RAW_TABLES, Step};

/// Pages of a slot at which things happen: all four TLB indexes, twice, and both ends.
const PAGES: [u32; 10] = [0, 1, 2, 3, 4, 5, 6, 7, SLOT_PAGES - 2, SLOT_PAGES - 1];
const SLOTS: [u32; 4] = [0, 0, 1, 127];

/// Names of domains that are used.
const NAMES: u32 = 4;

/// Steps with `accesses` accesses among them.
pub fn sequence(rng: &mut Rng, accesses: usize) -> Vec<Step> {
    let mut steps = vec![Step::Create { name: 0, slot: 0 }, Step::Enter { name: 0 }];
    let mut slots = Slots {
        of: [0; NAMES as usize],
        now: 0,
    };
    let mut done = 0;
    while done < accesses {
        if rng.u32(..100) < 65 {
            steps.push(access(rng, slots.now));
            done += 1;
        } else {
            change(rng, &mut slots, &mut steps);
        }
    }
    steps
}

/// Where things are, as far as the steps went well: most accesses should hit something.
struct Slots {
    /// Each name's.
    of: [u32; NAMES as usize],
    /// Of what runs.
    now: u32,
}

fn change(rng: &mut Rng, slots: &mut Slots, steps: &mut Vec<Step>) {
    let name = rng.u32(..NAMES);
    match rng.u32(..100) {
        0..3 => {
            slots.of[name as usize] = slot(rng);
            steps.push(Step::Destroy { name });
            steps.push(Step::Create {
                name,
                slot: slots.of[name as usize],
            });
        }
        3..5 => steps.push(Step::Create {
            name,
            slot: slots.of[name as usize],
        }),
        5..30 => steps.push(Step::Add {
            name,
            pages: page(rng) | rng.u32(1..5) << 10,
            terms: u32::from(rights(rng).bits()) | tenure(rng) << 8,
            frame: rng.u32(..17),
            stride: rng.u32(..3),
        }),
        30..45 => steps.push(Step::Remove {
            name,
            page: page(rng),
        }),
        45..50 => steps.push(Step::Share {
            from: name,
            page: page(rng),
            to: rng.u32(..NAMES),
            at: page(rng),
            rights: u32::from(rights(rng).bits()),
        }),
        50..75 => {
            slots.now = slots.of[name as usize];
            steps.push(Step::Enter { name });
        }
        75..85 => {
            let table = rng.u32(..RAW_TABLES);
            for _ in 0..rng.u32(1..4) {
                steps.push(Step::SetEntry {
                    table,
                    index: page(rng),
                    pte: rng.u32(..),
                });
            }
        }
        85..93 => {
            slots.now = slot(rng);
            steps.push(Step::EnterRaw {
                asid: rng.u32(..3),
                slot: slots.now,
                table: rng.u32(..RAW_TABLES),
            });
        }
        93..96 => steps.push(Step::Forget {
            stale: rng.u32(..16),
        }),
        96..98 => steps.push(Step::DropWay {
            address: page(rng) * PAGE_BYTES,
            way: rng.u32(..4),
        }),
        _ => steps.push(Step::Wire {
            address: if rng.bool() {
                in_window(rng, slots.now).0
            } else {
                in_tables(rng, slots.now)
            },
            pte: rng.u32(..),
        }),
    }
}

fn access(rng: &mut Rng, now: u32) -> Step {
    let deed = Deed::ALL[rng.usize(..Deed::ALL.len())];
    let start = match rng.u32(..100) {
        0..90 => in_window(rng, now).0,
        90..94 => in_tables(rng, now),
        94..97 => of_the_kernel(rng),
        _ => anywhere(rng),
    };
    let offset = match deed {
        // Code stands in one half of a frame at known places; stores go to the other.
        Deed::Execute => rng.u32(..LANDING_BYTES / LANDING_STEP) * LANDING_STEP,
        _ if deed.stores() => LANDING_BYTES + aligned(rng, deed),
        _ => aligned(rng, deed) + if rng.bool() { LANDING_BYTES } else { 0 },
    };
    Step::Access {
        deed,
        address: start | offset,
        value: rng.u32(..),
    }
}

/// Bytes into half a page, seldom unaligned, often at its edges.
fn aligned(rng: &mut Rng, deed: Deed) -> u32 {
    let half = PAGE_BYTES - LANDING_BYTES;
    let any = match rng.u32(..4) {
        0 => 0,
        1 => half - deed.bytes(),
        _ => rng.u32(..half),
    };
    if rng.u32(..12) == 0 {
        any
    } else {
        any & !(deed.bytes() - 1)
    }
}

fn in_window(rng: &mut Rng, now: u32) -> VirtAddr {
    let slot = if rng.u32(..20) == 0 { slot(rng) } else { now };
    let offset = slot * SLOT_BYTES + page(rng) * PAGE_BYTES;
    let alias = if rng.bool() {
        Alias::Cached
    } else {
        Alias::Uncached
    };
    BOARD.address_of(offset, alias)
}

/// Where the MMU sees the tables of such a page.
fn in_tables(rng: &mut Rng, now: u32) -> u32 {
    (BOARD.table_window.0 | in_window(rng, now).0 >> 10) & !(PAGE_BYTES - 1)
}

/// The kernel's text, data, and direct maps.
fn of_the_kernel(rng: &mut Rng) -> u32 {
    let starts = [
        0x0010_0000,
        0x0020_0000,
        0xd000_0000,
        0xd800_0000,
        0xd050_0000,
    ];
    starts[rng.usize(..starts.len())] + rng.u32(..4) * PAGE_BYTES
}

/// Any page but those that the user code of a deed lies in.
fn anywhere(rng: &mut Rng) -> u32 {
    let code = 0x00f0_0000..0x0100_0000;
    let page = rng.u32(..) & !(PAGE_BYTES - 1);
    if code.contains(&page) { 0 } else { page }
}

fn page(rng: &mut Rng) -> u32 {
    PAGES[rng.usize(..PAGES.len())]
}

fn slot(rng: &mut Rng) -> u32 {
    SLOTS[rng.usize(..SLOTS.len())]
}

/// Its own, constant, or a buffer.
fn tenure(rng: &mut Rng) -> u32 {
    [0, 1, 1, 2, 2][rng.usize(..5)]
}

fn rights(rng: &mut Rng) -> Rights {
    match rng.u32(..8) {
        0..3 => Rights::DATA,
        3 | 4 => Rights::READ,
        5 | 6 => Rights::TEXT,
        _ => Rights::from_bits_truncate(rng.u8(..8)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence() {
        let of = |seed| sequence(&mut Rng::with_seed(seed), 500);
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        let accesses = of(7)
            .iter()
            .filter(|step| matches!(step, Step::Access { .. }))
            .count();
        assert_eq!(accesses, 500);
    }

    #[test]
    fn user_code_is_entered_at_its_beginnings_only() {
        for step in sequence(&mut Rng::with_seed(3), 20_000) {
            if let Step::Access { deed, address, .. } = step {
                let offset = address % PAGE_BYTES;
                match deed {
                    Deed::Execute => assert!(offset < LANDING_BYTES && offset.is_multiple_of(16)),
                    _ if deed.stores() => assert!(offset >= LANDING_BYTES),
                    _ => {}
                }
                assert!(
                    offset + deed.bytes() <= PAGE_BYTES || !offset.is_multiple_of(deed.bytes())
                );
            }
        }
    }
}
