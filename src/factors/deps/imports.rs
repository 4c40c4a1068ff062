//! stub for the build.
pub fn judge(_: &dyn super::Tree, _: &super::project::Project, _: &mut super::Report) {}
