//! `start`: reads the app, puts a guardian in front, and runs the formation.

use super::{Answer, color, dry_run, talk_now, world};
use crate::app::plan::{LogFormat, Plan};
use crate::app::problem::Problem;
use crate::app::{self, Typed, World, problem, settings};
use crate::cli::StartArgs;
use crate::control::client::Client;
use crate::control::place::{self, Claim, Lock};
use crate::driver::{Reload, Site, Start};
use crate::error::{Error, Exit};
use crate::output::logfile::LogFile;
use crate::output::{Destination, Format, Lines, Look, Shape, screen};
use crate::sys::detach::{Side, Told, Word};
use crate::sys::listen::Held;
use crate::{driver, sys};
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

/// The file that a formation in the background writes to, its size, and how many older ones are kept.
const LOG: (&str, u64, usize) = ("twelve-run.log", 10 * 1024 * 1024, 5);
/// What twelve-run itself has to say in the background.
const ERRORS: &str = "errors.log";
/// Lines of the log that are shown when a start in the background has failed.
const LAST_LINES: usize = 20;

pub fn start(typed: &Typed, args: &StartArgs, colored: bool) -> Result<Answer, Error> {
    let world = world()?;
    let reading = app::load(typed, &world);
    talk_now(problem::render(&problem::serious(&reading.problems), colored).as_bytes());
    let Some(plan) = &reading.plan else { return Ok(Answer::ends(Exit::Usage)) };
    if args.dry_run {
        return Ok(Answer::data(dry_run::dry_run(&reading, plan, args.json)));
    }
    enough_fds(plan)?;
    let lock = lock(&plan.root)?;
    talk_now(problem::render(&busy_ports(plan), colored).as_bytes());
    let doors = Doors::open(plan, args)?;
    if args.detach {
        return in_background(plan, lock, args, doors, reload(typed, world));
    }
    if lock.is_none() {
        talk_now(problem::render(&[unreachable()], colored).as_bytes());
    }
    let stdout = io::stdout().as_fd().try_clone_to_owned().map_err(setup("use standard output"))?;
    let show = (Destination::Fd(stdout), lines(plan, look(plan)));
    let Doors { held, site } = doors;
    run(plan, Start { show, lock, up: None, wait_ready: false, held, site, reload: reload(typed, world) })
}

fn run(plan: &Plan, start: Start) -> Result<Answer, Error> {
    let charge = sys::guardian::guard(longest_grace(plan)).map_err(setup("put a guardian in front"))?;
    Ok(Answer::ends(Exit::Of(driver::start(plan.clone(), &charge, start)?)))
}

/// Sockets that are bound before anything is started, so that a busy one is an error at once.
struct Doors {
    held: Held,
    site: Option<Site>,
}

impl Doors {
    fn open(plan: &Plan, args: &StartArgs) -> Result<Self, Error> {
        let addresses: Vec<SocketAddr> = plan.types.iter().flat_map(|kind| kind.listen.clone()).collect();
        let busy = |sentence: String| Error::Usage {
            sentence,
            help: "stop who holds it, or name another address".into(),
        };
        let held = Held::open(&addresses).map_err(|refused| busy(refused.to_string()))?;
        let asked = args.http.as_deref().map(http_address).transpose()?.or(plan.http);
        let site = asked.map(|address| {
            let listener = TcpListener::bind(address)
                .map_err(|cause| busy(format!("cannot listen at {address}: {cause}")))?;
            Ok(Site { listener, token: token().map_err(setup("make a token"))? })
        });
        Ok(Self { held, site: site.transpose()? })
    }
}

/// `127.0.0.1:5555`, or a port alone, which is one of 127.0.0.1.
fn http_address(text: &str) -> Result<SocketAddr, Error> {
    let port = text.parse::<u16>().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    port.or_else(|| text.parse().ok()).ok_or_else(|| Error::Usage {
        sentence: format!("`{text}` is no address to listen at"),
        help: "write `127.0.0.1:5555`, or a port alone".into(),
    })
}

/// What opens the details; new at each start.
fn token() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// The same files, read in the same world as at the start.
fn reload(typed: &Typed, world: World) -> Reload {
    let typed = typed.clone();
    Box::new(move || {
        let reading = app::load(&typed, &world);
        reading.plan.ok_or_else(|| problem::render(&problem::serious(&reading.problems), false))
    })
}

fn setup(doing: &'static str) -> impl Fn(io::Error) -> Error {
    move |cause| Error::Setup { doing, cause }
}

/// Forks once more: the one in front waits until everything is up, the one behind runs on.
fn in_background(
    plan: &Plan,
    lock: Option<Lock>,
    args: &StartArgs,
    Doors { held, site }: Doors,
    reload: Reload,
) -> Result<Answer, Error> {
    let within = settings::duration(&args.wait_timeout)
        .map_err(|sentence| Error::Usage { sentence, help: "`--wait-timeout` is a time: `60s`".into() })?;
    let lock = lock.ok_or_else(|| Error::Usage {
        sentence: "there is no folder for the logs of a formation in the background".into(),
        help: "make the app's folder or $XDG_RUNTIME_DIR writable, or start it in front".into(),
    })?;
    let logs = lock.folder().join("logs");
    let unwritable = |name: &str, cause: io::Error| Error::Usage {
        sentence: format!("`{}` cannot be written: {cause}", logs.join(name).display()),
        help:
            "the output of a formation in the background goes there; make it writable, or start it in front"
                .into(),
    };
    let (name, most, keep) = LOG;
    let file = LogFile::open(&logs, name, most, keep).map_err(|cause| unwritable(name, cause))?;
    let before = [LOG.0, ERRORS].map(|name| (name, length(&logs.join(name))));
    match sys::detach::detach(&logs.join(ERRORS)).map_err(setup("go into the background"))? {
        Side::Front(front) => match front.wait(within) {
            Word::Told(Told::Up) => {
                let text = format!(
                    "running in the background (pid {}); `twelve-run logs -f` shows it, `down` stops it\n",
                    front.pid()
                );
                Ok(Answer::talk(text, Exit::Done))
            }
            Word::Told(Told::Lost) => {
                let mut text = last_lines(&logs, before);
                text.extend(
                    b"not everything came up; the rest runs on: `twelve-run ps` shows it, `down` stops it\n",
                );
                Ok(Answer::talk(text, Exit::Failed))
            }
            Word::Ended(code) => Ok(Answer::talk(last_lines(&logs, before), Exit::Of(code))),
            Word::Late => Err(Error::TimedOut {
                what: "not everything is up; it runs on, but was not up".into(),
                within,
            }),
        },
        Side::Back(up) => {
            lock.sign().map_err(setup("sign the lock"))?;
            let plain = Look { color: false, terminal: false, ..look(plan) };
            let (show, wait_ready) = ((Destination::File(file), lines(plan, plain)), args.wait_ready);
            run(plan, Start { show, lock: Some(lock), up: Some(up), wait_ready, held, site, reload })
        }
    }
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |data| data.len())
}

/// The end of what a formation in the background had to say, behind what others had said `before` it.
fn last_lines(logs: &Path, before: [(&str, u64); 2]) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, before) in before {
        let all = std::fs::read(logs.join(name)).unwrap_or_default();
        // A shorter one has been begun since.
        let new = usize::try_from(before).ok().and_then(|before| all.get(before..)).unwrap_or(&all);
        let lines: Vec<&[u8]> = new.split_inclusive(|byte| *byte == b'\n').collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        text.extend(last.iter().flat_map(|line| screen::safe(line)));
    }
    text
}

/// One formation a folder. The lock is taken before the fork, so that the guardian holds it as well.
fn lock(root: &Path) -> Result<Option<Lock>, Error> {
    match place::claim(root)? {
        Claim::Ours(lock) => Ok(Some(lock)),
        Claim::Nowhere => Ok(None),
        Claim::Theirs(holder, folder) => {
            // Who has the lock and listens no more is being stopped, or swept up after.
            let socket = place::socket_in(&folder);
            let stopping = Client::connect(root, Some(&socket)).is_err();
            Err(Error::AlreadyRunning { holder, socket, stopping })
        }
    }
}

fn unreachable() -> Problem {
    Problem::warning("no folder for the control socket can be written; `ps`, `scale` and the like cannot reach this formation")
        .help("make the app's folder or $XDG_RUNTIME_DIR writable")
}

/// What becomes of lines that look like this.
fn lines(plan: &Plan, look: Look) -> Lines {
    let shape = match plan.view.format {
        LogFormat::Text => Shape::Text,
        LogFormat::Raw => Shape::Raw,
        LogFormat::Json => Shape::Events(Format::Json),
        LogFormat::Logfmt => Shape::Events(Format::Logfmt),
    };
    let release = plan.environment.get("RELEASE_VERSION").or_else(|| plan.environment.get("RELEASE_ID"));
    let release = release.map(|id| id.to_string_lossy().into_owned());
    Lines { look, shape, release }
}

/// How the plan's view looks on the standard output that we have.
fn look(plan: &Plan) -> Look {
    let terminal = io::stdout().is_terminal();
    Look {
        color: color(plan.view.color, terminal),
        timestamp: plan.view.timestamp,
        prefix: plan.view.prefix,
        terminal,
        width: width(plan),
    }
}

/// foreman's: at least 6, else the longest name with a dot and the digits of its count.
fn width(plan: &Plan) -> usize {
    let widest = plan
        .types
        .iter()
        .filter(|kind| kind.count > 0 || kind.name != "release")
        .map(|kind| kind.name.len() + 1 + kind.count.max(1).to_string().len());
    widest.max().unwrap_or(0).max("system".len())
}

fn longest_grace(plan: &Plan) -> Duration {
    plan.types.iter().map(|kind| kind.rules.grace).max().unwrap_or_default()
}

/// A port that somebody holds is named, never moved: the process may not use it, or its holder may leave.
fn busy_ports(plan: &Plan) -> Vec<Problem> {
    let instances = plan.types().flat_map(|(id, kind)| (1..=kind.count).map(move |index| (id, index)));
    let ports: Vec<_> =
        instances.filter_map(|(id, index)| Some((plan.port(id, index)?, plan.name(id, index)))).collect();
    let holders = sys::ports::holders(&ports.iter().map(|(port, _)| *port).collect::<Vec<_>>());
    let busy = ports.iter().filter_map(|(port, name)| Some((port, name, holders.get(port)?)));
    busy.map(|(port, name, holder)| {
        let pid = holder.pid.map_or_else(String::new, |pid| format!("pid {pid} "));
        Problem::warning(format!("port {port} of `{name}` is held by {pid}({})", holder.name))
            .help("stop it, or choose another first port with `-p`")
    })
    .collect()
}

fn enough_fds(plan: &Plan) -> Result<(), Error> {
    let asked: u64 = plan.types.iter().map(|kind| u64::from(kind.count)).sum();
    match sys::entry::most_processes() {
        Some(most) if asked > most => Err(Error::TooManyProcesses { asked, most }),
        _ => Ok(()),
    }
}
