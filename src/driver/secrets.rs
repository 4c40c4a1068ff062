//! What must not be shown: the values of the app's secrets. They are masked in all of our own words, where these are
//! made, so that no reader of them has to; `output` masks what processes write, if that is wanted.

use super::Driver;
use crate::app::plan::{Environment, Plan};
use crate::output::structured::redact::Redactor;
use crate::output::structured::secrets::secret_of;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Driver<'_> {
    /// Keeps the secrets of the plan and of these others, which may still be known to somebody.
    pub(super) fn keep_secrets(&mut self, others: &[&Plan]) {
        self.redactor = redactor(&[others, &[&*self.plan]].concat()).map(Arc::new);
        if let Some(output) = &mut self.output {
            output.mask(self.redactor.clone().filter(|_| self.plan.view.redact));
        }
    }

    /// A text of ours without secrets.
    pub(super) fn masked(&self, text: String) -> String {
        match &self.redactor {
            Some(redactor) => redactor.masked(&text),
            None => text,
        }
    }

    /// An event of ours without secrets.
    pub(super) fn masked_event(&self, mut event: Value) -> Value {
        for value in event.as_object_mut().into_iter().flatten().map(|(_, value)| value) {
            if let Value::String(text) = value {
                *text = self.masked(std::mem::take(text));
            }
        }
        event
    }
}

/// Finds the secrets of all processes of these plans; `None`: there are none.
fn redactor(plans: &[&Plan]) -> Option<Redactor> {
    let mut secrets = BTreeSet::new();
    for plan in plans {
        let own = plan.types.iter().map(|kind| &kind.environment);
        let environments = own.filter(|own| !own.is_same(&plan.environment)).chain([&plan.environment]);
        secrets.extend(
            environments
                .flat_map(Environment::iter)
                .filter_map(|(name, value)| secret_of(name.to_str()?, value.to_str()?, &plan.view.secrets)),
        );
    }
    Redactor::new(secrets.iter().map(|secret| secret.as_bytes())).ok().filter(|redactor| !redactor.is_empty())
}
