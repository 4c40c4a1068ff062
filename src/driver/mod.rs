//! The one loop: wait for a fact, hand it to the supervisor, carry out its orders.
//!
//! Everything that can happen arrives here as an [`Event`]; everything that is done is an [`Action`]
//! carried out here. The driver decides nothing: it knows how, the supervisor knows what. It is also
//! the only one that spawns and reaps, always on the main thread.
#![forbid(unsafe_code)]

mod ask;
mod audience;
mod board;
mod events;
mod files;
mod greet;
mod health;
mod launch;
mod manager;
mod notice;
mod reload;
mod secrets;
mod tell;

use crate::app::plan::{Plan, TypeId};
use crate::control::place::Lock;
use crate::control::{Control, Heard};
use crate::error::Error;
use crate::output::archive::{Archive, Limits};
use crate::output::structured::redact::Redactor;
use crate::output::{Destination, Lines, Output, Report};
use crate::probe::{Answered, Prober};
use crate::supervisor::{
    Action, Ask, Count, Event, Id, Outcome, RequestId, Signal, Status, Supervisor, Target,
};
use crate::sys::listen::Held;
use crate::sys::notify::Manager;
use crate::sys::processes::{Processes, Streams, Waker};
use crate::sys::signals::{Pulse, Seen, Signals};
use crate::sys::terminal;
use crate::sys::{Charge, entry, fail, memory};
use crate::watch::{News, Watcher};
use ask::Pending;
use board::Shown;
pub use board::Site;
use crossbeam_channel::{Receiver, Sender, unbounded};
use greet::{Front, Waits};
use health::Exam;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ffi::OsString;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What other threads may have told that was not heard yet: far more than the kinds of things that are told.
const MOST_TOLD: usize = 65_536;
/// Waking this much later than asked means that we, or the machine, slept (FAULTS A9).
const SLEPT: Duration = Duration::from_secs(2);
/// While a probe is out that others ask, we look this often whether we slept: its answer may be a matter of that.
const LOOK: Duration = Duration::from_secs(1);
/// What our own output may take before we suspend ourselves, or somebody reads it.
const FLUSH: Duration = Duration::from_millis(500);

/// What `start` hands over.
pub struct Start {
    /// Where lines go, and how they look.
    pub show: (Destination, Lines),
    /// With it the formation can be talked to, at the lock's control socket.
    pub lock: Option<Lock>,
    /// Written to and closed once everything has been started, or never will be;
    pub up: Option<OwnedFd>,
    /// or is ready, if that is wanted.
    pub wait_ready: bool,
    /// Sockets that processes are given; they stay open as long as the formation runs.
    pub held: Held,
    /// Where health and metrics are served, if that is wanted.
    pub site: Option<Site>,
    /// Reads the app's files anew. The error is what is wrong with them, as people read it.
    pub reload: Reload,
}

/// Reads the app's files anew.
pub type Reload = Box<dyn Fn() -> Result<Plan, String>>;

/// Runs the plan's formation until it is over. Returns the exit code.
pub fn start(plan: Plan, charge: &Charge, start: Start) -> Result<u8, Error> {
    entry::make_room(plan.types.iter().map(|kind| u64::from(kind.count)).sum());
    let mut driver = Driver::new(plan, charge, Some(start.show), None)?;
    driver.waits.front = start.up.map(Front::new);
    driver.waits.ready = start.wait_ready;
    driver.waits.errand = driver.plan.errand.is_some();
    driver.reload = Some(start.reload);
    driver.held = start.held;
    driver.manager = Manager::from_environment(charge).map(manager::Told::new);
    driver.lend_an_ear();
    driver.watch_files();
    if let Some(lock) = start.lock {
        driver.open_to_questions(lock);
    }
    driver.listen_to_the_keyboard();
    if let Some(site) = start.site {
        driver.show(site)?;
    }
    driver.begin(driver.plan.types().map(|(id, kind)| Count::to(id, kind.count)).collect());
    driver.run()
}

/// Runs one command with our own terminal until it is over. Returns its exit code.
///
/// The plan holds that command alone. Nothing is shown but what the command writes.
pub fn run_one(plan: Plan, charge: &Charge, command: Command) -> Result<u8, Error> {
    let mut driver = Driver::new(plan, charge, None, Some(command))?;
    driver.begin(vec![Count::to(TypeId(0), 1)]);
    driver.run()
}

/// What `run` runs.
pub struct Command {
    /// `Some`: these words, without a shell. `None`: the plan's command line.
    pub words: Option<Vec<OsString>>,
    /// Its whole environment.
    pub environment: crate::app::plan::Environment,
}

/// What other threads tell the driver.
enum Told {
    Signal(Seen),
    Output(Report),
    Control(Heard),
    Probe(Answered),
    Watch(News),
}

struct Driver<'a> {
    /// What runs; a reload replaces it whole.
    plan: Rc<Plan>,
    charge: &'a Charge,
    reload: Option<Reload>,
    supervisor: Supervisor,
    processes: Processes,
    /// `None`: `run`, whose command has our own terminal.
    output: Option<Output>,
    /// Finds the values of secrets; `None`: there are none.
    redactor: Option<Arc<Redactor>>,
    /// What the processes wrote lately.
    archive: Archive,
    /// `None` where nobody can ask: with `run`, and without a place for the socket.
    control: Option<Control>,
    /// Who waits for the supervisor's word, by the number of his request.
    pending: HashMap<u64, Pending>,
    requests: u64,
    /// Sockets that processes are given.
    held: Held,
    /// Who started us, if he wants to know how we are.
    manager: Option<manager::Told>,
    /// Where processes can tell us that they are ready.
    ear: Option<String>,
    /// Who watches the app's files; held, never asked.
    watcher: Option<Watcher>,
    /// What is shown over HTTP.
    shown: Option<Shown>,
    prober: Prober,
    /// How many questions of the prober are out.
    questions: usize,
    /// Commands that ask whether processes are well.
    exams: HashMap<Id, Exam>,
    exams_begun: u32,
    /// What probes have answered: handed in after every other fact, so that what explains it is known.
    answers: Vec<Event>,
    command: Option<Command>,
    tell: Sender<Told>,
    pulse: Arc<Pulse>,
    told: Receiver<Told>,
    /// Facts that are ours to hand in, oldest first.
    facts: VecDeque<Event>,
    clock: Instant,
    guardian_lost: bool,
    /// There was no rest yet that was long enough to end the start.
    starting: bool,
    /// Signals without a meaning, each told once.
    meaningless: BTreeSet<&'static str>,
    window: (u16, u16),
    on_terminal: bool,
    /// Streams that are carried once the start has been told, so that nobody speaks before it.
    newborn: HashMap<Id, Streams>,
    waits: Waits,
    finished: Option<u8>,
    /// How the command ended that we run for: of `run` whatever ended it, of an errand only if it did itself.
    last_status: Option<Status>,
}

impl<'a> Driver<'a> {
    fn new(
        plan: Plan,
        charge: &'a Charge,
        show: Option<(Destination, Lines)>,
        command: Option<Command>,
    ) -> Result<Self, Error> {
        let setup = |doing| move |cause| Error::Setup { doing, cause };
        let clock = Instant::now();
        let processes = Processes::new(charge.inherited()).map_err(setup("watch processes"))?;
        let (tell, told) = unbounded();
        let on_terminal = show.as_ref().is_some_and(|(_, lines)| lines.look.terminal);
        let archive = Archive::new(Limits { each: plan.logs.each, all: plan.logs.all });
        let output = show
            .map(|(destination, lines)| {
                Output::start(
                    destination,
                    lines,
                    archive.clone(),
                    courier(&tell, processes.waker(), Told::Output),
                )
            })
            .transpose()
            .map_err(setup("start the output thread"))?;
        let signals = Signals::start(charge, courier(&tell, processes.waker(), Told::Signal))
            .map_err(setup("watch signals"))?;
        let prober = Prober::new(courier(&tell, processes.waker(), Told::Probe));
        let rules = plan.types.iter().map(|kind| kind.rules.clone()).collect();
        let mut driver = Self {
            redactor: None,
            plan: Rc::new(plan),
            charge,
            reload: None,
            supervisor: Supervisor::new(rules, u64::from(std::process::id())),
            processes,
            output,
            archive,
            control: None,
            pending: HashMap::new(),
            requests: 0,
            held: Held::default(),
            manager: None,
            ear: None,
            watcher: None,
            shown: None,
            prober,
            questions: 0,
            exams: HashMap::new(),
            exams_begun: 0,
            answers: Vec::new(),
            command,
            tell,
            pulse: signals.pulse(),
            told,
            facts: VecDeque::new(),
            clock,
            guardian_lost: false,
            starting: true,
            meaningless: BTreeSet::new(),
            window: terminal::size(std::io::stdout().as_fd()).unwrap_or((24, 80)),
            on_terminal,
            newborn: HashMap::new(),
            waits: Waits::default(),
            finished: None,
            last_status: None,
        };
        driver.keep_secrets(&[]);
        Ok(driver)
    }

    fn begin(&mut self, counts: Vec<Count>) {
        let (request, who, ask) = (RequestId(0), String::new(), Ask::Scale(counts));
        self.facts.push_back(Event::Requested { request, who, ask });
    }

    fn run(mut self) -> Result<u8, Error> {
        loop {
            self.pulse.turned();
            self.supervisor.handle(self.clock.elapsed(), Event::Ticked);
            self.carry_out_orders();
            // Orders bring forth facts (`Spawned`); those wait for the next turn, so that no storm of
            // them keeps signals out.
            for _ in 0..self.facts.len() {
                if let Some(fact) = self.facts.pop_front() {
                    self.supervisor.handle(self.clock.elapsed(), fact);
                    self.carry_out_orders();
                }
            }
            if let Some(code) = self.finished {
                return Ok(code);
            }
            self.greet_the_formation();
            self.tell_how_it_is();
            if let Some(output) = &mut self.output {
                output.hurry();
            }
            self.wait()?;
        }
    }

    /// Waits for a fact, or for the supervisor's next deadline.
    fn wait(&mut self) -> Result<(), Error> {
        let before = self.clock.elapsed();
        let timeout = if self.facts.is_empty() && self.answers.is_empty() {
            let supervisor = self.supervisor.deadline().map(|at| at.saturating_sub(before));
            let manager = self.manager_deadline();
            let others = [self.exams_deadline(), manager, self.settled_at()].into_iter().flatten().min();
            let others = others.map(|at| at.saturating_duration_since(Instant::now()));
            let look = (self.questions > 0).then_some(LOOK);
            let start = self.starting.then_some(memory::START);
            [supervisor, others, look, start].into_iter().flatten().min()
        } else {
            Some(Duration::ZERO)
        };
        let mut facts = Vec::new();
        self.processes
            .wait(timeout, &mut facts)
            .map_err(|cause| Error::Setup { doing: "wait for processes", cause })?;
        if self.starting && self.clock.elapsed() >= before + memory::START {
            self.starting = false;
            memory::forget_the_start();
        }
        if let Some(late) = timeout.and_then(|timeout| self.clock.elapsed().checked_sub(before + timeout))
            && late > SLEPT
        {
            self.facts.push_back(Event::ClockJumped { gap: late });
        }
        if self.processes.take_typed() {
            self.somebody_types();
        }
        while let Ok(told) = self.told.try_recv() {
            self.hear(told);
        }
        // Asked at every turn: the signal that announces it looks like any other (FAULTS §2, fact 2).
        if !self.guardian_lost && !self.charge.guardian_is_alive() {
            self.guardian_lost = true;
            self.facts.push_back(Event::GuardianDied);
        }
        self.hear_processes();
        // Who has answered is not late, however late we hear of it.
        facts.retain(|fact| !self.is_exam(fact));
        self.end_late_exams();
        self.facts.extend(facts);
        self.facts.extend(self.answers.drain(..));
        Ok(())
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Signal(Seen::Asked(signal)) => self.signalled(signal),
            Told::Signal(Seen::WindowChanged) => {
                if let Some(window) = terminal::size(std::io::stdout().as_fd()) {
                    self.window = window;
                    self.processes.resize(window.0, window.1);
                }
            }
            Told::Signal(Seen::Meaningless(name)) => {
                log::debug!("{name} has no meaning here");
                if self.meaningless.insert(name) {
                    self.say(notice::SYSTEM, format!("{name} received and ignored"));
                }
            }
            // Asked for below, at every turn.
            Told::Signal(Seen::GuardianDied) => {}
            Told::Output(Report::ReaderLeft) => {
                terminal::say("standard output is closed; the app runs on");
            }
            Told::Output(Report::Seen { id, tier }) => {
                self.answers.push(Event::Probed { id, tier, outcome: Outcome::Passed });
            }
            Told::Output(Report::Broke) | Told::Control(Heard::Broke) => self.facts.push_back(Event::Broke),
            Told::Control(Heard::Question(question)) => self.asked(question),
            Told::Watch(news) => self.files_changed(news),
            Told::Probe(Answered { id, tier, outcome, took }) => {
                self.questions = self.questions.saturating_sub(1);
                if let Some(shown) = &mut self.shown {
                    shown.probed((id.kind, id.index), tier, took);
                }
                self.answers.push(Event::Probed { id, tier, outcome });
            }
        }
    }

    fn signalled(&mut self, signal: Signal) {
        // With `run`, the keyboard's signals are the command's own.
        let own = match signal {
            Signal::Interrupt => Some(2),
            Signal::Quit => Some(3),
            Signal::Terminate | Signal::Hangup | Signal::Suspend | Signal::Continue => None,
        };
        match (own, &self.command, self.processes.first()) {
            (Some(number), Some(_), Some(id)) => self.processes.stop(Target::Process(id), number),
            _ => self.facts.push_back(Event::Signalled(signal)),
        }
    }

    fn carry_out_orders(&mut self) {
        while let Some(action) = self.supervisor.poll() {
            log::trace!("{action:?}");
            self.carry_out(action);
        }
    }

    fn carry_out(&mut self, action: Action) {
        fail::variant(&action);
        match action {
            Action::Spawn(id) => self.spawn(id),
            Action::Stop { target, signal } => {
                // Whatever cannot be told whose it is goes when everything goes, and so do questions.
                if target == Target::Strays {
                    self.end_exams();
                }
                self.processes.stop(target, signal.0);
            }
            Action::Kill(target) => self.processes.kill(target),
            Action::Pause(target) => self.processes.pause(target),
            Action::Resume(target) => self.processes.resume(target),
            Action::Probe { id, tier } => self.probe(id, tier),
            Action::AwaitStrays => self.processes.await_strays(),
            Action::SuspendSelf => self.suspend_self(),
            Action::Tell(notice) => self.tell(&notice),
            Action::Signal { target, signal } => self.processes.signal(target, signal),
            Action::Reply { request, outcome } => self.reply(request, outcome),
            Action::Finish { code, within } => self.finish(code, within),
        }
    }

    /// What has been said is there to be read, if its readers are quick enough.
    fn flush_output(&mut self) {
        if let Some(output) = &mut self.output {
            output.flush(FLUSH);
        }
    }

    /// Ctrl-Z: the prompt comes after our last line. Where nobody could resume us the kernel ignores
    /// our own stop (FAULTS A23), so everybody goes on either way as soon as this returns.
    fn suspend_self(&mut self) {
        self.flush_output();
        if let Err(error) = terminal::suspend_self() {
            log::warn!("cannot suspend: {error}");
        }
        // What asked for it once more before we stopped has been heeded.
        while let Ok(told) = self.told.try_recv() {
            if !matches!(told, Told::Signal(Seen::Asked(Signal::Suspend))) {
                self.hear(told);
            }
        }
        self.facts.push_back(Event::Signalled(Signal::Continue));
    }

    fn finish(&mut self, code: u8, within: Duration) {
        // A slow reader may take longer than the watchdog would.
        self.pulse.rest();
        self.bury_exams();
        if let Some(output) = self.output.take() {
            let left = output.finish(within);
            if left.bytes > 0 && !left.reader_left {
                terminal::say(&format!("{} bytes of output were not taken by their reader", left.bytes));
            }
        }
        // Who has asked and was not answered is told that it is over.
        if let Some(shown) = self.shown.take() {
            shown.finish();
        }
        if let Some(control) = self.control.take() {
            control.publish(|| events::ended(code));
            control.finish();
        }
        if self.command.is_some() || self.plan.errand.is_some() {
            self.processes.take_terminal_back();
        }
        self.finished = Some(self.last_status.map_or(code, Status::code));
    }
}

/// A closure for another thread: hands the driver what it is told, and wakes it.
fn courier<T>(
    tell: &Sender<Told>,
    waker: Waker,
    wrap: impl Fn(T) -> Told + Send + 'static,
) -> impl Fn(T) + Send + 'static
where
    T: std::fmt::Debug + 'static,
{
    let tell = tell.clone();
    move |what| {
        fail::variant(&what);
        // A sender never waits, so that the watchdog sees. It takes memory as it fills, and fills only when
        // the driver does not turn, and then it is the watchdog's.
        if tell.len() < MOST_TOLD {
            let _ = tell.send(wrap(what));
        }
        waker.wake();
    }
}
