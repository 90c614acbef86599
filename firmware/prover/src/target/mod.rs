//! The image: reads the job, does it, writes what came of it.

mod image;
mod revoke;
mod user;
