//! The mailbox, the lock and the desk that the kernel runs, under every interleaving and every order of
//! memory that the C11 model allows. A store that is not ordered as it must be shows as a race on
//! a [`frame::Frame`], or as a wrong value.

mod askers;
mod desk;
mod frame;
mod lock;
mod mailbox;
mod word;
