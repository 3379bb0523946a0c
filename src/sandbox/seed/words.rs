//! The vocabulary of invented accounts: firms, people, labels and sentences that never existed.

use fastrand::Rng;

use super::dice::pick;

#[rustfmt::skip] // a list of words
const FIRST: &[&str] = &[
    "Ada", "Bruno", "Chiara", "Dario", "Edda", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Katja",
    "Liam", "Mira", "Nils", "Olga", "Paulo", "Quinn", "Rosa", "Søren", "Tilda", "Uma", "Václav",
    "Wanda", "Yusuf", "Zoë",
];
#[rustfmt::skip] // a list of words
const LAST: &[&str] = &[
    "Ahlberg", "Brandt", "Castell", "Dvorak", "Estrada", "Falk", "Grimaldi", "Holm", "Ivanova",
    "Jansen", "Kowal", "Lindqvist", "Moreau", "Novak", "Okafor", "Petit", "Quist", "Rossi",
    "Sandoval", "Tamm", "Ueda", "Vogel", "Weiss", "Yilmaz", "Zeman",
];
#[rustfmt::skip] // a list of words
const CLIENTS: &[&str] = &[
    "Acorn & Oak", "Bluefin Travel", "Cinder Studio", "Delta Dental", "Evergreen Homes", "Foxglove",
    "Granite Legal", "Harbor Yoga", "Iris Optics", "Juniper Foods", "Kite Logistics",
    "Lumen Energy", "Maple Schools", "Northwind", "Orchid Spa", "Pebble Toys", "Quarry Bikes",
    "Riverbank", "Saffron Kitchen", "Tundra Outdoor", "Umbra Films", "Velvet Records",
];
#[rustfmt::skip] // a list of words
const SUBJECTS: &[&str] = &[
    "leads", "orders", "invoices", "contacts", "tickets", "form answers", "bookings", "payments",
    "reviews", "stock levels", "timesheets", "newsletters", "contracts", "candidates", "refunds",
    "shipments", "meeting notes", "price lists", "blog posts", "reports",
];
#[rustfmt::skip] // a list of words
const VERBS: &[&str] = &[
    "Sync", "Import", "Export", "Route", "Enrich", "Archive", "Notify about", "Collect", "Check",
    "Clean up", "Summarize", "Forward", "Back up", "Create", "Merge",
];
#[rustfmt::skip] // a list of words
const SYSTEMS: &[&str] = &[
    "CRM", "the sheet", "Slack", "Airtable", "the shop", "accounting", "the data warehouse",
    "Notion", "the helpdesk", "Drive", "the newsletter", "the calendar", "HubSpot",
];
#[rustfmt::skip] // a list of words
const CLAUSES: &[&str] = &[
    "Please check the amount before it is sent", "This runs once an hour, except on holidays",
    "The second address is only for customers in the north", "Keep the old number in the notes",
    "Answer within two working days", "Do not change the order of the columns",
    "Whoever is on duty gets a message", "The total includes shipping", "Ask the client first",
    "If nothing is found, create a new record", "Write in a friendly tone and keep it short",
    "Skip test orders", "The code at the end tells the branch", "Empty rows are ignored",
    "See the handbook, chapter 4", "Copies go to the back office",
];
#[rustfmt::skip] // a list of words
const FIELDS: &[&str] = &[
    "Name", "Email", "Phone number", "Company", "Street", "City", "Postal code", "Country",
    "Status", "Due date", "Created at", "Updated at", "Amount", "Currency", "Description",
    "Owner ID", "Record ID", "External ID", "Tags", "Priority", "Source", "Language", "Website",
    "Attachment", "File name", "Folder ID", "Parent ID", "Quantity", "Unit price", "Tax rate",
    "Discount", "Subject", "Body", "Recipient", "Sender", "Message ID", "Thread ID", "Channel",
    "User name", "First name", "Last name", "Birthday", "Department", "Comment", "Rating", "Total",
    "Start time", "End time", "Time zone", "Location", "Link", "Version", "Type", "Category",
    "Stage", "Pipeline", "Campaign", "Deal value", "Limit", "Order by",
];

/// A person's name.
pub(super) fn person(rng: &mut Rng) -> String {
    format!("{} {}", pick(rng, FIRST), pick(rng, LAST))
}

/// The e-mail address of a person, in a domain that can't exist.
pub(super) fn email(name: &str) -> String {
    let local: String = name
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('.'),
            c if c.is_ascii_alphabetic() => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect();
    format!("{local}@example.com")
}

/// A client, as agencies have them.
pub(super) fn client(rng: &mut Rng) -> &'static str {
    pick(rng, CLIENTS)
}

/// The sort of thing an automation handles.
pub(super) fn subject(rng: &mut Rng) -> &'static str {
    pick(rng, SUBJECTS)
}

/// A name that people would give a scenario.
pub(super) fn scenario_name(rng: &mut Rng) -> String {
    let what = format!("{} {}", pick(rng, VERBS), pick(rng, SUBJECTS));
    match rng.u8(..6) {
        0 => format!("{what} to {}", pick(rng, SYSTEMS)),
        1 => format!("[{}] {what}", pick(rng, CLIENTS)),
        2 => format!("{} | {what} -> {}", pick(rng, CLIENTS), pick(rng, SYSTEMS)),
        3 => format!("{:02}. {what}", rng.u8(1..30)),
        4 => format!("{what} ({})", pick(rng, CLIENTS)),
        _ => format!("{what} to {} v{}", pick(rng, SYSTEMS), rng.u8(2..6)),
    }
}

/// A few words for a step, a sheet, a channel or a list.
pub(super) fn step_name(rng: &mut Rng) -> String {
    format!("{} {}", pick(rng, VERBS), pick(rng, SUBJECTS))
}

/// The label of a field as an app shows it.
pub(super) fn field_label(rng: &mut Rng) -> &'static str {
    pick(rng, FIELDS)
}

/// The name that an API would give a field of that label.
pub(super) fn field_name(label: &str) -> String {
    let mut name = String::with_capacity(label.len());
    for (index, word) in label.split(' ').enumerate() {
        let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
        let head = if index == 0 {
            head.to_ascii_lowercase()
        } else {
            head.to_ascii_uppercase()
        };
        name.push_str(&head);
        name.push_str(tail);
    }
    name
}

/// One sentence.
pub(super) fn sentence(rng: &mut Rng) -> String {
    format!("{}.", pick(rng, CLAUSES))
}

/// Some sentences, one after another.
pub(super) fn paragraph(rng: &mut Rng, sentences: usize) -> String {
    (0..sentences)
        .map(|_| sentence(rng))
        .collect::<Vec<_>>()
        .join(" ")
}

/// An identifier as services give them out: letters and digits without a meaning.
pub(super) fn token(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.alphanumeric()).collect()
}
