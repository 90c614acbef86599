//! Cases by hand and random steps.

mod cases;
mod random;

use std::collections::BTreeMap;
use std::vec::Vec;

use super::*;

const PAGE: u32 = 4096;
const CONSTANTS: u32 = 0x9000_0000;

/// Memory that checks every step the table takes.
#[derive(Default)]
struct Memory {
    /// Fails at the hook of this number, counted from the next on.
    fail_in: Option<u32>,
    next: u32,
    taken: BTreeMap<u32, (Option<Owner>, u32)>,
    grants: Vec<(Owner, u32, u32)>,
    copied: BTreeMap<u32, (u32, u32)>,
    zeroed: Vec<(u32, u32)>,
    calls: Vec<&'static str>,
}

impl Memory {
    fn step(&mut self, call: &'static str) -> Result<(), &'static str> {
        self.calls.push(call);
        match &mut self.fail_in {
            Some(0) => Err(call),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl CopyMemory for Memory {
    type Error = &'static str;

    fn check_source(
        &mut self,
        _owner: Owner,
        source: u32,
        _bytes: u32,
    ) -> Result<(), &'static str> {
        self.step("check")?;
        if source < CONSTANTS {
            Err("not a constant")
        } else {
            Ok(())
        }
    }

    fn take(&mut self, owner: Option<Owner>, bytes: u32, align: u32) -> Result<u32, &'static str> {
        self.step("take")?;
        let offset = self.next.next_multiple_of(align);
        self.next = offset + bytes;
        self.taken.insert(offset, (owner, bytes));
        Ok(offset)
    }

    fn give(&mut self, owner: Option<Owner>, offset: u32, bytes: u32) {
        assert!(
            self.grants.iter().all(|grant| grant.1 != offset),
            "given back while granted"
        );
        assert_eq!(self.taken.remove(&offset), Some((owner, bytes)));
        self.calls.push("give");
    }

    fn copy(&mut self, source: u32, bytes: u32, offset: u32) {
        assert!(source >= CONSTANTS, "copied unchecked");
        assert!(self.taken[&offset].1 >= bytes);
        self.copied.insert(offset, (source, bytes));
        self.calls.push("copy");
    }

    fn zero(&mut self, offset: u32, bytes: u32) {
        self.zeroed.push((offset, bytes));
        self.calls.push("zero");
    }

    fn grant(&mut self, owner: Owner, offset: u32, bytes: u32) -> Result<(), &'static str> {
        self.step("grant")?;
        assert_eq!(
            (offset % PAGE, bytes % PAGE),
            (0, 0),
            "a grant of parts of pages"
        );
        let tail = offset + self.copied[&offset].1;
        let clear = self.zeroed.contains(&(tail, offset + bytes - tail));
        assert!(
            clear || tail == offset + bytes,
            "granted with the bytes of others"
        );
        assert!(
            !self.grants.contains(&(owner, offset, bytes)),
            "granted twice"
        );
        self.grants.push((owner, offset, bytes));
        Ok(())
    }

    fn revoke(&mut self, owner: Owner, offset: u32, bytes: u32) {
        let at = self
            .grants
            .iter()
            .position(|grant| *grant == (owner, offset, bytes));
        self.grants
            .swap_remove(at.expect("revoked what was not granted"));
        self.calls.push("revoke");
    }
}

type Table = Constants<16, 24>;
const A: Owner = Owner(1);
const B: Owner = Owner(2);

fn table() -> (Table, Memory) {
    (
        Table::new(Policy::isolated(PAGE, 64)).unwrap(),
        Memory::default(),
    )
}
