//! Orders and constraints, as the documentation of each ecosystem gives them.

use super::{compare, constraint};
use crate::factors::deps::model::{Dialect, Ecosystem};
use proptest::prelude::*;
use std::cmp::Ordering;

/// Each is before the next; those in one text with `=` between are the same.
fn ascending(ecosystem: Ecosystem, versions: &[&str]) {
    let groups: Vec<Vec<&str>> = versions.iter().map(|group| group.split('=').collect()).collect();
    for (at, left) in groups.iter().enumerate() {
        for (other, right) in groups.iter().enumerate() {
            for (left, right) in left.iter().flat_map(|left| right.iter().map(move |right| (left, right))) {
                assert_eq!(compare(ecosystem, left, right), Some(at.cmp(&other)), "{left} and {right}");
            }
        }
    }
}

#[test]
fn each_ecosystem_has_its_order() {
    ascending(
        Ecosystem::PyPI,
        &[
            "1.dev0",
            "1.0a1.dev2",
            "1.0a1=1.0.alpha-1=1.0ALPHA1",
            "1.0a1.post1",
            "1.0b1",
            "1.0rc1=1.0c1=1.0pre1",
            "1=1.0=v1.0.0",
            "1.0+abc",
            "1.0+1",
            "1.0.post1=1.0-1=1.0r1",
            "1.1",
            "1.10",
            "1!0.1",
        ],
    );
    ascending(
        Ecosystem::CratesIo,
        &[
            "1.0.0-0",
            "1.0.0-1",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0=1.0.0+build=v1.0",
            "1.0.1",
        ],
    );
    ascending(
        Ecosystem::Go,
        &[
            "0.0.0-20200101000000-abcdefabcdef",
            "0.1.0",
            "1.2.3-0.20200101000000-abcdefabcdef",
            "1.2.3=v1.2.3+incompatible",
        ],
    );
    ascending(
        Ecosystem::RubyGems,
        &["1.0.a", "1.0.a.2", "1.0.b1", "1.0.pre=1.pre", "1.0.rc1", "1=1.0", "1.0.1", "1.10"],
    );
    ascending(
        Ecosystem::Packagist,
        &["1.0-dev", "1.0.0-alpha1", "1.0.0-beta2", "1.0.0-RC1", "1.0=v1.0.0.0", "1.0.0-p1", "1.0.1"],
    );
    ascending(Ecosystem::Packagist, &["1.2.9", "1.2.x-dev", "1.9", "1.x-dev=1.X.x-dev", "2.0-dev"]);
}

#[test]
fn what_is_no_version_is_not_compared() {
    for (ecosystem, text) in [
        (Ecosystem::PyPI, "1.0-foo"),
        (Ecosystem::PyPI, ""),
        (Ecosystem::Packagist, "dev-main"),
        (Ecosystem::Npm, "latest"),
    ] {
        assert_eq!(compare(ecosystem, text, "1"), None, "{text}");
    }
}

/// `constraint: versions that keep it | versions that do not`.
fn admits(dialect: Dialect, rows: &[&str]) {
    for row in rows {
        let (constraint, versions) = row.split_once(": ").unwrap();
        let (kept, broken) = versions.split_once(" | ").unwrap();
        for (versions, expected) in [(kept, true), (broken, false)] {
            for version in versions.split(' ').filter(|version| *version != "-") {
                assert_eq!(
                    constraint::admits(dialect, constraint, version),
                    Some(expected),
                    "{constraint} and {version}"
                );
            }
        }
    }
}

#[test]
fn each_dialect_has_its_constraints() {
    admits(
        Dialect::Python,
        &[
            "==1.0: 1.0 1 1.0.0 1.0+x | 1.0.1 1.0.post1",
            "==1.0.*: 1.0 1.0.5 1.0a1 | 1.1",
            "!=1.*: 2 | 1.5",
            "~=1.4: 1.4 1.9 | 1.3 2.0",
            "~=1.4.2: 1.4.2 1.4.9 | 1.5",
            ">1.0: 1.1 1.0.1 | 1.0 1.0.post1 1.0+x",
            ">1.0rc1: 1.0 1.0.post1 | 1.0rc1.post1",
            "<1.0.post1: 1.0 1.0rc1 | 1.0.post1.dev0",
            ">1.0.dev0: 1.0.post1 | 1.0.dev0",
            "<2: 1.9 | 2 2.0a1",
            ">=1,<2: 1.5 | 0.9 2",
            "===1.0: 1.0 | 1.0.0",
            ": 1 | -",
            ">=1!1: 1!2 | 5",
        ],
    );
    admits(
        Dialect::Poetry,
        &[
            "^1.2: 1.2 1.9 | 1.1 2.0 2.0a1",
            "^0.2.3: 0.2.9 | 0.3",
            "~1.2: 1.2.9 | 1.3",
            "1.*: 1.9 | 2",
            "*: 1 | -",
            ">=1,<2 || >=3: 1.5 3 | 2.5",
            "1.2.3: 1.2.3 | 1.2.4",
        ],
    );
    admits(
        Dialect::Npm,
        &[
            "^1.2.3: 1.2.3 1.9.0 | 1.2.2 2.0.0 2.0.0-rc.1",
            "^0.2.3: 0.2.9 | 0.3.0",
            "^0.0.3: 0.0.3 | 0.0.4",
            "~1.2: 1.2.9 | 1.3.0",
            "1.x: 1.9.0 | 2.0.0",
            "1.2: 1.2.7 | 1.3.0",
            ">=1.0.0 <2.0.0: 1.5.0 | 2.0.0",
            "1.0.0 - 2.0: 2.0.9 | 2.1.0",
            "^1 || ^3: 1.1.0 3.4.0 | 2.0.0",
            ">= 1.2: 1.2.0 | 1.1.0",
            "*: 9.9.9 | -",
            ">1.2: 1.3.0 | 1.2.9",
            "<=1.2: 1.2.9 | 1.3.0",
            "=1.0.0: 1.0.0 | 1.0.1",
            "^1.0.0: 1.5.0 | 1.5.0-beta.1 1.0.0-rc.1",
            "^1.2.3-beta.2: 1.2.3-beta.4 1.3.0 | 1.2.3-beta.1 1.2.4-beta.2",
            "^1.0.0 || >=2.0.0-rc: 2.0.0-rc.1 | 2.0.1-rc.1",
            ">1.2: 1.3.0 | 1.3.0-beta",
            "1.x: 1.0.0+build | 1.1.0-0",
            "*: 1.0.0-rc.1 | -",
        ],
    );
    admits(
        Dialect::Cargo,
        &[
            "1.2: 1.2.0 1.9.0 | 2.0.0",
            "0.3: 0.3.9 | 0.4.0",
            "=1.0.1: 1.0.1 | 1.0.2",
            ">=1, <1.5: 1.4.0 | 1.5.0",
            "~1.2.3: 1.2.9 | 1.3.0",
            "1.*: 1.4.0 | 2.0.0",
            "1.0: 1.1.0 | 1.1.0-alpha.1",
            "1.0.0-rc.1: 1.0.0-rc.2 1.0.0 1.4.0 | 1.4.0-rc.1",
        ],
    );
    admits(
        Dialect::Gem,
        &[
            "~> 1.2: 1.2 1.9 | 2.0 1.1",
            "~> 1.2.3: 1.2.9 | 1.3",
            ">= 1.0, < 2: 1.5 | 2.0",
            "1.0: 1.0 | 1.0.1",
            "!= 1.5: 1.4 | 1.5",
        ],
    );
    admits(
        Dialect::Composer,
        &[
            "^1.2: 1.9 v1.2.0 | 2.0",
            "~1.2: 1.9 | 2.0",
            "~1.2.3: 1.2.9 | 1.3",
            "1.0.*: 1.0.9 | 1.1",
            ">=1.0 <2.0: 1.5 | 2.0",
            "1.0|2.0: 1.0 2.0 | 1.5",
            "1.0 - 2.0: 2.0.5 1.0.0-RC1 | 2.1",
            "1.0 - 2.0-beta: 2.0.0-beta | 2.0",
            "^1.0: 1.0.0-beta2 1.0.0-RC2 | 0.9.9 2.0.0-dev",
            "^1.0@RC: 1.0.0-RC2 | -",
            "~1.0@beta: 1.0.0-beta1 | 2.0.0-beta1",
            "1.0.*@beta: 1.0.0-beta1 | 1.1.0-beta1",
            "^1.0.0-beta3: 1.0.0-beta4 | 1.0.0-beta2",
            ">=1.0@beta: 1.0.0-beta2 | 1.0.0-alpha2",
            ">=1.0-stable: 1.0.0 | 1.0.0-RC1",
            "<2.0: 1.9 | 2.0.0-beta1",
            "^1.2@dev: 1.2.x-dev 1.x-dev | 1.1.x-dev 2.x-dev",
            "1.x-dev#0123456: 1.x-dev | 1.2.x-dev",
            "<>1.0: 1.1 | 1.0",
            "1.0 as 2.0: 1.0.0 | 2.0",
        ],
    );
    admits(
        Dialect::Hex,
        &[
            "~> 2.1: 2.9.0 | 3.0.0",
            "~> 2.1.2: 2.1.9 | 2.2.0",
            ">= 1.0.0 and < 2.0.0: 1.5.0 | 2.0.0",
            "== 1.0.0 or ~> 2.0: 2.5.0 | 1.5.0",
        ],
    );
}

#[test]
fn what_is_no_constraint_is_not_judged() {
    for (dialect, constraint) in [
        (Dialect::Npm, "latest"),
        (Dialect::Composer, "dev-main"),
        (Dialect::Npm, "github:a/b"),
        (Dialect::Python, "=1"),
    ] {
        assert_eq!(constraint::admits(dialect, constraint, "1.0.0"), None, "{constraint}");
    }
}

proptest! {
    #[test]
    fn no_version_and_no_constraint_is_too_odd(left in "[0-9a-z.+!*vxX<>=~^|, -]{0,16}", right in "[0-9a-z.+!-]{0,12}") {
        for ecosystem in [Ecosystem::PyPI, Ecosystem::Npm, Ecosystem::RubyGems, Ecosystem::Packagist] {
            let order = compare(ecosystem, &left, &right);
            prop_assert_eq!(order.map(Ordering::reverse), compare(ecosystem, &right, &left));
        }
        for dialect in [Dialect::Python, Dialect::Poetry, Dialect::Npm, Dialect::Cargo, Dialect::Gem, Dialect::Composer, Dialect::Hex] {
            let _ = constraint::admits(dialect, &left, &right);
        }
    }
}
