//! Locks in JSON: npm, Composer, Pipenv.

use crate::factors::deps::model::{Ecosystem, Locked, Origin};
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// The object that a whole text is.
pub fn object(text: &str) -> Result<Object, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn objects<'a>(object: &'a Object, key: &str) -> impl Iterator<Item = (&'a String, &'a Object)> {
    let inner = object.get(key).and_then(Value::as_object);
    inner.into_iter().flatten().filter_map(|(key, value)| Some((key, value.as_object()?)))
}

fn string<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

fn is_set(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// `package-lock.json` and `npm-shrinkwrap.json`: version 1 nests `dependencies`, 2 and 3 list `packages` by path.
pub fn npm(text: &str) -> Result<Vec<Locked>, String> {
    let root = object(text)?;
    // npm before 5 wrote none.
    if root.get("lockfileVersion").is_some_and(|version| !matches!(version.as_u64(), Some(1..=3))) {
        return Err("its lockfileVersion is not known".to_owned());
    }
    let mut all = Vec::new();
    if root.get("packages").is_some_and(Value::is_object) {
        let installed = objects(&root, "packages").filter(|(_, package)| !is_set(package, "link"));
        all.extend(installed.filter_map(|(path, package)| {
            let (_, name) = path.rsplit_once("node_modules/")?;
            let name = string(package, "name").unwrap_or(name);
            let mut locked = of_npm(name, string(package, "version").unwrap_or_default(), package);
            locked.is_nested =
                !path.starts_with("node_modules/") || path.matches("node_modules/").count() > 1;
            Some(locked)
        }));
    } else {
        nested(&root, &mut all);
    }
    Ok(all)
}

fn nested(object: &Object, all: &mut Vec<Locked>) {
    // Walks without recursion: how deep they nest is up to the file.
    let mut open = vec![(object, false)];
    while let Some((object, is_nested)) = open.pop() {
        for (name, package) in objects(object, "dependencies") {
            let written = string(package, "version").unwrap_or_default();
            let mut locked = match written.strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@')) {
                Some((name, version)) => of_npm(name, version, package),
                None => of_npm(name, written, package),
            };
            locked.is_nested = is_nested;
            all.push(locked);
            open.push((package, true));
        }
    }
}

fn of_npm(name: &str, version: &str, package: &Object) -> Locked {
    let resolved = string(package, "resolved").unwrap_or(version);
    let is_git =
        |text: &str| text.starts_with("git+") || text.starts_with("git:") || text.starts_with("github:");
    let origin = if is_git(version) || is_git(resolved) {
        Origin::Git
    } else if version.starts_with("file:") || resolved.starts_with("file:") {
        Origin::Path
    } else {
        Origin::Registry
    };
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    // What comes in its parent's archive is checked with it.
    let is_bundled = is_set(package, "bundled") || is_set(package, "inBundle");
    let is_hashed = is_bundled || package.contains_key("integrity");
    Locked::new(name, if is_version { version } else { "" }).hashed(is_hashed).from(origin)
}

/// `composer.lock`. Its archives have a digest only where the host promises stable ones, so none is asked for.
pub fn composer(text: &str) -> Result<Vec<Locked>, String> {
    let root = object(text)?;
    let lists = ["packages", "packages-dev"].into_iter().filter_map(|key| root.get(key)?.as_array());
    let packages = lists.flatten().filter_map(Value::as_object);
    let read = packages.map(|package| {
        let name = string(package, "name").ok_or("a package has no name")?;
        // A repository of somebody's own may give a number, which Composer takes for a text.
        let version = match package.get("version") {
            Some(Value::String(version)) => version.clone(),
            Some(Value::Number(version)) => version.to_string(),
            _ => return Err(format!("`{name}` has no version")),
        };
        let kind = package.get("dist").and_then(|dist| dist.get("type")).and_then(Value::as_str);
        let origin = if kind == Some("path") { Origin::Path } else { Origin::Registry };
        let stands_for = stands_for(package, &version);
        let locked = Locked::new(name, version).from(origin);
        Ok(Locked { stands_for, ..locked })
    });
    read.collect()
}

/// What a package of Composer's provides or replaces, which then is in no other package of the lock.
fn stands_for(package: &Object, own: &str) -> Vec<(String, String)> {
    let tables = ["provide", "replace"].into_iter().filter_map(|key| package.get(key)?.as_object());
    let one = |(name, version): (&String, &Value)| {
        // Any other constraint may well meet the one that asks for it.
        let version = if version == "self.version" { own } else { "" };
        (Ecosystem::Packagist.normalise(name), version.to_owned())
    };
    tables.flatten().map(one).collect()
}

/// `Pipfile.lock`: every category but its own notes.
pub fn pipfile(text: &str) -> Result<Vec<Locked>, String> {
    let root = object(text)?;
    let categories: Vec<&String> = root.keys().filter(|key| *key != "_meta").collect();
    let packages = categories.into_iter().flat_map(|key| objects(&root, key));
    let read = packages.map(|(name, package)| {
        let version = string(package, "version").unwrap_or_default().trim_start_matches('=');
        let has = |keys: &[&str]| keys.iter().any(|key| package.contains_key(*key));
        let origin = if has(&["git", "hg", "svn", "bzr"]) {
            Origin::Git
        } else if has(&["path"]) {
            Origin::Path
        } else {
            Origin::Registry
        };
        let is_hashed =
            package.get("hashes").and_then(Value::as_array).is_some_and(|hashes| !hashes.is_empty());
        Locked::new(Ecosystem::PyPI.normalise(name), version).hashed(is_hashed).from(origin)
    });
    Ok(read.collect())
}
