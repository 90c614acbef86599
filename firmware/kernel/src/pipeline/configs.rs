//! Configurations, by way of the module's message page.

use abi::{MESSAGE_BODY_BYTES, Message};
use zerocopy::{FromZeros, IntoBytes};

use super::Pipelines;
use super::actor::Step;
use crate::estate::Purpose;
use crate::report::Answer;
use crate::session::Host;

impl<H: Host> Pipelines<'_, '_, H> {
    /// Copies the next part of a configuration into the module's message page.
    pub(super) fn put_fragment(&mut self, place: usize, step: &Step) {
        let [at, end, total] = step.arguments;
        let bytes = (end - at).min(MESSAGE_BODY_BYTES);
        let message = Message {
            id: step.id,
            offset: total - (end - at),
            total,
            bytes,
        };
        self.put_message(place, 0, message.as_bytes());
        let Some(blobs) = self.blobs else { return };
        let mut chunk = [0; 256];
        let mut done = 0;
        while done < bytes {
            let part = &mut chunk[..(bytes - done).min(256) as usize];
            self.keeper.host.read_at(blobs, at + done, part);
            let offset = size_of::<Message>() as u32 + done;
            let count = part.len() as u32;
            (self.keeper.host).system(|system| {
                system.fill(place, Purpose::Message, offset, &chunk[..count as usize]);
            });
            done += count;
        }
    }

    pub(super) fn put_message(&mut self, place: usize, offset: u32, bytes: &[u8]) {
        (self.keeper.host).system(|system| system.fill(place, Purpose::Message, offset, bytes));
    }

    /// Reports what a module wrote behind its message; each byte is fetched once.
    pub(super) fn answer(&mut self, place: usize) {
        let mut head = Message::default();
        (self.keeper.host)
            .system(|system| system.fetch(place, Purpose::Message, 0, head.as_mut_bytes()));
        let total = head.bytes.min(MESSAGE_BODY_BYTES);
        let mut offset = 0;
        loop {
            let mut record = Answer::new_zeroed();
            record.place = place as u32;
            record.request = self.begun;
            record.total = total;
            record.offset = offset;
            let bytes = (total - offset).min(record.bytes.len() as u32);
            let into = &mut record.bytes[..bytes as usize];
            let at = size_of::<Message>() as u32 + offset;
            (self.keeper.host).system(|system| system.fetch(place, Purpose::Message, at, into));
            self.keeper.reporter.put(self.keeper.host, &record);
            offset += bytes;
            if offset >= total {
                return;
            }
        }
    }
}
