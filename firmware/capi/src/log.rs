//! Sentences for the embedder's log, made without allocating.

use core::ffi::CStr;
use core::fmt::{self, Write};

/// The most bytes of a sentence, the zero byte at its end included.
const BYTES: usize = 192;

/// A sentence. One that is too long is cut.
pub struct Text {
    bytes: [u8; BYTES],
    length: usize,
}

impl Text {
    /// What is said by whom.
    pub fn of(who: &str, what: impl fmt::Display) -> Text {
        let mut text = Text {
            bytes: [0; BYTES],
            length: 0,
        };
        // A sentence that is cut says most of what there is to say.
        let _ = write!(text, "{who}: {what}");
        text
    }

    /// For C.
    pub fn as_c(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

impl Write for Text {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = BYTES - 1 - self.length;
        let (fits, result) = match more.as_bytes().get(..room) {
            Some(part) if more.len() > room => (part, Err(fmt::Error)),
            _ => (more.as_bytes(), Ok(())),
        };
        let end = self.length + fits.len();
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(fits);
            self.length = end;
        }
        result
    }
}
