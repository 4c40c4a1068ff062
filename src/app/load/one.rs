//! One command, or one type alone: for `run`, and for what `start … -- CMD` runs beside the app.

use super::{Loader, One};
use crate::app::plan::{Environment, Errand, Logs, Plan, ProcessType, Pty, Rules, TypeId, Watch};
use crate::app::settings::Lines;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

impl Loader<'_> {
    pub(super) fn one_command(&mut self, words: &[OsString]) -> Option<One> {
        let base_port = self.base_port();
        let [typed_grace, foreman_grace] = self.graces();
        let (mut kind, words) = self.command("run", words, base_port, typed_grace.or(foreman_grace))?;
        kind.count = 1;
        let environment = kind.environment.clone();
        let plan = Plan {
            root: self.root.clone(),
            procfile: PathBuf::from(&self.shown),
            types: vec![kind],
            base_port,
            environment: environment.clone(),
            offered: Environment::default(),
            view: self.view(Vec::new(), Lines::default()),
            logs: Logs::default(),
            http: None,
            errand: None,
        };
        Some(One { plan, words, environment })
    }

    /// A command that is no process of the Procfile, as a type without instances: in the caller's folder,
    /// with the first port. One word is a line for the shell, several are executed as they are.
    fn command(
        &self,
        name: &str,
        words: &[OsString],
        base_port: u16,
        grace: Option<Duration>,
    ) -> Option<(ProcessType, Option<Vec<OsString>>)> {
        let (line, words) = match words {
            [] => return None,
            [line] => (line.clone(), None),
            several => (several.join(OsStr::new(" ")), Some(several.to_vec())),
        };
        let mut environment = self.merged(&self.scope.set, &Environment::default());
        environment.set("PORT", base_port.to_string());
        environment.set("PS", format!("{name}.1"));
        let kind = ProcessType {
            name: name.into(),
            command: line,
            count: 0,
            rules: Rules { grace: grace.unwrap_or(Rules::default().grace), ..Rules::default() },
            pty: Pty::Never,
            cwd: self.world.cwd.clone(),
            shell: None,
            port: None,
            listen: Vec::new(),
            watch: Watch::default(),
            retired: false,
            environment,
        };
        Some((kind, words))
    }

    /// What is run beside the app.
    pub(super) fn errand(
        &self,
        types: &mut Vec<ProcessType>,
        base_port: u16,
        grace: Option<Duration>,
    ) -> Option<Errand> {
        let taken = types.iter().any(|kind| kind.name == "run");
        let name = if taken { "run-command" } else { "run" };
        let (kind, words) = self.command(name, &self.typed.command, base_port, grace)?;
        types.push(kind);
        Some(Errand { kind: TypeId(types.len() as u16 - 1), words })
    }
}

/// The plan with this type alone: its port is that of its place in the file, and it waits for nobody.
pub fn of_type(mut plan: Plan, name: &str) -> Option<One> {
    let at = plan.types.iter().position(|kind| kind.name == name)?;
    let environment = plan.environment_of(TypeId(at as u16), 1);
    plan.types = vec![plan.types.swap_remove(at)];
    plan.types[0].rules.after.clear();
    plan.view.quiet.clear();
    Some(One { plan, words: None, environment })
}
