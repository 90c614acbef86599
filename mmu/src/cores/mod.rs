//! Several cores: which there are, how one asks the others to forget, and who may change anything.

mod lock;
mod mailbox;
mod set;
mod word;

pub use lock::KernelLock;
pub use mailbox::{Mailbox, Unanswered};
pub use set::{CoreId, CoreSet};
pub use word::SharedWord;
