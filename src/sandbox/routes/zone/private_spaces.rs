//! Private spaces, which organizations of a world have switched off.

use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal};
use crate::sandbox::store::{Batch, View};

use super::scope::organization_at;

/// `GET /private-spaces`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    organization_at(call, view, call.required_number("organizationId")?)?;
    Err(Refusal::private_spaces_off())
}

/// `GET /private-spaces/{id}`
pub(super) fn show(call: &Call<'_>, _: &View<'_>) -> Answer {
    call.id(0)?;
    Err(Refusal::private_spaces_off())
}

/// `PATCH /private-spaces/{id}`
pub(super) fn update(call: &Call<'_>, _: &mut Batch<'_>) -> Answer {
    call.id(0)?;
    Err(Refusal::private_spaces_off())
}

#[cfg(test)]
mod tests {
    use crate::live::transport::Method::{Get, Patch};
    use crate::sandbox::trial::Trial;

    #[test]
    fn private_spaces_are_off() {
        let trial = Trial::new();
        let refused = |method, path| trial.refused(method, path, None);
        assert!(refused(Get, "/private-spaces?organizationId=1").starts_with("403 IM903"));
        assert!(refused(Get, "/private-spaces").starts_with("400"));
        assert!(refused(Patch, "/private-spaces/1").starts_with("403 IM903"));
    }
}
