//! What must not be shown: the values of the app's secrets.

use crate::app::plan::{Environment, Plan};
use crate::output::structured::redact::Redactor;
use crate::output::structured::secrets::secret_of;
use std::collections::BTreeSet;

/// Finds the secrets of all processes of these plans; `None`: there are none.
pub fn redactor(plans: &[&Plan]) -> Option<Redactor> {
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
