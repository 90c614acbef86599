//! The image: measures everything, and writes it to a file.

mod image;
