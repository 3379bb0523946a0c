//! The modules that invented scenarios are made of: app, ids, fields.
//!
//! A table, not code: what a module of an app holds in `parameters` and `mapper`, and where it
//! names things by id. [`super::module`] makes JSON of it.

use super::reference::Sort;

/// Where in a scenario a module can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// First, fed by a hook.
    Instant,
    /// First, asked on a schedule.
    Polling,
    /// First, in a scenario that others call.
    Called,
    /// Anywhere after the first.
    Action,
    /// Under `onerror`.
    Handler,
    /// A module with `tools`.
    Agent,
}

/// Which object of a module holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `parameters`: the same for all bundles.
    Parameters,
    /// `mapper`: computed for each bundle.
    Mapper,
}

/// A place that names a thing of the team.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The object that holds it.
    pub(super) place: Place,
    /// Its key there.
    pub(super) name: &'static str,
    /// The sort of thing.
    pub(super) sort: Sort,
    /// The types that fit, comma-separated.
    pub(super) types: &'static str,
    /// Whether people leave it out; it is then an empty string.
    pub(super) optional: bool,
}

/// What a field of a mapper holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A line of text, often mapped from an earlier module.
    Text,
    /// Text of many lines.
    Long,
    /// The address of a service.
    Address,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A number, in quotes as the editor writes it or without.
    Count,
    /// On or off.
    Switch,
    /// A thing of another service, picked from a list.
    Picked,
    /// The cells of a row, keyed by the column's number.
    Cells,
    /// Pairs of name and value.
    Pairs,
    /// An object with the fields of a record.
    Record,
    /// A file: its name and contents.
    File,
    /// An AI agent of the team, by its UUID.
    Agent,
}

/// A field of a mapper.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its key in the mapper.
    pub(super) name: &'static str,
    /// What the editor calls it.
    pub(super) label: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
}

/// What modules of one type look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// App and module, as Make writes them.
    pub(super) module: &'static str,
    /// The app's major version.
    pub(super) version: u64,
    /// Where it can stand.
    pub(super) role: Role,
    /// How often it is met, beside others of its role.
    pub(super) weight: u32,
    /// The ids in it.
    pub(super) slots: &'static [Slot],
    /// The fields of its mapper; where there are none, the mapper is left out.
    pub(super) fields: &'static [Field],
}

/// What stands in when no other form fits the account: it needs nothing.
pub(super) static SET_VARIABLE: Form = form(
    "util:SetVariable2",
    1,
    Role::Action,
    60,
    &[],
    &[
        text("name", "Variable name"),
        choice("scope", "Variable lifetime", &["roundtrip", "execution"]),
        text("value", "Variable value"),
    ],
);

/// Every form but [`SET_VARIABLE`].
#[rustfmt::skip] // a table: a line for a module, a line for its fields
pub(super) static FORMS: &[Form] = &[
    // --- first modules: instant ---
    form("gateway:CustomWebHook", 1, Role::Instant, 60, &[hook("hook", "gateway-webhook")], &[]),
    form("gateway:CustomMailHook", 1, Role::Instant, 8, &[hook("hook", "gateway-mailhook")], &[]),
    form("telegram:WatchUpdates", 1, Role::Instant, 8, &[hook("__IMTHOOK__", "telegram")], &[]),
    form("jotform:watchForSubmissions", 1, Role::Instant, 6, &[hook("__IMTHOOK__", "jotform")], &[]),
    form("airtable3:triggerWatchResponses", 3, Role::Instant, 4, &[hook("__IMTHOOK__", "airtable3")], &[]),
    // --- first modules: on a schedule ---
    form("google-sheets:watchRows", 2, Role::Polling, 20, &[connection("__IMTCONN__", "google")], &[
        picked("spreadsheetId", "Spreadsheet"), picked("sheetId", "Sheet"), count("limit", "Limit"),
    ]),
    form("airtable:TriggerWatchRecords", 3, Role::Polling, 12, &[connection("__IMTCONN__", "airtable3,airtable2")], &[
        picked("base", "Base"), picked("table", "Table"), count("maxRecords", "Limit"),
    ]),
    form("google-email:TriggerNewEmail", 2, Role::Polling, 8, &[connection("account", "google-restricted")], &[
        picked("folder", "Folder"), text("from", "Sender e-mail address"), switch("markSeen", "Mark as read"),
    ]),
    form("email:TriggerNewEmail", 7, Role::Polling, 3, &[connection("accountImap", "imap,google-restricted")], &[
        picked("folder", "Folder"), count("limit", "Maximum number of results"),
    ]),
    form("rss:TriggerNewArticle", 4, Role::Polling, 8, &[], &[
        address("url", "URL"), count("maxResults", "Maximum number of returned items"),
    ]),
    form("datastore:SearchRecord", 1, Role::Polling, 6, &[store()], &[
        count("limit", "Limit"), pairs("sort", "Sort"),
    ]),
    form("util:BasicTrigger", 1, Role::Polling, 4, &[], &[pairs("values", "Bundles")]),
    form("google-calendar:watchEvents", 5, Role::Polling, 5, &[connection("__IMTCONN__", "google")], &[
        picked("calendar", "Calendar"), choice("showEventsFor", "Watch", &["created", "updated", "start"]),
    ]),
    // --- first modules: called by others ---
    form("scenario-service:StartSubscenario", 1, Role::Called, 10, &[], &[]),
    // --- everything else ---
    form("google-sheets:addRow", 2, Role::Action, 90, &[connection("__IMTCONN__", "google")], &[
        choice("mode", "Search method", &["select", "fromAll", "map"]), picked("spreadsheetId", "Spreadsheet ID"),
        picked("sheetId", "Sheet name"), cells("values", "Values"),
        choice("insertUnformatted", "Unformatted", &["false", "true"]),
        choice("valueInputOption", "Value input option", &["USER_ENTERED", "RAW"]),
    ]),
    form("google-sheets:filterRows", 2, Role::Action, 40, &[connection("__IMTCONN__", "google")], &[
        picked("spreadsheetId", "Spreadsheet ID"), picked("sheetId", "Sheet name"), pairs("filter", "Filter"),
        choice("sortOrder", "Sort order", &["asc", "desc"]), count("limit", "Maximum number of returned rows"),
    ]),
    form("google-sheets:updateRow", 2, Role::Action, 36, &[connection("__IMTCONN__", "google")], &[
        picked("spreadsheetId", "Spreadsheet ID"), picked("sheetId", "Sheet name"), text("rowNumber", "Row number"),
        cells("values", "Values"),
    ]),
    form("slack:CreateMessage", 4, Role::Action, 60, &[connection("__IMTCONN__", "slack2,slack3")], &[
        choice("channelWType", "Enter a channel ID or name", &["list", "manual"]), picked("channel", "Public channel"),
        long("text", "Text"), switch("parse", "Parse message text"), switch("mrkdwn", "Use markdown"),
    ]),
    form("http:ActionSendData", 3, Role::Action, 45, &[], &[
        address("url", "URL"), choice("method", "Method", &["get", "post", "put", "patch", "delete"]),
        pairs("headers", "Headers"), pairs("qs", "Query String"),
        choice("bodyType", "Body type", &["raw", "x_www_form_urlencoded", "multipart_form_data"]),
        long("data", "Request content"), switch("parseResponse", "Parse response"), count("timeout", "Timeout"),
        switch("shareCookies", "Share cookies with other HTTP modules"), switch("followRedirect", "Follow redirect"),
    ]),
    form("http:ActionSendDataAPIKeyAuth", 3, Role::Action, 14, &[
        key("auth", "apikeyauth"), proxy(),
    ], &[
        address("url", "URL"), choice("method", "Method", &["get", "post"]), pairs("headers", "Headers"),
        long("data", "Request content"), switch("parseResponse", "Parse response"),
    ]),
    form("http:ActionSendDataBasicAuth", 3, Role::Action, 5, &[key("key", "basicauth"), proxy()], &[
        address("url", "URL"), choice("method", "Method", &["get", "post"]), pairs("qs", "Query String"),
    ]),
    form("http:MakeRequest", 4, Role::Action, 12, &[key("apiKeyKeychain", "apikeyauth"), body_structure()], &[
        address("url", "URL"), choice("method", "Method", &["get", "post", "put"]), pairs("headers", "Headers"),
        pairs("queryParameters", "Query parameters"), long("inputString", "Body"), switch("stopOnHttpError", "Return error"),
    ]),
    form("http:ActionGetFile", 3, Role::Action, 8, &[], &[
        address("url", "URL"), pairs("headers", "Headers"), switch("shareCookies", "Share cookies"),
    ]),
    form("json:ParseJSON", 1, Role::Action, 28, &[structure(true)], &[long("json", "JSON string")]),
    form("json:CreateJSON", 1, Role::Action, 14, &[structure(false)], &[record("object", "Object")]),
    form("json:TransformToJSON", 1, Role::Action, 8, &[], &[text("object", "Object")]),
    form("csv:ParseCSV", 1, Role::Action, 4, &[], &[
        long("csv", "CSV"), choice("delimiter", "Delimiter", &["auto", "comma", "tab"]), switch("containsHeaders", "CSV contains headers"),
    ]),
    form("datastore:GetRecord", 1, Role::Action, 14, &[store()], &[
        text("key", "Key"), switch("returnWrapped", "Return wrapped output"),
    ]),
    form("datastore:AddRecord", 1, Role::Action, 12, &[store()], &[
        text("key", "Key"), switch("overwrite", "Overwrite an existing record"), record("data", "Record"),
    ]),
    form("openai-gpt-3:CreateCompletion", 1, Role::Action, 52, &[connection("__IMTCONN__", "openai-gpt-3")], &[
        choice("select", "Select method", &["chat", "prompt"]), choice("model", "Model", &["small-model", "large-model"]),
        pairs("messages", "Messages"), long("prompt", "Prompt"), count("max_tokens", "Max completion tokens"),
        text("temperature", "Temperature"), choice("response_format", "Response format", &["text", "json_object"]),
    ]),
    form("google-email:ActionSendEmail", 2, Role::Action, 32, &[connection("account", "google-restricted")], &[
        text("to", "To"), text("subject", "Subject"), long("html", "Content"), file("attachments", "Attachments"),
    ]),
    form("email:ActionSendEmail", 7, Role::Action, 16, &[connection("account", "smtp,google-restricted")], &[
        text("to", "To"), text("subject", "Subject"), choice("contentType", "Content type", &["html", "text"]),
        long("text", "Content"), pairs("headers", "Headers"),
    ]),
    form("airtable:ActionCreateRecord", 3, Role::Action, 32, &[connection("__IMTCONN__", "airtable3,airtable2")], &[
        picked("base", "Base"), picked("table", "Table"), record("record", "Record"), switch("typecast", "Smart links"),
    ]),
    form("airtable:ActionSearchRecords", 3, Role::Action, 24, &[connection("__IMTCONN__", "airtable3,airtable2")], &[
        picked("base", "Base"), picked("table", "Table"), text("formula", "Formula"), count("maxRecords", "Limit"),
    ]),
    form("notion:createAPage", 1, Role::Action, 16, &[connection("__IMTCONN__", "notion2,notion3")], &[
        picked("database", "Database ID"), record("fields", "Fields"), long("content", "Content"),
    ]),
    form("hubspotcrm:createContact", 2, Role::Action, 18, &[connection("__IMTCONN__", "hubspotcrm")], &[
        record("propertyGroups", "Properties"), text("ownerId", "Owner"),
    ]),
    form("google-drive:uploadAFile", 4, Role::Action, 20, &[connection("__IMTCONN__", "google-restricted")], &[
        choice("destination", "New drive location", &["drive", "share", "team"]), picked("folderId", "New folder location"),
        file("file", "File"), switch("convert", "Convert"),
    ]),
    form("telegram:SendReplyMessage", 1, Role::Action, 18, &[connection("__IMTCONN__", "telegram")], &[
        text("chatId", "Chat ID"), long("text", "Text"), choice("parseMode", "Parse mode", &["HTML", "Markdown"]),
    ]),
    form("app#acme-crm:createDeal", 1, Role::Action, 10, &[connection("__IMTCONN__", "app#acme-crm")], &[
        text("title", "Title"), record("deal", "Deal"), choice("stage", "Stage", &["new", "won", "lost"]),
    ]),
    form("builtin:BasicFeeder", 1, Role::Action, 22, &[], &[text("array", "Array")]),
    form("util:TextAggregator", 1, Role::Action, 8, &[], &[text("value", "Text")]),
    form("util:FunctionSleep", 1, Role::Action, 8, &[], &[count("duration", "Delay")]),
    form("util:SetVariables", 1, Role::Action, 18, &[], &[
        pairs("variables", "Variables"), choice("scope", "Variable lifetime", &["roundtrip", "execution"]),
    ]),
    form("regexp:Replace", 1, Role::Action, 5, &[], &[
        text("pattern", "Pattern"), text("value", "New value"), switch("global", "Global match"), long("text", "Text"),
    ]),
    form("gateway:WebhookRespond", 1, Role::Action, 14, &[], &[
        count("status", "Status"), long("body", "Body"), pairs("headers", "Custom headers"),
    ]),
    form("scenario-service:CallSubscenario", 1, Role::Action, 5, &[called()], &[
        record("inputs", "Scenario inputs"), switch("shouldWaitForExecutionEnd", "Wait for the scenario to finish"),
    ]),
    form("scenario-service:ReturnData", 1, Role::Action, 4, &[], &[record("outputs", "Scenario outputs")]),
    form("make-ai-agents:RunAnAgent", 1, Role::Action, 5, &[], &[
        agent("agent", "Agent"), long("messages", "Messages"), text("threadId", "Thread ID"),
    ]),
    // --- error handlers ---
    form("builtin:Ignore", 1, Role::Handler, 30, &[], &[]),
    form("builtin:Resume", 1, Role::Handler, 18, &[], &[text("value", "Substitute value")]),
    form("builtin:Commit", 1, Role::Handler, 8, &[], &[]),
    form("builtin:Rollback", 1, Role::Handler, 8, &[], &[]),
    form("builtin:Break", 1, Role::Handler, 12, &[], &[
        count("retry", "Number of attempts"), count("interval", "Interval between attempts"),
    ]),
    // --- agents ---
    form("ai-local-agent:RunLocalAIAgent", 0, Role::Agent, 10, &[connection("makeConnectionId", "ai-provider,openai-gpt-3")], &[
        text("modelName", "Model"), long("agentInstructions", "Instructions"), long("messages", "Input"), text("threadId", "Conversation ID"),
    ]),
];

const fn form(
    module: &'static str,
    version: u64,
    role: Role,
    weight: u32,
    slots: &'static [Slot],
    fields: &'static [Field],
) -> Form {
    Form {
        module,
        version,
        role,
        weight,
        slots,
        fields,
    }
}

const fn parameter(name: &'static str, sort: Sort, types: &'static str) -> Slot {
    Slot {
        place: Place::Parameters,
        name,
        sort,
        types,
        optional: false,
    }
}

const fn connection(name: &'static str, types: &'static str) -> Slot {
    parameter(name, Sort::Connection, types)
}

const fn hook(name: &'static str, types: &'static str) -> Slot {
    parameter(name, Sort::Hook, types)
}

const fn key(name: &'static str, types: &'static str) -> Slot {
    parameter(name, Sort::Key, types)
}

const fn proxy() -> Slot {
    Slot {
        optional: true,
        ..key("proxyKeychain", "proxy")
    }
}

const fn store() -> Slot {
    parameter("datastore", Sort::DataStore, "")
}

const fn structure(optional: bool) -> Slot {
    Slot {
        optional,
        ..parameter("type", Sort::DataStructure, "")
    }
}

const fn body_structure() -> Slot {
    Slot {
        place: Place::Mapper,
        optional: true,
        ..parameter("bodyDataStructure", Sort::DataStructure, "")
    }
}

const fn called() -> Slot {
    parameter("scenario", Sort::Scenario, "")
}

const fn field(name: &'static str, label: &'static str, kind: Kind) -> Field {
    Field { name, label, kind }
}

const fn text(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Text)
}

const fn long(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Long)
}

const fn address(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Address)
}

const fn choice(name: &'static str, label: &'static str, words: &'static [&'static str]) -> Field {
    field(name, label, Kind::Choice(words))
}

const fn count(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Count)
}

const fn switch(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Switch)
}

const fn picked(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Picked)
}

const fn cells(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Cells)
}

const fn pairs(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Pairs)
}

const fn record(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Record)
}

const fn file(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::File)
}

const fn agent(name: &'static str, label: &'static str) -> Field {
    field(name, label, Kind::Agent)
}
