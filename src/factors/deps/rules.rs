//! The rules of factor II, each once: help, `--explain` and SARIF come from here.

use crate::factors::finding::{Factor, Level, Rule};

const fn rule(id: &'static str, level: Level, summary: &'static str, explain: &'static str) -> Rule {
    Rule { id, factor: Factor::Deps, level, summary, explain }
}

/// A name alone.
pub static UNPINNED: Rule = rule(
    "deps/unpinned",
    Level::Error,
    "a requirement names no version",
    "Whatever is the newest version on the day of the build is installed, so two builds of one commit differ and a \
     release of somebody else can break yours.\n\
     Found: a requirement of a requirements file without `==`, `===`, a hash or a constraints file that pins it. Not \
     found: requirements of a `.in` file, whose lock is what is compiled from it, and of a manifest, which \
     `deps/lock-missing` counts where no lock stands beside it.\n\
     Cure: keep what you want in `requirements.in`, compile the full list with `pip-compile --generate-hashes` or \
     `uv pip compile`, and commit both.\n\
     Source: twelve-factor, II (declare all dependencies completely and exactly); PEP 440.",
);

/// Anything that compares.
pub static RANGE: Rule = rule(
    "deps/range",
    Level::Error,
    "a requirement admits more than one version, and nothing pins it",
    "`>=2`, `~=2.1` and `<3` install the newest version that fits on the day of the build: as little repeatable as \
     no version at all, so it weighs the same.\n\
     Found: ranges in requirements files. Not found: ranges in a manifest, where they say what may be locked next \
     time; `deps/lock-missing` counts them where nothing is locked.\n\
     Cure: pin with `==` in a compiled file, or commit the lock.\n\
     Source: PEP 440, twelve-factor II.",
);

/// `==2.*`.
pub static WILDCARD: Rule = rule(
    "deps/wildcard",
    Level::Warn,
    "a requirement is pinned up to a wildcard",
    "`==2.*` looks pinned and is a range: every new 2.x is taken. It is a warning because its maker has at least \
     bound the release line.\n\
     Cure: name the whole version.\n\
     Source: PEP 440, version matching.",
);

/// A URL whose content may change.
pub static URL_WITHOUT_DIGEST: Rule = rule(
    "deps/url-without-digest",
    Level::Warn,
    "a package is taken from a URL, and nothing checks what comes",
    "Whoever holds the server decides what is installed, today and next year.\n\
     Cure: add `#sha256=…` to the URL, or `--hash=sha256:…` to the line.\n\
     Source: pip, secure installs; PEP 440, direct references.",
);

/// A repository at a branch or tag.
pub static VCS_BRANCH: Rule = rule(
    "deps/vcs-branch",
    Level::Error,
    "a package is taken from a repository at a branch, a tag or its head",
    "A branch moves with every commit, and a tag can be moved. Only a full commit id names one content.\n\
     Found: VCS URLs in requirements and manifests without 40 (or 64) hex digits, where no lock resolves them.\n\
     Cure: write the full commit id after `@`, or commit the lock.\n\
     Source: pip, VCS support.",
);

/// `-e`.
pub static EDITABLE: Rule = rule(
    "deps/editable",
    Level::Note,
    "a package is installed in place, from its sources",
    "What runs is whatever the folder holds at the time. Fine for the app itself while it is developed; a release \
     should install a built package.\n\
     Weighs as a warning when the folder is outside of the app.\n\
     Source: pip, editable installs.",
);

/// A path.
pub static LOCAL: Rule = rule(
    "deps/local",
    Level::Note,
    "a package is taken from a file or folder",
    "Inside of the app it is versioned with the app. Outside, the machine decides what is there, so it weighs as a \
     warning.\n\
     Cure: keep it in the app, or publish it to an index.\n\
     Source: twelve-factor, II (never rely on what a system happens to hold).",
);

/// Not a requirement.
pub static INVALID: Rule = rule(
    "deps/invalid",
    Level::Error,
    "a line of a requirements file is none that pip takes",
    "pip stops at it, or takes it for something else than was meant.\n\
     Source: PEP 508, pip's requirements file format.",
);

/// Two pins of one name.
pub static CONFLICT: Rule = rule(
    "deps/conflict",
    Level::Error,
    "one package is pinned to two versions",
    "pip refuses to install both, and which one was meant nobody can tell. Names are compared as PEP 503 says: \
     `Foo_Bar` is `foo-bar`. Lines with markers may well exclude each other and are passed over.\n\
     Source: PEP 503, PEP 508.",
);

/// No lock.
pub static LOCK_MISSING: Rule = rule(
    "deps/lock-missing",
    Level::Error,
    "dependencies are declared, and no lock file says which versions are meant",
    "A manifest holds ranges; the lock beside it is what makes tomorrow's build that of today, with everything that \
     your dependencies depend on.\n\
     Says how many requirements are ranges, unpinned or wildcards; each of them is evidence. Weighs as a warning where \
     every requirement is exact (what they need in turn is not), and as a note where the manifest says that it is a \
     library or a plugin, whose lock binds nobody who uses it (for Composer every `type` but `project`), where it lies \
     among tests, examples or code that was copied from elsewhere, and where it names only tools and another manifest \
     stands above it. Notes of one kind are told once.\n\
     Cure: run the package manager once and commit what it writes.\n\
     Source: twelve-factor, II.",
);

/// A lock of another manifest.
pub static LOCK_STALE: Rule = rule(
    "deps/lock-stale",
    Level::Error,
    "a lock file does not hold what its manifest asks for",
    "The manifest was changed and the lock was not: a strict install (`npm ci`, `cargo --locked`, \
     `bundle --deployment`) fails, a lax one resolves anew on the machine that builds.\n\
     Found: a requirement without a package in the lock, or whose locked versions all break its constraint; and where \
     the lock keeps the words that it was made for (yarn, pnpm, Bundler, uv), a requirement in other words. \
     Members of the workspace may be missing, as may requirements under a marker, except in Cargo.lock.\n\
     Cure: let the package manager update the lock and commit it.\n\
     Source: the documentation of each package manager.",
);

/// A lock without digests.
pub static LOCK_UNHASHED: Rule = rule(
    "deps/lock-unhashed",
    Level::Warn,
    "a lock file has packages without a digest",
    "Without a digest nothing shows that the registry serves what was locked.\n\
     Found: packages of a registry whose format has a place for the digest and which have none there. A requirements \
     file that hashes only some of its lines is an error: pip refuses it whole. One that hashes none is a note, as is \
     a Gemfile.lock without CHECKSUMS.\n\
     Source: pip, secure installs; npm `integrity`; Cargo `checksum`; Go checksum database.",
);

/// An import that nothing declares.
pub static UNDECLARED_IMPORT: Rule = rule(
    "deps/undeclared-import",
    Level::Error,
    "code imports a package that nothing declares",
    "It works where the package happens to be installed, most often because another package needs it, and stops \
     working when that one lets it go.\n\
     Found: imports of Python, JavaScript, TypeScript, Go and Rust that are neither of the standard library, nor of \
     the app, nor declared. JavaScript counts against a `package.json` above it, and is not checked where there is \
     none. A warning in tests, in `.d.ts` files, where only a development dependency declares it, and where not all of \
     a manifest of Python could be read; a note where the code is ready for its absence (`try: … except ImportError`, \
     `TYPE_CHECKING`, `typeof exports`) and where a tool made it or it was copied (minified, bundled, below `static` or \
     `public`).\n\
     Cure: declare it.\n\
     Source: twelve-factor, II (no implicit dependence leaks in).",
);

/// A program that nothing declares.
pub static UNDECLARED_PROGRAM: Rule = rule(
    "deps/undeclared-program",
    Level::Warn,
    "code runs a system program that nothing declares",
    "A program that happens to be on one machine (`convert`, `ffmpeg`, `curl`) may be missing or of another version on \
     the next.\n\
     Found: literal program names in calls that start processes, and in commands of the Procfile, that are not basic \
     tools of POSIX, not in the tree, not brought by a declared package, and not installed by a Dockerfile, Aptfile, \
     Brewfile, Nix file or tool-version file. Weighs as a note where nothing of the kind is there to declare it in.\n\
     Cure: name it in the Dockerfile or Aptfile, or carry it with the app.\n\
     Source: twelve-factor, II (apps do not rely on the implicit existence of any system tools).",
);

/// A known vulnerability.
pub static ADVISORY: Rule = rule(
    "deps/advisory",
    Level::Error,
    "a locked version is affected by a published advisory",
    "The database is a folder given with `--db`, in the layout of RustSec or OSV; nothing is looked up on the network. \
     Withdrawn advisories are left out. What is only unmaintained is a note, what is unsound a warning.\n\
     Cure: update to a fixed version.\n\
     Source: RustSec advisory format, OSV schema.",
);

/// All of them.
pub static ALL: [&Rule; 15] = [
    &UNPINNED,
    &RANGE,
    &WILDCARD,
    &URL_WITHOUT_DIGEST,
    &VCS_BRANCH,
    &EDITABLE,
    &LOCAL,
    &INVALID,
    &CONFLICT,
    &LOCK_MISSING,
    &LOCK_STALE,
    &LOCK_UNHASHED,
    &UNDECLARED_IMPORT,
    &UNDECLARED_PROGRAM,
    &ADVISORY,
];
