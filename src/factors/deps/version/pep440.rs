//! Python's versions and specifiers (PEP 440), as `packaging` reads them.

use super::number;
use std::cmp::Ordering;

/// A version. Trailing zeros of the release count nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    epoch: u64,
    release: Vec<u64>,
    /// 0 alpha, 1 beta, 2 candidate.
    pre: Option<(u8, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    local: Vec<Local>,
}

/// A number is after every word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Word(String),
    Number(u64),
}

impl Version {
    /// Reads a whole text, spaces around it apart.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut version, rest) = Self::scan(text.trim())?;
        let rest = match rest.strip_prefix('+') {
            Some(local) => {
                let (local, rest) = scan_local(local)?;
                version.local = local;
                rest
            }
            None => rest,
        };
        rest.is_empty().then_some(version)
    }

    /// The public version at the start of a text, as long as it goes.
    fn scan(text: &str) -> Option<(Self, &str)> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let (first, mut rest) = number(text)?;
        let mut epoch = 0;
        let mut release = vec![first];
        if let Some((start, after)) = rest.strip_prefix('!').and_then(number) {
            (epoch, release[0], rest) = (first, start, after);
        }
        while let Some((next, after)) = rest.strip_prefix('.').and_then(number) {
            release.push(next);
            rest = after;
        }
        let mut version = Self { epoch, release, pre: None, post: None, dev: None, local: Vec::new() };
        if let Some((kind, number, after)) = part(rest, &PRE) {
            (version.pre, rest) = (Some((kind, number)), after);
        }
        if let Some((number, after)) = rest.strip_prefix('-').and_then(number) {
            (version.post, rest) = (Some(number), after);
        } else if let Some((_, number, after)) = part(rest, &POST) {
            (version.post, rest) = (Some(number), after);
        }
        if let Some((_, number, after)) = part(rest, &DEV) {
            (version.dev, rest) = (Some(number), after);
        }
        Some((version, rest))
    }

    /// An alpha, beta, candidate or development release.
    pub fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    fn without_local(&self) -> Self {
        Self { local: Vec::new(), ..self.clone() }
    }

    /// Epoch and release alone, without trailing zeros.
    fn base(&self) -> (u64, &[u64]) {
        let end = self.release.iter().rposition(|part| *part != 0).map_or(0, |at| at + 1);
        (self.epoch, &self.release[..end])
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // Development releases of the version itself come before its alphas, finals after its candidates.
        let pre = |version: &Self| match (version.pre, version.post, version.dev) {
            (Some((kind, number)), ..) => (i16::from(kind), number),
            (None, None, Some(_)) => (-1, 0),
            (None, ..) => (i16::MAX, 0),
        };
        let dev = |version: &Self| version.dev.map_or((1, 0), |number| (0, number));
        (self.base().cmp(&other.base()))
            .then_with(|| pre(self).cmp(&pre(other)))
            .then_with(|| self.post.cmp(&other.post))
            .then_with(|| dev(self).cmp(&dev(other)))
            .then_with(|| self.local.cmp(&other.local))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Words of a part with what they mean, the longer before its own beginnings.
type Words = [(&'static str, u8)];
const PRE: [(&str, u8); 8] =
    [("alpha", 0), ("beta", 1), ("preview", 2), ("pre", 2), ("a", 0), ("b", 1), ("c", 2), ("rc", 2)];
const POST: [(&str, u8); 3] = [("post", 0), ("rev", 0), ("r", 0)];
const DEV: [(&str, u8); 1] = [("dev", 0)];

/// `.rc-1`: a separator, a word, a separator, a number; the separators and the number may be missing.
fn part<'a>(text: &'a str, words: &Words) -> Option<(u8, u64, &'a str)> {
    const SEPARATORS: [char; 3] = ['-', '_', '.'];
    let text = text.strip_prefix(SEPARATORS).unwrap_or(text);
    let starts = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let (word, meaning) = words.iter().find(|(word, _)| starts(word))?;
    let rest = &text[word.len()..];
    let apart = rest.strip_prefix(SEPARATORS).unwrap_or(rest);
    // Without a number the separator still belongs to this part.
    let (number, rest) = number(apart).unwrap_or((0, apart));
    Some((*meaning, number, rest))
}

fn scan_local(text: &str) -> Option<(Vec<Local>, &str)> {
    let mut local = Vec::new();
    let mut rest = text;
    loop {
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let word = &rest[..length];
        if word.is_empty() {
            return None;
        }
        local.push(match number(word) {
            Some((number, "")) => Local::Number(number),
            _ => Local::Word(word.to_ascii_lowercase()),
        });
        rest = &rest[length..];
        let next = rest.strip_prefix(['-', '_', '.']);
        match next.filter(|next| next.starts_with(|first: char| first.is_ascii_alphanumeric())) {
            Some(next) => rest = next,
            None => return Some((local, rest)),
        }
    }
}

/// How a specifier compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `===`
    Identical,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `~=`
    Compatible,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `>`
    Greater,
}

const OPS: [(&str, Op); 8] = [
    ("===", Op::Identical),
    ("==", Op::Equal),
    ("!=", Op::NotEqual),
    ("~=", Op::Compatible),
    ("<=", Op::AtMost),
    (">=", Op::AtLeast),
    ("<", Op::Less),
    (">", Op::Greater),
];

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specifier {
    /// How.
    pub op: Op,
    /// With what, as written, without `.*`.
    pub version: String,
    /// It ends in `.*`.
    pub is_wildcard: bool,
}

impl Specifier {
    /// The specifier at the start of a text, as long as it goes, and the rest.
    pub fn scan(text: &str) -> Option<(Self, &str)> {
        let (sign, op) = OPS.iter().find(|(sign, _)| text.starts_with(sign))?;
        let start = text[sign.len()..].trim_start();
        if *op == Op::Identical {
            let end = start.find(|end: char| end.is_whitespace() || ",;)".contains(end));
            let (version, rest) = start.split_at(end.unwrap_or(start.len()));
            let specifier = || Self { op: *op, version: version.to_owned(), is_wildcard: false };
            return (!version.is_empty()).then(|| (specifier(), rest));
        }
        let (version, mut rest) = Version::scan(start)?;
        let is_plain = version.pre.is_none() && version.post.is_none() && version.dev.is_none();
        let takes_more = matches!(op, Op::Equal | Op::NotEqual);
        let mut end = start.len() - rest.len();
        let mut is_wildcard = false;
        if let Some(after) = rest.strip_prefix(".*").filter(|_| takes_more && is_plain) {
            (is_wildcard, rest) = (true, after);
        } else if let Some((_, after)) = rest.strip_prefix('+').filter(|_| takes_more).and_then(scan_local) {
            rest = after;
            end = start.len() - rest.len();
        }
        if *op == Op::Compatible && version.release.len() < 2 {
            return None;
        }
        Some((Self { op: *op, version: start[..end].to_owned(), is_wildcard }, rest))
    }

    /// Whether it names one version.
    pub fn is_exact(&self) -> bool {
        self.op == Op::Identical || self.op == Op::Equal && !self.is_wildcard
    }

    /// Whether a version keeps it.
    pub fn admits(&self, version: &Version, written: &str) -> bool {
        if self.op == Op::Identical {
            return self.version.eq_ignore_ascii_case(written.trim());
        }
        let Some(wanted) = Version::parse(&self.version) else { return false };
        let public = version.without_local();
        match self.op {
            Op::Equal => self.equals(version, &wanted),
            Op::NotEqual => !self.equals(version, &wanted),
            Op::Compatible => {
                let prefix = &wanted.release[..wanted.release.len() - 1];
                public >= wanted && public.epoch == wanted.epoch && begins(&public.release, prefix)
            }
            Op::AtMost => public <= wanted,
            Op::AtLeast => public >= wanted,
            // Nor any pre-release of the version itself, and no post-release of it above.
            Op::Less if wanted.is_prerelease() => *version < wanted,
            Op::Less => *version < Version { dev: Some(0), ..wanted },
            Op::Greater => {
                let is_of_it = wanted.base() == version.base() && wanted.pre == version.pre;
                let is_final = wanted.post.is_none() && wanted.dev.is_none();
                let is_its_post = is_final && version.post.is_some() && is_of_it;
                public > wanted && !is_its_post
            }
            Op::Identical => false,
        }
    }

    fn equals(&self, version: &Version, wanted: &Version) -> bool {
        if self.is_wildcard {
            return version.epoch == wanted.epoch && begins(&version.release, &wanted.release);
        }
        let version = if wanted.local.is_empty() { &version.without_local() } else { version };
        version.cmp(wanted).is_eq()
    }
}

/// Whether a release begins with these numbers, missing ones being zeros.
fn begins(release: &[u64], prefix: &[u64]) -> bool {
    prefix.iter().enumerate().all(|(at, part)| release.get(at).copied().unwrap_or(0) == *part)
}

/// A whole set, `>=1,<2`; an empty one is none.
pub fn specifiers(text: &str) -> Option<Vec<Specifier>> {
    let mut all = Vec::new();
    for term in text.split(',').map(str::trim).filter(|term| !term.is_empty()) {
        let (specifier, rest) = Specifier::scan(term)?;
        if !rest.trim().is_empty() {
            return None;
        }
        all.push(specifier);
    }
    Some(all)
}
