//! Several cores: which there are, how one asks the others to forget, who may change anything, and how
//! work goes from one to another.

mod desk;
mod lock;
mod mailbox;
mod set;
mod word;

pub use desk::Desk;
pub use lock::KernelLock;
pub use mailbox::{Mailbox, Unanswered};
pub use set::{CoreId, CoreSet};
pub use word::SharedWord;
