# /// script
# dependencies = ["packaging==26.4", "pip-requirements-parser==32.0.1"]
# ///
"""Asks Python's own readers what a requirement line is, and compares with us.

    requirements-oracle.py generate [COUNT] [SEED]    one case a line, as JSON: {"text": …, "expected": […]}
    requirements-oracle.py compare READER [COUNT] [SEED]

READER is a program that takes the path of a file with one JSON string a line and prints, for each, a JSON array
of {"verdict", "name", "editable", "marker", "hashes"}. The expected answers come from pip-requirements-parser (which
is pip's reader) and packaging. Differences that are meant are in `INTENDED`, each with its reason; any other fails.
"""

import json
import random
import subprocess
import sys
import tempfile

from packaging.utils import canonicalize_name
from pip_requirements_parser import EditableRequirement, RequirementsFile

NAMES = ["flask", "Flask_SQLAlchemy", "zope.interface", "a", "A1", "x-y_z.w", "backports.zoneinfo", "-bad", "bad-", "é", "3to2"]
VERSIONS = ["1", "1.0", "2.0.15", "1!2.3", "1.0a1", "1.0.post1", "1.0.dev3", "1.0+local.1", "1.0rc", "v1.2", "1.*", "1.0.*", "1.0a1.*", "1..2", "", "1.0-1", "latest", "1.0_beta-2", "2024.01.01", "1.0.dev", "1.0alpha.post.dev"]
OPERATORS = ["==", "===", ">=", "<=", "~=", "!=", "<", ">", "=", "=>", ""]
EXTRAS = ["", "", "", "[dev]", "[a,b]", "[ a , b ]", "[]", "[a,]", "[a b]", "[", "[é]"]
MARKERS = [
    "", "", "", "; python_version == '3.8'", ';python_version<"3.9"', "; sys_platform == 'win32' and extra == 'x'",
    "; (os_name == 'nt' or platform_machine in 'x86 arm') and python_full_version >= '3.8.1'",
    "; python_version not in '2.7 3.0'", "; bogus == '1'", "; python_version", "; python_version == 3.8", ";", "; 'a' == 'b'",
    "; python_version == '3.8' and", "; ((os_name == 'nt'))", "; python_version=='3.8'or os_name=='nt'",
]
SHA = "3f786850e387550fdab836ed7e6dc881de23001b"
DIGEST = "a" * 64
URLS = [
    "https://example.com/pkg-1.0.tar.gz", f"https://example.com/pkg-1.0.tar.gz#sha256={DIGEST}",
    "https://example.com/pkg-1.0-py3-none-any.whl", "https://example.com/pkg.whl", "http://example.com/x.zip#egg=pkg",
    "git+https://github.com/o/r.git", f"git+https://github.com/o/r.git@{SHA}", f"git+https://github.com/o/r.git@{SHA}#egg=r",
    "git+ssh://git@github.com/o/r.git@v1.0#egg=r", "hg+http://example.com/r@tip#egg=r", "svn+http://example.com/r@123#egg=r",
    "file:///tmp/pkg-1.0.tar.gz", "file:./pkg", "ftp://example.com/a.tgz", "git://example.com/r.git#egg=r&subdirectory=x",
    "https://u:p@example.com/pkg-1.0.zip", "https://example.com/a.zip#egg=bad name", "https://example.com/${T}/a.zip",
    "git+https://github.com/o/r.git@main#egg=r[extra]",
]
PATHS = ["./pkg", "../pkg", ".", "pkg/sub", "/abs/pkg", "./pkg-1.0-py3-none-any.whl", "pkg-1.0.tar.gz", "pkg-1.0-py3-none-any.whl", "./pkg[extra]", "bad.whl", "a/b==1"]
OPTIONS = [
    "-r other.txt", "--requirement=other.txt", "-rother.txt", "-c c.txt", "--constraint c.txt", "-i https://example.com/simple",
    "--index-url https://example.com", "--extra-index-url=https://example.com", "--no-index", "-f ./wheels", "--find-links=x",
    "--pre", "--prefer-binary", "--require-hashes", "--trusted-host example.com", "--no-binary :all:", "--only-binary=:none:",
    "--use-feature=fast-deps", "--unknown", "-x", "--no-index=1", "-r", "--index-url", "-i 'unclosed", "--req other.txt", "--no", "--allow-external x", "--always-unzip", "-Z", "--no-use-wheel", "--process-dependency-links",
    "--use-wheel", "--allow-all-external",
]
HASHES = ["", "", "", f" --hash=sha256:{DIGEST}", f" --hash sha512:{DIGEST}", f" --hash=sha256:{DIGEST} --hash=sha256:{DIGEST}", " --hash=md5:abc", " --hash=sha256", " --hash=bogus:1"]
TAILS = ["", "", "", " # comment", "  #", "#no comment", "\t# tab", " \\", "\\"]


def requirement(rng):
    text = rng.choice(NAMES) + rng.choice(["", "", " "]) + rng.choice(EXTRAS) + rng.choice(["", "", " "])
    terms = []
    for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 2, 3])):
        terms.append(rng.choice(OPERATORS) + rng.choice(["", "", " "]) + rng.choice(VERSIONS))
    text += rng.choice([",", ",", ", ", " , ", " "]).join(terms)
    if terms and rng.random() < 0.1:
        text = text + rng.choice([",", ")", " extra"])
    if rng.random() < 0.05:
        name = rng.choice(NAMES)
        text = f"{name} ({','.join(terms)})"
    return text


def line(rng):
    kind = rng.random()
    if kind < 0.6:
        body = requirement(rng) + rng.choice(MARKERS) + rng.choice(HASHES)
    elif kind < 0.7:
        body = rng.choice(NAMES) + rng.choice([" @ ", "@", "@ ", " @"]) + rng.choice(URLS + PATHS) + rng.choice(["", " "]) + rng.choice(MARKERS)
    elif kind < 0.78:
        body = rng.choice(URLS) + rng.choice(["", " "]) + rng.choice(MARKERS) + rng.choice(HASHES)
    elif kind < 0.84:
        body = rng.choice(PATHS) + rng.choice(["", " "]) + rng.choice(MARKERS)
    elif kind < 0.92:
        body = rng.choice(["-e ", "--editable ", "--editable=", "-e"]) + rng.choice(URLS + PATHS + NAMES)
    else:
        body = rng.choice(OPTIONS)
    body = rng.choice(["", "", "", " ", "\t"]) + body + rng.choice(TAILS)
    if rng.random() < 0.05 and " " in body.strip():
        at = body.index(" ", len(body) - len(body.lstrip()))
        body = body[:at] + " \\\n    " + body[at + 1:]
    return body


def text(rng):
    ends = rng.choice(["\n", "\n", "\r\n"])
    return ends.join(line(rng) for _ in range(rng.choice([1, 1, 1, 2]))) + rng.choice(["", ends])


def expected(text):
    """The requirements and invalid lines that pip's reader finds, by line."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", newline="") as file:
        file.write(text)
        file.flush()
        read = RequirementsFile.from_file(file.name)
    found = []
    for one in read.requirements:
        if one.link:
            kind = "url"
        elif one.is_pinned:
            kind = "pinned"
        else:
            kind = "unpinned"
        found.append((one.line_number, {
            "kind": kind,
            "name": canonicalize_name(one.name) if one.name else None,
            "editable": isinstance(one, EditableRequirement),
            "marker": one.marker is not None,
            "hashes": len(one.hash_options or []),
        }))
    # A line may be refused for several reasons; once is enough.
    for one in {one.line_number: one for one in read.invalid_lines}.values():
        found.append((one.line_number, {"kind": "invalid", "message": one.error_message}))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


KINDS = {"exact": "pinned", "wildcard": "pinned", "range": "unpinned", "unpinned": "unpinned", "invalid": "invalid"}


def ours(answer):
    found = []
    for one in answer:
        if one["verdict"] == "option":
            continue
        if one["verdict"] == "invalid":
            found.append({"kind": "invalid", "message": one["why"]})
            continue
        found.append({"kind": KINDS.get(one["verdict"], "url"), "name": one["name"], "editable": one["editable"],
                      "marker": one["marker"], "hashes": one["hashes"]})
    return found


def bare(item):
    return {key: value for key, value in item.items() if key != "message"}


# What we say differently, and why. Each is asked with the text, what pip's reader says, and what we say.
INTENDED = [
    ("several comparisons with an exact one among them name one version",
     lambda text, theirs, mine: theirs["kind"] == "unpinned" and mine["kind"] == "pinned" and "," in text and "==" in text),
    ("a hash names one content, even where pip still wants `==`",
     lambda text, theirs, mine: theirs["kind"] == "unpinned" and mine["kind"] == "pinned" and mine["hashes"] > 0),
    ("a path with a hash names one content",
     lambda text, theirs, mine: theirs["kind"] == "url" and mine["kind"] == "pinned" and mine["hashes"] > 0),
    ("pip itself takes SHA-2 digests with a value only; its reader here does not look",
     lambda text, theirs, mine: mine["kind"] == "invalid" and ("digest" in mine["message"] or "sha256:" in mine["message"])),
    ("`name @ git://…` is a direct reference (PEP 508), which this reader takes for a path",
     lambda text, theirs, mine: "@" in text and "git://" in text and (theirs["kind"], theirs["name"]) == ("url", "r")),
    ("a bare git:// URL ends, and its marker begins, as any other URL's",
     lambda text, theirs, mine: "git://" in text and {**bare(theirs), "marker": mine.get("marker")} == bare(mine)),
    ("a wheel's file name has no spaces and does not begin with a dot",
     lambda text, theirs, mine: mine["kind"] == "invalid" and theirs["kind"] == "url" and "@ " in text and ".whl" in text),
    ("a version out of the environment is not pinned, where pip fills it in and this reader does not",
     lambda text, theirs, mine: theirs["kind"] == "invalid" and "${" in text),
]


def intended(text, theirs, mine):
    pairs = list(zip(theirs, mine))
    if len(theirs) != len(mine):
        return None
    different = [(left, right) for left, right in pairs if bare(left) != bare(right)]
    reasons = [next((why for why, test in INTENDED if test(text, left, right)), None) for left, right in different]
    return None if None in reasons else "; ".join(sorted(set(reasons)))


def cases(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        one = text(rng)
        try:
            yield one, expected(one)
        except Exception as error:  # The reference itself fell over; there is nothing to compare with.
            yield one, {"fell": repr(error)}


def main():
    verb = sys.argv[1]
    rest = sys.argv[2 + (verb == "compare"):]
    count, seed = int(rest[0]) if rest else 6000, int(rest[1]) if len(rest) > 1 else 12
    all_cases = list(cases(count, seed))
    if verb == "generate":
        for one, answer in all_cases:
            print(json.dumps({"text": one, "expected": answer}))
        return 0
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("".join(json.dumps(one) + "\n" for one, _ in all_cases))
        file.flush()
        answers = subprocess.run([*sys.argv[2].split(), file.name], check=True, capture_output=True, text=True).stdout
    same = fell = 0
    meant, wrong = {}, []
    for (one, theirs), answer in zip(all_cases, answers.splitlines(), strict=True):
        mine = ours(json.loads(answer))
        if isinstance(theirs, dict):
            fell += 1
        elif [bare(item) for item in theirs] == [bare(item) for item in mine]:
            same += 1
        elif reason := intended(one, theirs, mine):
            meant[reason] = meant.get(reason, 0) + 1
        else:
            wrong.append((one, theirs, mine))
    print(json.dumps({"cases": count, "same": same, "intended": meant, "reference_fell": fell, "wrong": len(wrong)}, indent=1))
    for one, theirs, mine in wrong[:40]:
        print(json.dumps(one), "\n   pip ", theirs, "\n   ours", mine)
    return 1 if wrong else 0


sys.exit(main())
