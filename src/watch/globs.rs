//! What is wished: which files the globs match, and in which folders they can match at all.
//!
//! Pure: it reads patterns and paths, relative to the app's folder, and must not know what there is on the disk.

use super::WatchError;
use crate::app::plan::TypeId;
use globset::{GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

/// All globs of all types.
#[derive(Debug)]
pub struct Globs {
    /// In the same order as `globs`.
    set: GlobSet,
    globs: Vec<Glob>,
}

#[derive(Debug)]
struct Glob {
    kind: TypeId,
    parts: Vec<Part>,
    /// How many parts at the beginning are names: places that the glob names literally.
    literal: usize,
}

/// What stands between two slashes.
#[derive(Debug)]
enum Part {
    Name(String),
    Pattern(GlobMatcher),
    /// `**`: any number of folders, none too.
    AnyFolders,
    /// Alternatives that differ in their number of slashes: from here on anything may match.
    Anything,
}

impl Globs {
    /// Reads them. `*` and `?` match no `/`; a glob that is only names stands for the file, or for everything
    /// in the folder, of that name.
    pub fn new(wishes: &[(TypeId, Vec<String>)]) -> Result<Self, WatchError> {
        let mut set = GlobSetBuilder::new();
        let mut globs = Vec::new();
        for (kind, written) in wishes.iter().flat_map(|(kind, globs)| globs.iter().map(|glob| (*kind, glob)))
        {
            let wrong = |error: globset::Error| WatchError::Glob {
                glob: written.clone(),
                cause: error.kind().clone(),
            };
            // `./src` and `src//x` are `src` and `src/x`.
            let mut texts: Vec<&str> =
                split(written).into_iter().filter(|part| !["", "."].contains(part)).collect();
            let is_name = texts.iter().all(|part| is_name(part));
            let mut add = |texts: &[&str]| {
                set.add(glob(&texts.join("/"))?);
                let parts: Vec<Part> = texts.iter().map(|text| Part::read(text)).collect();
                let literal = parts.iter().take_while(|part| matches!(part, Part::Name(_))).count();
                globs.push(Glob { kind, parts, literal });
                Ok(())
            };
            add(&texts).map_err(wrong)?;
            if is_name {
                texts.push("**");
                add(&texts).map_err(wrong)?;
            }
        }
        let set = set
            .build()
            .map_err(|error| WatchError::Glob { glob: String::new(), cause: error.kind().clone() })?;
        Ok(Self { set, globs })
    }

    /// The types that wish to hear of the file, each once. `ignored` is how many parts of the path make its
    /// longest ignored beginning; that counts only for globs that do not name this place literally.
    pub fn matching(&self, path: &Path, ignored: usize) -> Vec<TypeId> {
        let globs = self.set.matches(path).into_iter().map(|at| &self.globs[at]);
        kinds(globs.filter(|glob| ignored <= glob.literal))
    }

    /// The types with a glob that can match something in the folder or further down; `ignored` as above.
    pub fn below(&self, folder: &Path, ignored: usize) -> Vec<TypeId> {
        kinds(self.globs.iter().filter(|glob| ignored <= glob.literal && glob.goes_below(folder)))
    }

    /// Every type.
    pub fn kinds(&self) -> Vec<TypeId> {
        kinds(self.globs.iter())
    }
}

fn kinds<'a>(globs: impl Iterator<Item = &'a Glob>) -> Vec<TypeId> {
    globs.map(|glob| glob.kind).collect::<BTreeSet<_>>().into_iter().collect()
}

impl Glob {
    /// Whether the folder is the beginning of something that the glob can match.
    fn goes_below(&self, folder: &Path) -> bool {
        // After each name of the folder: the parts that can come next.
        let mut next = self.reach(0);
        for name in folder {
            let mut after = BTreeSet::new();
            for &at in &next {
                match &self.parts[at] {
                    Part::Anything => return true,
                    Part::AnyFolders => after.extend(self.reach(at)),
                    part if part.is(name) => after.extend(self.reach(at + 1)),
                    Part::Name(_) | Part::Pattern(_) => {}
                }
            }
            next = after;
        }
        !next.is_empty()
    }

    /// The part and those that can stand in its place, as `**` can be no folder at all.
    fn reach(&self, at: usize) -> BTreeSet<usize> {
        let skipped =
            self.parts[at.min(self.parts.len())..].iter().take_while(|part| matches!(part, Part::AnyFolders));
        (at..=at + skipped.count()).filter(|at| *at < self.parts.len()).collect()
    }
}

impl Part {
    fn read(text: &str) -> Self {
        match text {
            "**" => Self::AnyFolders,
            _ if is_name(text) => Self::Name(text.into()),
            _ if text.contains('/') => Self::Anything,
            // A `/` within brackets leaves halves that are no patterns.
            _ => glob(text).map_or(Self::Anything, |glob| Self::Pattern(glob.compile_matcher())),
        }
    }

    fn is(&self, name: &OsStr) -> bool {
        match self {
            Self::Name(own) => name == own.as_str(),
            Self::Pattern(pattern) => pattern.is_match(name),
            Self::AnyFolders | Self::Anything => true,
        }
    }
}

fn glob(text: &str) -> Result<globset::Glob, globset::Error> {
    GlobBuilder::new(text).literal_separator(true).build()
}

fn is_name(text: &str) -> bool {
    !text.contains(['*', '?', '[', ']', '{', '}', '\\'])
}

/// At every `/` that is not within braces.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut is_escaped) = (0_usize, false);
    text.split(|letter| {
        let escaped = std::mem::take(&mut is_escaped);
        match letter {
            _ if escaped => {}
            '\\' => is_escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == '/' && depth == 0
    })
    .collect()
}
