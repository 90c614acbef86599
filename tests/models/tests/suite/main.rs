//! Every state of the models, and each planted bug found.

mod asids;
mod lifecycle;
mod revocation;
