//! modzip
