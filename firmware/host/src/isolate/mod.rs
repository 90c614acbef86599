//! Tests of isolation on the target.

mod corpus;
