//! What happens to a project between its first apply and the one that a sweep goes over: a thing
//! of each kind changes, some go, and one has to be made anew.

use crate::support::world::World as Project;

/// Edits the examples.
pub(super) fn of_the_examples(project: &Project) {
    // A folder, a schedule that two scenarios share, a webhook's name and what it keeps.
    let leads = "manifests/lead-to-crm/lead-sync.yaml";
    project.edit(leads, "name: CRM }", "name: Customers }");
    project.edit(leads, "Leads from the website", "Leads of all sites");
    project.edit(leads, "type: custom", "type: custom\n  headers: true");
    project.edit(leads, "maxErrors: 5", "maxErrors: 7");
    project.edit(
        "manifests/lead-to-crm/lead-sync.blueprint.json",
        "{{lower(1.email)}}",
        "{{trim(1.email)}}",
    );
    project.edit("manifests/nightly-sync/schedule.yaml", "02:30", "03:45");
    // A structure, the store of it, a variable, a scenario with its inputs.
    let storage = "manifests/order-desk/storage.yaml";
    project.edit(
        storage,
        "type: date }",
        "type: date }\n    - { name: note, type: text }",
    );
    project.edit(storage, "maxSizeMB: 5", "maxSizeMB: 6");
    let status = "manifests/order-desk/order-status.yaml";
    project.edit(status, "value: /order-desk", "value: /desk-of-orders");
    project.edit(status, "name: urgent", "name: hurried");
    // One goes, and another is made that has not been there.
    let orders = "manifests/nightly-sync/orders.yaml";
    let text = project.read(orders);
    let (kept, _) = text.split_once("---").unwrap();
    project.write(orders, kept);
    project.write(
        "manifests/archive.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: archive }\n\
         spec: { name: Archive, parent: folder.crm }\n",
    );
    // Another role, one that is taken away, and somebody who is another person now.
    let roles = "manifests/team/roles.yaml";
    project.edit(
        roles,
        "max@acme.example, role: builder",
        "max@acme.example, role: viewer",
    );
    let text = project.read(roles);
    let sam = text
        .find("---\napiVersion: makeform/v1\nkind: TeamRole\nmetadata: { name: sam }")
        .unwrap();
    let (before, after) = text.split_at(sam);
    let (_, after) = after[3..].split_once("---").unwrap();
    project.write(roles, &format!("{before}---{after}"));
    project.edit(roles, "role: Member\n", "role: Admin\n");
}

/// Edits those of the examples that the unified dialect can say.
pub(super) fn of_the_zones_examples(project: &Project) {
    // Another name makes the webhook anew.
    let leads = "manifests/lead-to-crm/lead-sync.yaml";
    project.edit(leads, "Leads from the website", "Leads of all sites");
    project.edit(leads, "maxErrors: 5", "maxErrors: 7");
    project.edit(
        "manifests/lead-to-crm/lead-sync.blueprint.json",
        "{{lower(1.email)}}",
        "{{trim(1.email)}}",
    );
    project.edit("manifests/nightly-sync/schedule.yaml", "02:30", "03:45");
    let orders = "manifests/nightly-sync/orders.yaml";
    let text = project.read(orders);
    let (kept, _) = text.split_once("---").unwrap();
    project.write(orders, kept);
}

/// Edits the example of the unified dialect.
pub(super) fn of_the_help_desk(project: &Project) {
    let reports = "manifests/reports.yaml";
    project.edit(reports, "0 8 * * 1-5", "0 7 * * 1-5");
    project.edit(reports, "'open'", "'new'");
    project.edit(reports, "name: month-end }", "name: end-of-month }");
    project.edit("manifests/members.yaml", "role: viewer", "role: manager");
    let tickets = "manifests/tickets.yaml";
    project.edit(tickets, "Tickets of the help desk", "Tickets of all desks");
    project.edit(tickets, "priority: high", "priority: low");
    project.edit(tickets, "maxErrors: 5", "maxErrors: 6");
}

/// Takes away what no destroy can: nothing removes a member there.
pub(super) fn without_members(project: &Project) {
    let members = project.file("manifests/members.yaml");
    if members.is_file() {
        std::fs::remove_file(members).unwrap();
    }
}
