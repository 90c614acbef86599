//! One cache of one core.

use core::ops::Range;
use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use super::memory::Ram;
use crate::PhysAddr;

#[derive(Clone, Debug, Hash)]
struct Line {
    bytes: Vec<u8>,
    dirty: bool,
}

/// Lines by physical address, as many as are touched: one leaves only when it is dropped or
/// evicted. Nothing keeps it coherent with memory or with another cache.
#[derive(Clone, Debug, Hash)]
pub(super) struct Cache {
    line_bytes: u32,
    lines: BTreeMap<u32, Line>,
}

/// What a drop did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dropped {
    pub(super) lines: u64,
    pub(super) written_back: u64,
}

impl Cache {
    pub(super) fn new(line_bytes: u32) -> Cache {
        Cache {
            line_bytes,
            lines: BTreeMap::new(),
        }
    }

    fn line_of(&self, at: PhysAddr) -> u32 {
        at.0 & !(self.line_bytes - 1)
    }

    /// Splits bytes from `at` on at line boundaries: each piece's line, its place in the line, and
    /// its place among the bytes.
    fn pieces(
        &self,
        at: PhysAddr,
        bytes: usize,
    ) -> impl Iterator<Item = (u32, Range<usize>, Range<usize>)> + use<> {
        let line_bytes = self.line_bytes;
        let mut done = 0;
        core::iter::from_fn(move || {
            (done < bytes).then(|| {
                let place = at.0 + done as u32;
                let offset = (place & (line_bytes - 1)) as usize;
                let count = (line_bytes as usize - offset).min(bytes - done);
                let among = done..done + count;
                done += count;
                (place - offset as u32, offset..offset + count, among)
            })
        })
    }

    /// The line, fetched from memory if it is not held.
    fn hold(&mut self, ram: &Ram, line: u32) -> &mut Line {
        let bytes = self.line_bytes as usize;
        self.lines.entry(line).or_insert_with(|| {
            let mut held = vec![0; bytes];
            ram.read(PhysAddr(line), &mut held);
            Line {
                bytes: held,
                dirty: false,
            }
        })
    }

    /// Copies bytes out; lines that are not held are fetched.
    pub(super) fn load(&mut self, ram: &Ram, at: PhysAddr, into: &mut [u8]) {
        for (line, inside, among) in self.pieces(at, into.len()) {
            into[among].copy_from_slice(&self.hold(ram, line).bytes[inside]);
        }
    }

    /// Copies bytes in and leaves them in the lines: write-back, write-allocate.
    pub(super) fn store_back(&mut self, ram: &Ram, at: PhysAddr, from: &[u8]) {
        for (line, inside, among) in self.pieces(at, from.len()) {
            let line = self.hold(ram, line);
            line.bytes[inside].copy_from_slice(&from[among]);
            line.dirty = true;
        }
    }

    /// Copies bytes to memory, and into the lines that are held: write-through, no allocation.
    pub(super) fn store_through(&mut self, ram: &mut Ram, at: PhysAddr, from: &[u8]) {
        ram.write(at, from);
        for (line, inside, among) in self.pieces(at, from.len()) {
            if let Some(line) = self.lines.get_mut(&line) {
                line.bytes[inside].copy_from_slice(&from[among]);
            }
        }
    }

    /// Writes the lines of `bytes` bytes from `at` on back where they are dirty, and drops them.
    pub(super) fn drop_range(&mut self, ram: &mut Ram, at: PhysAddr, bytes: u32) -> Dropped {
        if bytes == 0 {
            return Dropped::default();
        }
        let last = self.line_of(PhysAddr(at.0 + bytes - 1));
        let lines: Vec<u32> = self
            .lines
            .range(self.line_of(at)..=last)
            .map(|(line, _)| *line)
            .collect();
        let mut dropped = Dropped::default();
        for line in lines {
            if let Some(held) = self.lines.remove(&line) {
                dropped.lines += 1;
                if held.dirty {
                    // The whole line, clean bytes too: that is how a late one does its damage.
                    ram.write(PhysAddr(line), &held.bytes);
                    dropped.written_back += 1;
                }
            }
        }
        dropped
    }

    /// The same for all of them.
    pub(super) fn drop_all(&mut self, ram: &mut Ram) -> Dropped {
        self.drop_range(ram, PhysAddr(0), u32::MAX)
    }

    /// Each line held, and whether it is dirty.
    pub(super) fn lines(&self) -> impl Iterator<Item = (PhysAddr, bool)> {
        self.lines
            .iter()
            .map(|(line, held)| (PhysAddr(*line), held.dirty))
    }
}
