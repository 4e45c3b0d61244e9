//! mirror

mod attributes;
mod convert;

pub use attributes::Attributes;
pub use convert::Conversion;
