//! A git repository as far as the audit must know it: where it keeps its things, what it tracks, what it
//! ignores. Only files are read; the program is asked elsewhere (`changes`).

use super::index;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::fs;
use std::path::{Path, PathBuf};

/// One repository.
#[derive(Debug)]
pub struct Repository {
    /// The folder that holds its `.git`.
    pub top: PathBuf,
    /// Where its index and `HEAD` are.
    pub own: PathBuf,
    /// Where its branches are: the same, unless it is one working tree of several.
    pub common: PathBuf,
}

impl Repository {
    /// The repository whose top this folder is.
    pub fn at(folder: &Path) -> Option<Self> {
        let git = folder.join(".git");
        let own = if git.is_dir() {
            git
        } else {
            // A working tree beside the first, or a submodule: a file that says where.
            let text = fs::read_to_string(&git).ok()?;
            folder.join(text.strip_prefix("gitdir:")?.trim())
        };
        // A folder of that name that is no repository is git's affair neither.
        own.join("HEAD").exists().then(|| {
            let common = fs::read_to_string(own.join("commondir")).ok();
            let common = common.map_or_else(|| own.clone(), |text| own.join(text.trim()));
            Self { top: folder.to_owned(), own, common }
        })
    }

    /// The repository that this folder lies in.
    pub fn around(folder: &Path) -> Option<Self> {
        folder.ancestors().find_map(Self::at)
    }

    /// What it tracks, relative to its top; or why nobody knows.
    pub fn tracked(&self) -> Result<index::Names, String> {
        let index = match fs::read(self.own.join("index")) {
            Ok(index) => index,
            // Nothing was ever added.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(index::Names::new()),
            Err(error) => return Err(format!("git's index cannot be read: {error}")),
        };
        let config = fs::read_to_string(self.common.join("config")).unwrap_or_default().to_lowercase();
        let is_sha256 = config.lines().any(|line| {
            line.split_once('=').is_some_and(|(key, value)| {
                key.trim() == "objectformat" && value.trim().trim_matches('"') == "sha256"
            })
        });
        index::read(&index, if is_sha256 { index::SHA256 } else { index::SHA1 }).map_err(str::to_owned)
    }

    /// The rules that hold in all of it, the weakest first: the user's own, then the repository's.
    pub fn rules(&self) -> Vec<Gitignore> {
        let mut own = GitignoreBuilder::new(&self.top);
        own.add(self.common.join("info/exclude"));
        [Gitignore::global().0].into_iter().chain(own.build()).filter(|rules| !rules.is_empty()).collect()
    }
}

/// What a folder's `.gitignore` says.
pub fn rules_of(folder: &Path) -> Option<Gitignore> {
    let file = folder.join(".gitignore");
    // A pipe of that name would never end.
    if !file.is_file() {
        return None;
    }
    let mut builder = GitignoreBuilder::new(folder);
    builder.add(file);
    builder.build().ok().filter(|rules| !rules.is_empty())
}
