//! `audit`: the twelve factors over the app's files, or over any folder. Starts nothing.

use super::Answer;
use crate::app::problem::{self, Level as Weight, Problem, Source};
use crate::app::procfile::Entry;
use crate::app::settings::Allow;
use crate::app::source::{self, Kind};
use crate::app::{self, Typed, World, procfile};
use crate::cli::{AuditArgs, FailOn, Format};
use crate::error::{Error, Exit};
use crate::factors::baseline::{self, Baseline};
use crate::factors::finding::{Factor, Level, Rule};
use crate::factors::tree::{Look, Part, Refusal};
use crate::factors::{self, Advisories, App, Audit, Ending, Question, show};
use jiff::Zoned;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub fn audit(
    typed: &Typed,
    world: &World,
    args: &AuditArgs,
    [color, talk_color]: [bool; 2],
) -> Result<Answer, Error> {
    let rules = factors::rules();
    let form = if args.json { Format::Json } else { args.format };
    if let Some(name) = &args.explain {
        return Ok(Answer::data(show::explain(rule(&rules, name)?)));
    }
    if args.rules {
        let as_text = form == Format::Text;
        return Ok(Answer::data(if as_text { show::list(&rules) } else { pretty(&show::list_json(&rules)) }));
    }
    let asked = args.factors.iter().map(|word| factor(word)).collect::<Result<Vec<_>, _>>()?;
    let here = match Here::read(typed, world, args, &rules) {
        Ok(here) => here,
        Err(problems) => {
            return Ok(Answer::talk(problem::render(&problems, talk_color), Exit::Usage));
        }
    };
    if args.env_inventory {
        return inventory(&here.look(args)?, form);
    }
    let known =
        args.baseline.as_ref().map(|file| read_baseline(&here.file(world, file.as_deref()))).transpose()?;
    let question = Question {
        factors: asked,
        look: here.look(args)?,
        app: here.app(),
        own: here.is_app.then_some(&*here.root),
        allow: &here.allow,
        baseline: known.as_ref(),
        today: Zoned::now().date(),
        advisories: args
            .db
            .as_ref()
            .map(|folder| Advisories { folder: world.cwd.join(folder), max_age_days: args.db_max_age }),
        fail_on: match args.fail_on {
            _ if args.strict => Some(Level::Warn),
            FailOn::Error => Some(Level::Error),
            FailOn::Warn => Some(Level::Warn),
            FailOn::Never => None,
        },
        strict: args.strict,
    };
    let audit = match &args.from {
        Some(file) => judged(&question, world, file)?,
        None => factors::audit(&question).map_err(refused)?,
    };
    if let Some(file) = &args.write_baseline {
        return write_baseline(&audit, &here.file(world, file.as_deref()));
    }
    Ok(told(&audit, args, form, color, &rules))
}

fn told(audit: &Audit, args: &AuditArgs, form: Format, color: bool, rules: &[&Rule]) -> Answer {
    let mut answer = Answer::ends(match audit.ending {
        Ending::Clean => Exit::Done,
        Ending::Findings => Exit::Failed,
        Ending::Incomplete => Exit::NotRunning,
    });
    answer.data = match form {
        Format::Text if args.audit_suppressions => show::idle(audit),
        Format::Text => show::text(audit, color),
        Format::Json => pretty(&show::json(audit)),
        Format::Sarif => pretty(&show::sarif(audit, rules)),
    }
    .into_bytes();
    if form != Format::Text || args.audit_suppressions {
        answer.talk = show::summary(audit).into_bytes();
    }
    answer
}

/// The names of the environment, instead of an audit.
fn inventory(look: &Look, form: Format) -> Result<Answer, Error> {
    let environment = factors::environment(look).map_err(refused)?;
    let is_whole = environment.unchecked.is_empty();
    let mut answer = Answer::ends(if is_whole { Exit::Done } else { Exit::NotRunning });
    answer.data = match form {
        Format::Text => show::inventory(&environment),
        Format::Json => pretty(&show::inventory_json(&environment)),
        Format::Sarif => {
            return Err(Error::Usage {
                sentence: "an inventory has no form in SARIF: it finds nothing".into(),
                help: "`--json` is the form for programs".into(),
            });
        }
    }
    .into_bytes();
    Ok(answer)
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Where the audit stands.
struct Here {
    /// The app's folder.
    root: PathBuf,
    /// Whether there is an app: a Procfile.
    is_app: bool,
    /// What `--path` names, absolute and as it was typed.
    paths: Vec<(PathBuf, String)>,
    /// The Procfile that is looked at, as findings name it, and what stands in it.
    procfile: Option<(Arc<str>, Vec<Entry>)>,
    allow: Vec<Allow>,
}

impl Here {
    fn read(typed: &Typed, world: &World, args: &AuditArgs, rules: &[&Rule]) -> Result<Self, Vec<Problem>> {
        let root = app::root(typed, world);
        let written =
            typed.procfile.as_ref().map_or_else(|| root.join("Procfile"), |file| world.cwd.join(file));
        let is_app = written.exists();
        let mut here = Self { root, is_app, paths: Vec::new(), procfile: None, allow: Vec::new() };
        let mut problems = Vec::new();
        for path in &args.paths {
            match world.cwd.join(path).canonicalize() {
                Ok(real) => here.paths.push((real, path.display().to_string())),
                Err(error) => {
                    problems.push(Problem::error(format!("cannot look at `{}`: {error}", path.display())));
                }
            }
        }
        // A folder that is named needs no app; what is read from a stream neither.
        if is_app || here.paths.is_empty() && problems.is_empty() && args.from.is_none() {
            let reading = app::load(typed, world);
            if !is_app {
                problems.extend(reading.problems.into_iter().map(|problem| match problem.help {
                    Some(_) => problem.help("`--path .` looks at a folder without a Procfile"),
                    None => problem,
                }));
                return Err(problems);
            }
            // What is wrong in an environment file hinders a start, and says nothing about the files that are looked at.
            let counts = |problem: &Problem| {
                let is_secret = problem.place.as_ref().is_some_and(|place| place.source.secret);
                problem.level == Weight::Error && !is_secret
            };
            problems.extend(reading.problems.into_iter().filter(counts));
            problems.extend(reading.allow.iter().filter_map(|allow| unknown(allow, rules)));
            here.allow = reading.allow;
            if here.paths.is_empty() {
                let real = written.canonicalize().unwrap_or(written);
                let name = real.strip_prefix(&here.root).unwrap_or(&real).display().to_string();
                here.procfile = Some((name.into(), reading.entries));
            }
        }
        if let ([(folder, _)], None) = (&here.paths[..], &here.procfile) {
            here.procfile = here.procfile_of(folder);
        }
        if problems.is_empty() { Ok(here) } else { Err(problems) }
    }

    /// A folder that is named may be an app of its own.
    fn procfile_of(&self, folder: &Path) -> Option<(Arc<str>, Vec<Entry>)> {
        let text: Arc<Source> = source::read(&folder.join("Procfile"), "Procfile", Kind::Text).ok()?;
        let (entries, _) = procfile::parse(&text);
        let name = match self.name_of(folder).as_str() {
            "" => "Procfile".to_owned(),
            name => format!("{name}/Procfile"),
        };
        Some((name.into(), entries))
    }

    fn app(&self) -> Option<App<'_>> {
        let (procfile, entries) = self.procfile.as_ref()?;
        let root = self.paths.first().map_or(&self.root, |(path, _)| path);
        Some(App { root, procfile: Arc::clone(procfile), entries })
    }

    fn look(&self, args: &AuditArgs) -> Result<Look, Error> {
        let part = match (args.staged, &args.since) {
            (true, _) => Part::Staged,
            (false, Some(revision)) => Part::Since(revision.clone()),
            (false, None) => Part::All,
        };
        let is_file = self.paths.iter().find(|(path, _)| path.is_file());
        if let (Some((_, typed)), true) = (is_file, part != Part::All) {
            return Err(Error::Usage {
                sentence: format!("`{typed}` is a file: `--staged` and `--since` look at folders"),
                help: "name its folder".into(),
            });
        }
        let mut roots: Vec<(PathBuf, String)> = if self.paths.is_empty() {
            vec![(self.root.clone(), String::new())]
        } else {
            self.paths.iter().map(|(path, _)| (path.clone(), self.name_of(path))).collect()
        };
        // What lies in another that is named is looked at there.
        let all = roots.clone();
        roots.retain(|(path, _)| !all.iter().any(|(other, _)| path != other && path.starts_with(other)));
        roots.sort();
        roots.dedup_by(|one, other| one.0 == other.0);
        Ok(Look { roots, ignored_too: args.no_ignore, part })
    }

    /// What its files' names begin with: the way from the app's folder, where it is in there; nothing for the one
    /// folder that is named; and otherwise what was typed.
    fn name_of(&self, path: &Path) -> String {
        if let (true, Ok(inside)) = (self.is_app, path.strip_prefix(&self.root)) {
            return inside.display().to_string();
        }
        match &self.paths[..] {
            [_] if path.is_dir() => String::new(),
            paths => {
                let typed = paths.iter().find(|(real, _)| real == path).map_or("", |(_, typed)| typed);
                typed.trim_start_matches("./").trim_end_matches('/').to_owned()
            }
        }
    }

    /// A baseline's file; not named, it lies beside the Procfile.
    fn file(&self, world: &World, named: Option<&Path>) -> PathBuf {
        named.map_or_else(|| self.root.join(baseline::FILE), |named| world.cwd.join(named))
    }
}

/// A rule that is allowed and does not exist lets nothing pass, and nobody would see why.
fn unknown(allow: &Allow, rules: &[&Rule]) -> Option<Problem> {
    let written = &allow.rule.value;
    if rules.iter().any(|rule| factors::suppress::is_for(written, rule.id)) {
        return None;
    }
    let problem = Problem::error(format!("there is no rule `{written}`"));
    let problem = problem.did_you_mean(written, rules.iter().map(|rule| rule.id));
    Some(problem.at(allow.rule.place.clone()))
}

fn rule<'a>(rules: &[&'a Rule], name: &str) -> Result<&'a Rule, Error> {
    let found = rules.iter().find(|rule| rule.id == name).copied();
    found.ok_or_else(|| Error::Usage {
        sentence: format!("there is no rule `{name}`"),
        help: near(name, rules.iter().map(|rule| rule.id), "`audit --rules` lists them"),
    })
}

fn factor(word: &str) -> Result<Factor, Error> {
    Factor::find(word).ok_or_else(|| Error::Usage {
        sentence: format!("`{word}` is no factor"),
        help: near(
            word,
            Factor::ALL.iter().map(|factor| factor.name()),
            "I to XII, or codebase, deps, config, services, release, stateless, port, processes, shutdown, parity, logs, admin, health; a folder is named by --path",
        ),
    })
}

fn near<'a>(word: &str, names: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    match problem::did_you_mean(word, names).first() {
        Some(name) => format!("did you mean `{name}`?"),
        None => otherwise.to_owned(),
    }
}

fn refused(refusal: Refusal) -> Error {
    Error::Usage { sentence: refusal.sentence, help: refusal.help.into() }
}

/// Judges a stream, which is all that is looked at then.
fn judged(question: &Question, world: &World, file: &Path) -> Result<Audit, Error> {
    if question.factors != [Factor::Logs] {
        return Err(Error::Usage {
            sentence: "`--from` is for what an app has logged".into(),
            help: format!("write `twelve-run audit logs --from {}`", file.display()),
        });
    }
    let is_input = file == Path::new("-");
    let name: Arc<str> = if is_input { "<stdin>".into() } else { file.display().to_string().into() };
    let unreadable = |cause: io::Error| Error::Usage {
        sentence: format!("cannot read `{}`: {cause}", file.display()),
        help: "name a file that the app's output was written to, or `-`".into(),
    };
    let from: Box<dyn BufRead> = if is_input {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(world.cwd.join(file)).map_err(unreadable)?))
    };
    let (report, lines) = factors::stream(from, &name).map_err(unreadable)?;
    Ok(factors::conclude_stream(question, report, lines))
}

fn read_baseline(path: &Path) -> Result<Baseline, Error> {
    let wrong = |sentence: String| Error::Usage {
        sentence: format!("cannot use the baseline `{}`: {sentence}", path.display()),
        help: "`twelve-run audit --write-baseline` writes one".into(),
    };
    let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    Baseline::read(&text).map_err(wrong)
}

/// Keeps the key of the file that is there, so that only what has changed changes in it.
fn write_baseline(audit: &Audit, path: &Path) -> Result<Answer, Error> {
    let before = if path.exists() { read_baseline(path)? } else { Baseline::new(random_key()?) };
    let write = |cause| Error::Write { path: path.to_owned(), cause };
    fs::write(path, before.write(&audit.found)).map_err(write)?;
    let told = format!("{} written to `{}`\n", factors::count(audit.found.len(), "finding"), path.display());
    Ok(Answer::talk(told + &show::summary(audit), Exit::Done))
}

fn random_key() -> Result<[u8; 32], Error> {
    let mut key = [0; 32];
    let read = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut key));
    read.map_err(|cause| Error::Setup { doing: "get random bytes", cause })?;
    Ok(key)
}
