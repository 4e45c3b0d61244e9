//! goenv
