//! The MMU's types at their edges, and the model against what it models.

mod addresses;
mod asids;
mod entries;
mod model;
