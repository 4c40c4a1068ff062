//! The URLs of requirements: repositories and their revisions, digests, names of wheels, passwords.

use crate::factors::deps::model::Verdict;
use std::ops::Range;

/// What pip takes for a URL by its scheme.
const SCHEMES: [&str; 10] = ["http", "https", "file", "ftp", "ssh", "git", "hg", "bzr", "sftp", "svn"];
const VCS: [&str; 4] = ["git", "hg", "bzr", "svn"];
const TRANSPORTS: [&str; 10] =
    ["http", "https", "ssh", "sftp", "ftp", "lp", "file", "git", "static-http", "svn"];
const ARCHIVES: [&str; 11] =
    [".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar", ".tar.xz", ".txz", ".tlz", ".tar.lz"];
/// The digests that a fragment may name.
const DIGESTS: [&str; 6] = ["sha256", "sha512", "sha384", "sha224", "sha1", "md5"];

/// By its scheme alone.
pub fn is_url(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let scheme = scheme.to_ascii_lowercase();
    SCHEMES.contains(&scheme.as_str()) || is_vcs_scheme(&scheme)
}

fn is_vcs_scheme(scheme: &str) -> bool {
    scheme
        .split_once('+')
        .is_some_and(|(vcs, transport)| VCS.contains(&vcs) && TRANSPORTS.contains(&transport))
}

/// Of a version control system: `git+https:`; bare `git:` and `ssh:` are too.
pub fn is_vcs(url: &str) -> bool {
    let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
    is_vcs_scheme(&scheme) || ["ssh", "git", "hg", "bzr", "sftp", "svn"].contains(&scheme.as_str())
}

/// By its ending.
pub fn is_archive(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ARCHIVES.iter().chain(&[".tar.lzma"]).any(|ending| path.ends_with(ending))
}

/// A separator, or a dot at the start.
pub fn is_path(text: &str) -> bool {
    text.contains('/') || text.starts_with('.')
}

/// The part after `#`, cut at `&`, as key and value.
fn fragment<'a>(url: &'a str, key: &str) -> Option<&'a str> {
    let (_, fragment) = url.split_once('#')?;
    fragment.split('&').find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
}

/// `#egg=name`.
pub fn egg(url: &str) -> Option<&str> {
    fragment(url, "egg").filter(|egg| !egg.is_empty())
}

/// Name and version of a wheel, `None` when the last part of the path is no wheel.
pub fn wheel(url: &str) -> Option<Result<(&str, &str), &'static str>> {
    let path = url.split(['#', '?']).next().unwrap_or_default();
    let stem = path.rsplit('/').next()?.strip_suffix(".whl")?;
    let parts: Vec<&str> = stem.split('-').collect();
    let is_wheel = match parts.len() {
        5 => true,
        6 => parts[2].starts_with(|first: char| first.is_ascii_digit()),
        _ => false,
    };
    let is_named = is_wheel && parts.iter().all(|part| !part.is_empty());
    Some(if is_named { Ok((parts[0], parts[1])) } else { Err("the file name is not that of a wheel") })
}

/// How exact a URL is.
pub fn verdict(url: &str, hashes: usize) -> Verdict {
    let has_digest = DIGESTS.iter().any(|digest| {
        fragment(url, digest)
            .is_some_and(|value| value.len() >= 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    if is_vcs(url) {
        return commit_or_branch(revision(url), url.starts_with("svn") || url.starts_with("bzr"));
    }
    if has_digest || hashes > 0 {
        return Verdict::UrlDigest;
    }
    if url.to_ascii_lowercase().starts_with("file:") { Verdict::Local } else { Verdict::Url }
}

/// A full commit, or something that moves. Subversion's and Bazaar's revisions are numbers and never move.
pub fn commit_or_branch(revision: Option<&str>, is_numbered: bool) -> Verdict {
    let is_commit = |revision: &str| {
        let is_hex = revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex && [40, 64].contains(&revision.len())
            || is_numbered && !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_digit())
    };
    if revision.is_some_and(is_commit) { Verdict::VcsCommit } else { Verdict::VcsBranch }
}

/// What stands after the last `@` of the path.
fn revision(url: &str) -> Option<&str> {
    let url = url.split(['#', '?']).next().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    path.rsplit_once('@').map(|(_, revision)| revision)
}

/// Where a password, or a token in the user's place, stands in a URL. What the environment fills in is none.
fn password(text: &str) -> Option<Range<usize>> {
    /// A user's name is shorter than this, a token longer.
    const TOKEN: usize = 20;
    let start = text.find("://")? + 3;
    let end = text[start..].find(['/', '?', '#', ' ']).map_or(text.len(), |at| start + at);
    let at = start + text[start..end].rfind('@')?;
    let user = &text[start..at];
    let found = match user.split_once(':') {
        Some((name, password)) if !password.is_empty() => start + name.len() + 1..at,
        Some((name, _)) if name.len() >= TOKEN => start..start + name.len(),
        None if user.len() >= TOKEN => start..at,
        _ => return None,
    };
    let is_variable = text[found.clone()].contains("${") || text[found.clone()].starts_with('$');
    (!is_variable).then_some(found)
}

/// A text whose URLs have no passwords.
pub fn redact(text: &str) -> String {
    match password(text) {
        Some(found) => format!("{}…{}", &text[..found.start], &text[found.end..]),
        None => text.to_owned(),
    }
}
