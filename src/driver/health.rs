//! Asking processes whether they are well. What is asked over the network is the prober's; a command is a
//! child like any other, which the supervisor does not know of: it is started, bounded and ended here.

use super::launch::program;
use super::{Driver, notice};
use crate::app::plan::{Health, Probe, ProbeHow, TypeId};
use crate::probe::{HttpTarget, Question, Target as Asked};
use crate::supervisor::{Event, Id, Outcome, Status, Target, Tier};
use crate::sys::processes::{Launch, Program, Stdio};
use std::time::{Duration, Instant};

/// The type of no process: commands that ask about others bear it.
const EXAMS: TypeId = TypeId(u16::MAX);
/// How long what was killed at the end may take to be gone.
const LAST: Duration = Duration::from_secs(2);

/// A command that asks.
pub struct Exam {
    /// About whom, and for which probe.
    about: (Id, Tier),
    until: Instant,
    timeout: Duration,
    /// It has taken too long.
    late: bool,
}

/// The probes that there are, each with its tier.
pub(super) fn probes(health: &Health) -> impl Iterator<Item = (Tier, &Probe)> {
    let all = [
        (Tier::Startup, &health.startup),
        (Tier::Readiness, &health.readiness),
        (Tier::Liveness, &health.liveness),
    ];
    all.into_iter().filter_map(|(tier, probe)| Some((tier, probe.as_ref()?)))
}

impl Driver<'_> {
    pub(super) fn probe(&mut self, id: Id, tier: Tier) {
        let health = &self.plan.process_type(id.kind).rules.health;
        let probe = probes(health).find(|(of, _)| *of == tier).map(|(_, probe)| probe.clone());
        let Some(probe) = probe else {
            // A reload has come between.
            let outcome = Outcome::Unknown("is not asked for any more".into());
            return self.answers.push(Event::Probed { id, tier, outcome });
        };
        if let Err(outcome) = self.ask_probe(id, tier, &probe) {
            self.answers.push(Event::Probed { id, tier, outcome });
        }
    }

    /// Has it asked; an `Err` is the answer already.
    fn ask_probe(&mut self, id: Id, tier: Tier, probe: &Probe) -> Result<(), Outcome> {
        let port = self.plan.port(id.kind, id.index);
        let target = match &probe.how {
            ProbeHow::Exec(command) => return self.examine(id, tier, command, probe.schedule.timeout),
            ProbeHow::Http(text) => HttpTarget::of(text, port).map(Asked::Http),
            ProbeHow::Tcp => port.map(|port| Asked::Tcp { port }).ok_or_else(|| "has no port".into()),
            // Nobody asks.
            ProbeHow::Log(_) | ProbeHow::Notify => return Ok(()),
        };
        let target = target.map_err(Outcome::Unknown)?;
        // Another address than its own port may be anybody's.
        let own = matches!(&target, Asked::Tcp { .. })
            || matches!(&probe.how, ProbeHow::Http(text) if text.starts_with('/'));
        let owner = own.then(|| self.processes.roots(id));
        let question = Question { id, tier, target, timeout: probe.schedule.timeout, owner };
        self.prober.ask(question).map_err(|answered| answered.outcome)?;
        self.questions += 1;
        Ok(())
    }

    fn examine(
        &mut self,
        id: Id,
        tier: Tier,
        command: &std::ffi::OsString,
        timeout: Duration,
    ) -> Result<(), Outcome> {
        let kind = self.plan.process_type(id.kind);
        let label = format!("{} {}", notice::label(&self.plan, id), tier.word());
        let mut environment = self.plan.environment_of(id.kind, id.index);
        // By it is known whose it is when something of it escapes: not the process's that it asks about.
        environment.set("PS", label.clone());
        let program = match &kind.shell {
            Some(shell) => Program::Shell { shell: shell.clone(), script: command.clone() },
            None => program(command, &environment),
        };
        let launch = Launch {
            program,
            environment: environment.into_variables(),
            cwd: kind.cwd.clone(),
            stdio: Stdio::Nothing,
            sockets: Vec::new(),
        };
        self.exams_begun = self.exams_begun.wrapping_add(1);
        let exam = Id { kind: EXAMS, index: id.index, generation: self.exams_begun };
        self.processes.spawn(exam, &label, &launch).map_err(|failure| match failure.class {
            crate::supervisor::event::FailureClass::Transient => Outcome::Unknown(failure.reason),
            crate::supervisor::event::FailureClass::Permanent => Outcome::Failed(failure.reason),
        })?;
        let until = Instant::now() + timeout;
        self.exams.insert(exam, Exam { about: (id, tier), until, timeout, late: false });
        Ok(())
    }

    /// When the next of them has taken too long.
    pub(super) fn exams_deadline(&self) -> Option<Instant> {
        self.exams.values().filter(|exam| !exam.late).map(|exam| exam.until).min()
    }

    /// Kills those that have taken too long.
    pub(super) fn end_late_exams(&mut self) {
        let now = Instant::now();
        for (id, exam) in self.exams.iter_mut().filter(|(_, exam)| !exam.late && exam.until <= now) {
            exam.late = true;
            self.processes.kill(Target::Process(*id));
        }
    }

    /// Kills all: everything is being stopped, and nobody waits for their answers.
    pub(super) fn end_exams(&mut self) {
        for (id, exam) in &mut self.exams {
            exam.late = true;
            self.processes.kill(Target::Process(*id));
        }
    }

    /// Whether a fact is about one of them; then it is no fact for the supervisor.
    pub(super) fn is_exam(&mut self, fact: &Event) -> bool {
        match fact {
            Event::Exited { id, status, remains } if id.kind == EXAMS => {
                if *remains {
                    // It has said what it had to say; what it left behind has no business here.
                    self.processes.kill(Target::Process(*id));
                }
                self.exam_ended(*id, *status, *remains);
                true
            }
            Event::TreeEmptied { id } if id.kind == EXAMS => {
                self.exams.remove(id);
                true
            }
            _ => false,
        }
    }

    fn exam_ended(&mut self, exam: Id, status: Status, remains: bool) {
        let Some(Exam { about: (id, tier), timeout, late, .. }) = self.exams.get(&exam) else { return };
        let outcome = match status {
            // Even one that we took for late: it had ended before it was killed, and we have heard of it late.
            Status::Code(0) => Outcome::Passed,
            Status::Signal(_) if *late => Outcome::Failed(format!("no answer within {timeout:?}")),
            status => Outcome::Failed(notice::ending(status)),
        };
        self.answers.push(Event::Probed { id: *id, tier: *tier, outcome });
        if !remains {
            self.exams.remove(&exam);
        }
    }

    /// At the very end: none is there any more when we go.
    pub(super) fn bury_exams(&mut self) {
        self.end_exams();
        let until = Instant::now() + LAST;
        while !self.exams.is_empty() && Instant::now() < until {
            let mut facts = Vec::new();
            if self.processes.wait(Some(Duration::from_millis(20)), &mut facts).is_err() {
                return;
            }
            for fact in &facts {
                self.is_exam(fact);
            }
        }
    }
}
