//! Paths of the tree: relative, with `/`, without dots; and what a folder's name says of what lies in it.

use crate::factors::role;

/// The folder of a path; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What stands after the last dot of a path.
pub fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// A path from a folder; `None` when it leaves the tree.
pub fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(":\\") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A folder and all above it, the nearest first; the root, which is empty, comes last.
pub fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(folder);
    std::iter::from_fn(move || {
        let here = next?;
        next = (!here.is_empty()).then(|| self::folder(here));
        Some(here)
    })
}

/// Whether a path is in a folder, however deep; everything is in the root.
pub fn is_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a path is among tests or examples: nobody installs an app from there.
pub fn is_aside(path: &str) -> bool {
    const EXAMPLES: [&str; 6] = ["example", "examples", "sample", "samples", "demo", "demos"];
    role::is_test(path) || folder(path).split('/').any(|part| EXAMPLES.contains(&part))
}

/// Whether a folder on the way is one out of which a server hands files to browsers: what lies there was copied as it
/// came, unless a manifest of its own stands there. The folders of others are among them.
pub fn is_handed_out(path: &str) -> bool {
    const FOLDERS: [&str; 5] = ["static", "public", "assets", "built", "webroot"];
    is_in_any(path, &FOLDERS) || is_of_others(path)
}

/// Whether a folder on the way holds what others wrote, by its name: the code of `WordPress`, and the sources that Debian
/// keeps beside what is shipped without them (policy, "debian/missing-sources").
pub fn is_of_others(path: &str) -> bool {
    is_in_any(path, &["wp-includes", "missing-sources"])
}

fn is_in_any(path: &str, folders: &[&str]) -> bool {
    folder(path).split('/').any(|part| folders.contains(&part))
}
