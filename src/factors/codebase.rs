//! I, codebase: the app is in one git repository, and no environment has a branch of its own.

use super::check::{Check, Scene};
use super::finding::{Evidence, Factor, Finding, Level, Place, Report, Rule};
use super::text::count;
use super::tree::{Entry, Repository};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The check.
pub struct Codebase;

static NO_REPOSITORY: Rule = Rule {
    id: "codebase/no-repository",
    factor: Factor::Codebase,
    level: Level::Warn,
    summary: "the app is in no git repository",
    explain: "\
One codebase is tracked in revision control, and every deploy comes from it. What is in no repository cannot be
traced to a version, nor deployed twice the same.

Found: neither the folder nor one above it is a git repository. A copy that was deployed looks the same, and other
systems than git are not known: so this only warns.

Cure: `git init`, and commit what belongs to the app.
Source: 12factor.net/codebase",
};

static UNTRACKED: Rule = Rule {
    id: "codebase/untracked",
    factor: Factor::Codebase,
    level: Level::Warn,
    summary: "git does not track the Procfile",
    explain: "\
What says how the app is run is a part of its codebase. A Procfile that git does not track is missing in every
other checkout.

Cure: `git add Procfile`.
Source: 12factor.net/codebase",
};

static NESTED: Rule = Rule {
    id: "codebase/nested",
    factor: Factor::Codebase,
    level: Level::Warn,
    summary: "another repository lies inside the app's",
    explain: "\
One app has one codebase. A repository inside of it that is no submodule is tracked by neither: other checkouts do
not have it.

Found: a folder below the app's with a `.git` of its own that `.gitmodules` does not name.
Cure: make it a dependency or a submodule, or move it out of the app's folder.
Source: 12factor.net/codebase",
};

static BRANCH: Rule = Rule {
    id: "codebase/branch-per-environment",
    factor: Factor::Codebase,
    level: Level::Warn,
    summary: "a branch is named after an environment",
    explain: "\
Deploys are running instances of one codebase: they may run different versions of it, never different lines of it.
A branch `production` beside the main one grows apart from it, and what was tested is not what runs.

Found: local branches named production, prod, staging, stage, preprod, uat or qa, alone or behind `env/`,
`environment/` or `deploy/`. Not found: `develop`, which is a stage of work; branches of remotes alone.
Cure: deploy commits or tags of the main branch; keep what differs in the environment (factor III).
Source: 12factor.net/codebase",
};

/// Environments; `develop` and `live` have other meanings as well.
const ENVIRONMENTS: [&str; 7] = ["production", "prod", "staging", "stage", "preprod", "uat", "qa"];

impl Check for Codebase {
    fn factor(&self) -> Factor {
        Factor::Codebase
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 4] = [&NO_REPOSITORY, &UNTRACKED, &NESTED, &BRANCH];
        &RULES
    }

    fn whole(&self, scene: &Scene<'_>) -> Report {
        let Some(app) = scene.app else {
            return Report::undecided("it is about the app's own folder, and another was named by --path");
        };
        let mut report = Report::default();
        let Some(repository) = Repository::around(app.root) else {
            let message = "the app is in no git repository";
            let place = Place::line(&app.procfile, 1);
            let help = "`git init`, and commit what belongs to the app";
            report.findings.push(Finding::new(&NO_REPOSITORY, place, message, help));
            report.undecided = Some("no git repository is there to be looked at".into());
            return report;
        };
        let files = scene.tree.files();
        if scene.tree.find(&app.procfile).and_then(|entry| entry.tracked) == Some(false) {
            let message = format!("git does not track `{}`", app.procfile);
            let help = format!("`git add {}`", app.procfile);
            report.findings.push(Finding::new(&UNTRACKED, Place::line(&app.procfile, 1), message, help));
        }
        report.findings.extend(nested(scene, app.root));
        report.findings.extend(branches(&repository.common).iter().filter_map(|(branch, place)| {
            let last =
                branch.split_once('/').filter(|(first, _)| ["env", "environment", "deploy"].contains(first));
            let name = last.map_or(branch.as_str(), |(_, last)| last);
            ENVIRONMENTS.contains(&name).then(|| {
                let message = format!("branch `{branch}` is named after an environment");
                let help =
                    "deploy commits or tags of the main branch; what differs belongs into the environment";
                Finding::new(&BRANCH, place.clone(), message, help)
            })
        }));
        if report.findings.is_empty() {
            let tracked = files.iter().filter(|entry: &&Entry| entry.tracked == Some(true)).count();
            report.evidence.push(Evidence {
                kind: "codebase/repository",
                factor: Factor::Codebase,
                message: format!("one git repository, {} tracked", count(tracked, "file")),
                place: Place::line(&app.procfile, 1),
                details: vec![("tracked", tracked.to_string())],
            });
        }
        report
    }
}

/// Repositories inside that are no submodules.
fn nested(scene: &Scene<'_>, root: &Path) -> Vec<Finding> {
    let modules = fs::read_to_string(root.join(".gitmodules")).unwrap_or_default();
    let known: Vec<&str> = modules
        .lines()
        .filter_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "path"))
        .map(|(_, path)| path.trim())
        .collect();
    let strange = scene.tree.nested().iter().filter(|folder| !known.contains(&folder.as_str()));
    strange
        .map(|folder| {
            let place = Place::line(&format!("{folder}/.git").into(), 1);
            let message = format!("`{folder}` is a repository of its own");
            Finding::new(&NESTED, place, message, "make it a dependency or a submodule, or move it out")
        })
        .collect()
}

/// The local branches, each with the place where git has it written.
fn branches(git: &Path) -> BTreeMap<String, Place> {
    let mut branches = BTreeMap::new();
    let packed = fs::read_to_string(git.join("packed-refs")).unwrap_or_default();
    for (at, line) in packed.lines().enumerate() {
        if let Some((_, name)) = line.split_once(" refs/heads/") {
            branches.insert(name.to_owned(), Place::line(&".git/packed-refs".into(), at as u32 + 1));
        }
    }
    loose(&git.join("refs/heads"), "", &mut branches);
    branches
}

fn loose(folder: &Path, begin: &str, branches: &mut BTreeMap<String, Place>) {
    for child in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{begin}{}", child.file_name().to_string_lossy());
        match child.file_type() {
            Ok(kind) if kind.is_dir() => loose(&child.path(), &format!("{name}/"), branches),
            _ => {
                let place = Place::line(&format!(".git/refs/heads/{name}").into(), 1);
                branches.insert(name, place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::check::App;
    use crate::factors::tests::question;
    use crate::factors::tree::Files;

    fn git(folder: &Path, words: &[&str]) {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]);
        let done = command.args(words).current_dir(folder).env("HOME", folder).output().unwrap();
        assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn told(folder: &Path) -> (Vec<(&'static str, String)>, Report) {
        let folder = folder.canonicalize().unwrap();
        let mut look = question(Vec::new()).look;
        look.roots.push((folder.clone(), String::new()));
        let files = Files::open(&look).unwrap();
        let app = App { root: &folder, procfile: "Procfile".into(), entries: &[] };
        let report = Codebase.whole(&Scene {
            tree: &files,
            app: Some(&app),
            today: question(Vec::new()).today,
            advisories: None,
        });
        let of =
            |finding: &Finding| (finding.rule.id, format!("{}:{}", finding.place.path, finding.place.line));
        (report.findings.iter().map(of).collect(), report)
    }

    #[test]
    fn one_repository_passes_and_everything_else_is_told_at_its_place() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = folder.path();
        fs::write(at.join("Procfile"), "web: a\n").unwrap();
        let (findings, report) = told(at);
        assert_eq!(findings, [("codebase/no-repository", "Procfile:1".into())]);
        assert!(report.undecided.is_some());
        git(at, &["init", "-q", "-b", "main"]);
        assert_eq!(told(at).0, [("codebase/untracked", "Procfile:1".into())]);
        git(at, &["add", "Procfile"]);
        git(at, &["commit", "-qm", "x"]);
        for branch in ["develop", "fix/production", "feature", "prod-fix"] {
            git(at, &["branch", branch]);
        }
        let (findings, report) = told(at);
        assert_eq!((findings.len(), report.evidence.len()), (0, 1), "{findings:?}");
        git(at, &["branch", "staging"]);
        git(at, &["branch", "deploy/prod"]);
        let branch = |place: &str| ("codebase/branch-per-environment", place.to_owned());
        assert_eq!(
            told(at).0,
            [branch(".git/refs/heads/deploy/prod:1"), branch(".git/refs/heads/staging:1")]
        );
        git(at, &["pack-refs", "--all"]);
        assert!(told(at).0.iter().all(|(_, place)| place.starts_with(".git/packed-refs:")));
        git(at, &["branch", "-qD", "staging", "deploy/prod"]);
        for (name, modules) in [("lib", ""), ("mod", "[submodule \"mod\"]\n\tpath = mod\n")] {
            fs::create_dir(at.join(name)).unwrap();
            git(&at.join(name), &["init", "-q"]);
            fs::write(at.join(".gitmodules"), modules).unwrap();
        }
        assert_eq!(told(at).0, [("codebase/nested", "lib/.git:1".into())]);
    }
}
