//! stub for the build.
/// D
pub struct Database<'a>(&'a ());
pub fn judge(_: &super::project::Project, _: Option<&Database<'_>>, _: &mut super::Report) {}
