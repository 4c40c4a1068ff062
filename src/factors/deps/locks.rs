//! Manifests held against their locks: is there one, does it hold what is asked for, are its packages checked.

use super::lock::Names;
use super::manifest;
use super::model::{Declared, Dialect, Ecosystem, Locked, Manifest, Scope, Verdict};
use super::paths;
use super::project::{LockFile, Project};
use super::reach;
use super::requirements::{Entry, Followed};
use super::rules;
use super::text::Text;
use super::version::constraint;
use super::version::pep440::{Specifier, Version, specifiers};
use crate::factors::finding::{Level, Report};
use missing::Missing;

mod missing;

/// Judges every manifest, every `.in` file, and every lock by itself.
pub fn judge(project: &Project, report: &mut Report) {
    let mut missing = Missing::default();
    for (text, manifest) in &project.manifests {
        // `setup.py` beside a `pyproject.toml` says the same again.
        if is_second(project, manifest) {
            continue;
        }
        let mut unseen = unseen(project, manifest);
        if let Some(first) = unseen.next() {
            let others = match unseen.count() {
                0 => String::new(),
                count => format!(", and {count} more"),
            };
            report.skip(manifest.path.as_str(), format!("{first}{others}"));
        }
        // What makes a package of Python is locked nowhere; Cargo locks what its build scripts need.
        let is_locked = |one: &&Declared| one.scope != Scope::Build || manifest.ecosystem != Ecosystem::PyPI;
        let mut locked: Vec<&Declared> = manifest.declared.iter().filter(is_locked).collect();
        invalid(&locked, report);
        locked.retain(|one| one.verdict != Verdict::Invalid);
        if !locked.is_empty() {
            against_lock(project, text, manifest, &locked, &mut missing, report);
        }
    }
    missing.tell(project, report);
    for file in project.requirement_sets.iter().flatten().filter(|file| file.text.path.ends_with(".in")) {
        input(project, file, report);
    }
    for lock in &project.locks {
        unhashed(lock, report);
    }
}

fn against_lock<'a>(
    project: &Project,
    text: &'a Text,
    manifest: &'a Manifest,
    locked: &[&'a Declared],
    missing: &mut Missing<'a>,
    report: &mut Report,
) {
    if let Some(lock) = reach::lock_of(project, manifest) {
        hold(project, manifest, locked, lock, report);
    } else if let Some(compiled) = compiled_of(project, manifest) {
        against_compiled(locked, compiled, report);
    } else if !reach::is_unread(project, manifest) {
        missing.note(text, manifest, locked);
    }
}

/// `setup.py` and `setup.cfg` speak only where no other manifest of Python does. One that says how the package is made,
/// and not what it needs, leaves the word to them.
fn is_second(project: &Project, manifest: &Manifest) -> bool {
    let speaks = |other: &Manifest| {
        !is_setup(other)
            && (other.declared.iter().any(|one| one.scope == Scope::Run)
                || other.path.ends_with("Pipfile") && !other.declared.is_empty())
    };
    is_setup(manifest) && beside(project, manifest).any(speaks)
}

fn is_setup(manifest: &Manifest) -> bool {
    ["setup.cfg", "setup.py"].contains(&paths::file_name(&manifest.path))
}

/// Other manifests of Python in the folder of one.
fn beside<'a>(project: &'a Project, manifest: &'a Manifest) -> impl Iterator<Item = &'a Manifest> {
    let folder = paths::folder(&manifest.path);
    project.manifests.iter().map(|(_, other)| other).filter(move |other| {
        other.ecosystem == Ecosystem::PyPI
            && other.path != manifest.path
            && paths::folder(&other.path) == folder
    })
}

/// What a manifest says and nobody can see without running it.
pub fn unseen<'a>(project: &'a Project, manifest: &'a Manifest) -> impl Iterator<Item = &'a String> {
    manifest.unseen.iter().filter(|why| !is_said_beside(project, manifest, why))
}

/// What is said to stand elsewhere stands in the `setup.py` beside it.
fn is_said_beside(project: &Project, manifest: &Manifest, why: &str) -> bool {
    let says = |other: &Manifest| {
        is_setup(other)
            && (!other.unseen.is_empty() || other.declared.iter().any(|one| one.scope == Scope::Run))
    };
    why == manifest::ELSEWHERE && beside(project, manifest).any(says)
}

fn invalid(declared: &[&Declared], report: &mut Report) {
    for one in declared.iter().filter(|one| one.verdict == Verdict::Invalid) {
        let is_key = one.name.is_empty() && one.constraint.is_empty() && !one.shown.is_empty();
        let says =
            if is_key { "holds no requirements: it is of another type" } else { "is not a requirement" };
        let message = format!("`{}` {says}", one.shown);
        report.find(&rules::INVALID, one.place.clone(), message, "see PEP 508");
    }
}

/// A requirements file that is compiled beside a manifest of Python.
fn compiled_of<'a>(project: &'a Project, manifest: &Manifest) -> Option<&'a Followed> {
    let folder = paths::folder(&manifest.path);
    let files = project.requirement_sets.iter().flatten();
    let mut beside =
        files.filter(|file| paths::folder(&file.text.path) == folder && !file.text.path.ends_with(".in"));
    (manifest.ecosystem == Ecosystem::PyPI).then(|| beside.find(|file| is_compiled(file))).flatten()
}

/// What pip-compile, uv and Poetry write at the head.
const MADE_BY: &str = "autogenerated by";

/// It says so at its head, as pip-compile, uv and Poetry do, or every line is pinned with its hash.
fn is_compiled(file: &Followed) -> bool {
    let head = file.text.content.lines().take(3).any(|line| line.contains(MADE_BY));
    let mut entries = file.entries().peekable();
    head || entries.peek().is_some() && entries.all(|entry| entry.hashes > 0)
}

/// Whether a lock has what is asked for.
fn hold(
    project: &Project,
    manifest: &Manifest,
    declared: &[&Declared],
    lock: &LockFile,
    report: &mut Report,
) {
    let overridden = reach::overridden(project, manifest, lock);
    let asked = asked_here(manifest, lock);
    let mut is_fresh = manifest.unseen.is_empty();
    for one in declared.iter().filter(|one| !one.name.is_empty() && one.verdict != Verdict::Local) {
        // Extras may ask for others of the package itself.
        if overridden.contains(one.name.as_str()) || manifest.own_name.as_ref() == Some(&one.name) {
            continue;
        }
        let why = match asked.and_then(|asked| is_asked(asked, lock, one)) {
            Some(false) if reach::is_sibling(project, manifest, &one.name, lock) => None,
            Some(false) => Some(format!("`{}` is not what `{}` was made for", one.shown, lock.text.path)),
            Some(true) if one.is_conditional => None,
            _ if one.is_conditional && !locks_all(lock, one) => None,
            _ if manifest.ecosystem == Ecosystem::Go => go_sums(project, manifest, one, lock),
            _ => locked_else(project, manifest, one, lock),
        };
        if let Some(why) = why {
            is_fresh = false;
            stale(one, why, &lock.text, lock.format.made_by, report);
        }
    }
    if is_fresh {
        let details =
            vec![("lock", lock.text.path.to_string()), ("packages", lock.packages.len().to_string())];
        let message = format!("{} holds what {} asks for", lock.text.path, manifest.path);
        report.show("deps/lock-fresh", lock.text.place(0..0), message, details);
    }
}

/// Cargo locks for every target; uv and Poetry do for every platform and extra, not for every version of Python.
fn locks_all(lock: &LockFile, one: &Declared) -> bool {
    match lock.format.file {
        "Cargo.lock" => true,
        "uv.lock" | "poetry.lock" => one.is_for_platform,
        _ => false,
    }
}

/// What a lock was made for in the words of this manifest; `None` where it keeps none of them.
fn asked_here<'a>(manifest: &Manifest, lock: &'a LockFile) -> Option<&'a Names> {
    let folder = reach::relative(paths::folder(&manifest.path), paths::folder(&lock.text.path));
    // pnpm and uv tell manifests apart.
    let is_one = !["pnpm-lock.yaml", "uv.lock"].contains(&lock.format.file);
    lock.asked.by_folder.get(if is_one { "" } else { folder })
}

/// Whether the lock was made for this requirement; `None` where that cannot be told.
fn is_asked(asked: &Names, lock: &LockFile, one: &Declared) -> Option<bool> {
    let is_python = lock.format.file == "uv.lock";
    // Those on conditions are kept by uv with their markers; of the others nothing is sure.
    if !one.verdict.is_versioned() || one.alias.is_some() || one.is_conditional && !is_python {
        return None;
    }
    let known = asked.get(&one.name);
    match lock.format.file {
        // Who is not there at all may be met otherwise, as by a member of the workspace.
        "yarn.lock" => {
            let known =
                known.filter(|_| !one.constraint.is_empty() && !one.constraint.contains([',', ':']))?;
            Some(known.contains(&one.constraint))
        }
        "pnpm-lock.yaml" => Some(known.is_some_and(|known| known.contains(&one.constraint))),
        "uv.lock" => {
            Some(known.is_some_and(|known| known.iter().any(|known| is_same(known, &one.constraint))))
        }
        // Where none is written out it may be computed.
        _ => Some(known.is_some_and(|known| {
            one.constraint.is_empty() || known.iter().any(|known| is_same_gem(known, &one.constraint))
        })),
    }
}

/// Two texts of PEP 440 say the same: a tool writes versions in their normal form, and in its own order.
fn is_same(left: &str, right: &str) -> bool {
    let is_one = |left: &Specifier, right: &Specifier| {
        let versions = (Version::parse(&left.version), Version::parse(&right.version));
        let is_version = matches!(&versions, (Some(left), Some(right)) if left.cmp(right).is_eq());
        left.op == right.op
            && left.is_wildcard == right.is_wildcard
            && (is_version || left.version == right.version)
    };
    match (specifiers(left), specifiers(right)) {
        (Some(left), Some(right)) => {
            left.len() == right.len() && left.iter().all(|one| right.iter().any(|other| is_one(one, other)))
        }
        _ => left == right,
    }
}

/// Two texts of Bundler say the same: a version alone is that one, and nothing is everything.
fn is_same_gem(left: &str, right: &str) -> bool {
    let parts = |text: &str| {
        let parts = text.split(',').map(|part| part.replace(' ', ""));
        let whole = parts.map(|part| {
            if part.starts_with(|first: char| first.is_ascii_digit()) { format!("={part}") } else { part }
        });
        let mut parts: Vec<String> = whole.filter(|part| !["", ">=0"].contains(&part.as_str())).collect();
        parts.sort_unstable();
        parts
    };
    parts(left) == parts(right)
}

/// What is wrong with how a lock has a requirement.
fn locked_else(project: &Project, manifest: &Manifest, one: &Declared, lock: &LockFile) -> Option<String> {
    let mut packages: Vec<&Locked> =
        lock.packages.iter().filter(|package| package.version_of(&one.name).is_some()).collect();
    if packages.is_empty() {
        let is_met = may_be_left_out(one, lock) || reach::is_sibling(project, manifest, &one.name, lock);
        return (!is_met).then(|| format!("`{}` is not in `{}`", one.shown, lock.text.path));
    }
    // The manifest beside the lock finds what lies at the top; its members may have their own.
    let is_at_top = paths::folder(&manifest.path) == paths::folder(&lock.text.path);
    if is_at_top && packages.iter().any(|package| !package.is_nested) {
        packages.retain(|package| !package.is_nested);
    }
    let versions: Vec<&str> = packages.iter().filter_map(|package| package.version_of(&one.name)).collect();
    let is_broken =
        one.verdict.is_versioned() && versions.iter().all(|version| breaks(manifest, one, version));
    is_broken.then(|| format!("`{}` is locked at {} in `{}`", one.shown, versions[0], lock.text.path))
}

/// Extras are locked when somebody asks for them, and some tools lock the groups that they are told to.
fn may_be_left_out(one: &Declared, lock: &LockFile) -> bool {
    let is_partial = ["pylock.toml", "pdm.lock"].contains(&lock.format.file);
    let has_extras = ["uv.lock", "poetry.lock"].contains(&lock.format.file);
    one.scope == Scope::Optional && !has_extras || is_partial && one.scope == Scope::Dev
}

/// A lock that lies among tests or examples is data of theirs: nobody installs the app from it.
fn stale(one: &Declared, why: String, lock: &Text, made_by: &str, report: &mut Report) {
    let level = if paths::is_aside(&lock.path) { Level::Note } else { rules::LOCK_STALE.level };
    let help = format!("run `{made_by}` and commit the lock");
    report.weigh(&rules::LOCK_STALE, level, one.place.clone(), why, help);
}

/// It is sure that a locked version is not what is asked for.
fn breaks(manifest: &Manifest, one: &Declared, version: &str) -> bool {
    let kept = constraint::admits(manifest.dialect, &one.constraint, version);
    kept == Some(false) && !one.constraint.is_empty()
}

/// What `go.mod` requires must have its digest in `go.sum`, or in the `go.work.sum` of its workspace.
fn go_sums(project: &Project, manifest: &Manifest, one: &Declared, lock: &LockFile) -> Option<String> {
    let has = |lock: &LockFile| {
        lock.packages.iter().any(|package| package.name == one.name && package.version == one.constraint)
    };
    let is_above = |other: &&LockFile| {
        other.format.file == "go.work.sum" && paths::is_in(&manifest.path, paths::folder(&other.text.path))
    };
    let is_there = has(lock) || project.locks.iter().filter(is_above).any(has);
    (!is_there).then(|| format!("`{}` has no digest in `{}`", one.shown, lock.text.path))
}

/// A `.in` file and what is compiled from it.
fn input(project: &Project, file: &Followed, report: &mut Report) {
    let declared: Vec<Declared> = file.entries().map(|entry| of_entry(entry, &file.text)).collect();
    let locks = compiled_from(project, file);
    for lock in &locks {
        against_compiled(&declared.iter().collect::<Vec<_>>(), lock, report);
    }
    let compiled = format!("{}.txt", file.text.path.trim_end_matches(".in"));
    if locks.is_empty() && !declared.is_empty() && !project.unread.contains(&compiled) {
        report.find(
            &rules::LOCK_MISSING,
            file.text.place(0..0),
            format!("nothing is compiled from `{}`", file.text.path),
            format!("run `pip-compile --generate-hashes` and commit `{compiled}`"),
        );
    }
}

/// What is compiled from a `.in` file, or else from the nearest that take it in with `-r`.
fn compiled_from<'a>(project: &'a Project, file: &'a Followed) -> Vec<&'a Followed> {
    let files = || project.requirement_sets.iter().flatten();
    let mut open = vec![file];
    let mut at = 0;
    while let Some(input) = open.get(at).map(|file| &*file.text.path) {
        let locks: Vec<&Followed> = files().filter(|lock| is_compiled_from(lock, input)).collect();
        if !locks.is_empty() {
            return locks;
        }
        for by in files().filter(|by| by.text.path.ends_with(".in")) {
            let takes_it_in = by.named().any(|(named, is_constraint)| named == input && !is_constraint);
            if takes_it_in && !open.iter().any(|known| known.text.path == by.text.path) {
                open.push(by);
            }
        }
        at += 1;
    }
    Vec::new()
}

/// By its name, or by the command that its head shows, whose paths are from some folder above it.
fn is_compiled_from(file: &Followed, input: &str) -> bool {
    const CONSTRAINTS: [&str; 4] = ["-c", "--constraint", "--constraints", "--build-constraint"];
    let path = &*file.text.path;
    if path.strip_suffix(".txt").is_some_and(|stem| input.strip_suffix(".in") == Some(stem)) {
        return true;
    }
    let head = || file.text.content.lines().take_while(|line| line.starts_with('#') || line.is_empty());
    if paths::ending(path) == "in" || !head().any(|line| line.contains(MADE_BY)) {
        return false;
    }
    let is_input = |word: &str| {
        paths::ancestors(paths::folder(path)).any(|above| paths::join(above, word).as_deref() == Some(input))
    };
    let words: Vec<&str> = head().flat_map(str::split_whitespace).collect();
    words.windows(2).any(|pair| !CONSTRAINTS.contains(&pair[0]) && is_input(pair[1]))
}

/// A line of a requirements file as a requirement of a manifest.
pub fn of_entry(entry: &Entry, text: &Text) -> Declared {
    Declared {
        name: entry.name.clone().unwrap_or_default(),
        alias: None,
        constraint: entry.constraint.clone(),
        shown: entry.shown.clone(),
        verdict: entry.verdict,
        scope: Scope::Run,
        is_conditional: entry.has_marker,
        is_for_platform: false,
        is_inherited: false,
        place: text.place(entry.span.clone()),
    }
}

/// A compiled requirements file is a lock: every name that is asked for must be pinned in it, at a version that fits.
fn against_compiled(declared: &[&Declared], lock: &Followed, report: &mut Report) {
    let mut is_fresh = true;
    for one in
        declared.iter().filter(|one| !one.is_conditional && one.scope == Scope::Run && !one.name.is_empty())
    {
        let Some(pin) = lock.entries().find(|entry| entry.name.as_deref() == Some(&one.name)) else {
            is_fresh = false;
            let why = format!("`{}` is not in `{}`", one.shown, lock.text.path);
            stale(one, why, &lock.text, "pip-compile", report);
            continue;
        };
        let version = pin.constraint.trim_start_matches(['=', ' ']);
        if pin.verdict == Verdict::Exact
            && constraint::admits(Dialect::Python, &one.constraint, version) == Some(false)
        {
            is_fresh = false;
            let why = format!("`{}` is compiled to `{}` in `{}`", one.shown, pin.shown, lock.text.path);
            stale(one, why, &lock.text, "pip-compile", report);
        }
    }
    if is_fresh {
        let details =
            vec![("lock", lock.text.path.to_string()), ("packages", lock.entries().count().to_string())];
        let message = format!("{} holds what is asked for", lock.text.path);
        report.show("deps/lock-fresh", lock.text.place(0..0), message, details);
    }
    if lock.entries().all(|entry| entry.hashes == 0) {
        report.weigh(
            &rules::LOCK_UNHASHED,
            Level::Note,
            lock.text.place(0..0),
            format!("`{}` has no hashes", lock.text.path),
            "compile it with `--generate-hashes`",
        );
    }
}

/// One finding for a lock, however many packages have no digest.
fn unhashed(lock: &LockFile, report: &mut Report) {
    let bare: Vec<&Locked> =
        lock.packages.iter().filter(|package| package.is_hashed == Some(false)).collect();
    let is_ruby = lock.format.ecosystem == Ecosystem::RubyGems;
    if is_ruby
        && lock
            .packages
            .iter()
            .any(|one| one.origin == super::model::Origin::Registry && one.is_hashed.is_none())
    {
        return report.weigh(
            &rules::LOCK_UNHASHED,
            Level::Note,
            lock.text.place(0..0),
            format!("`{}` has no CHECKSUMS", lock.text.path),
            "run `bundle lock --add-checksums` (Bundler 2.6 and later)",
        );
    }
    let Some(first) = bare.first() else { return };
    let message = format!(
        "no digest for {} of {} packages, `{}` is the first",
        bare.len(),
        lock.packages.len(),
        first.name
    );
    let place = lock.text.locate(&first.name, &first.version);
    report.find(&rules::LOCK_UNHASHED, place, message, format!("run `{}` anew", lock.format.made_by));
}
