//! Every question that Make leaves open and a client can stumble over, with its answers.

use super::table::quirks;
use super::{Quirk, Setting, UnknownQuirk};

quirks! {
    // --- scenarios: what a row says ---
    last_edit: LastEdit, "last-edit"
        asks "Which changes of a scenario move its `lastEdit`?"
        since "No page says it."
        {
            Any "any": "Every change: saving, the interface, custom properties, start and stop.",
            Save "save": "Saving the scenario, whatever is in the save; nothing else.",
            Blueprint "blueprint": "Saving a blueprint; nothing else.",
        }
    scenario_version: ScenarioVersion, "scenario-version"
        asks "What is `scenarioVersion`, and what moves it?"
        since "A column without a description; presumably the version of the blueprint."
        {
            Blueprint "blueprint": "The version of the blueprint: saving one counts it up.",
            Any "any": "Every change that moves `lastEdit` counts it up too.",
            Absent "absent": "Rows have no such column, even when it is asked for.",
        }
    scenario_row: ScenarioRow, "scenario-row"
        asks "Which columns does a scenario's row have?"
        since "The list of columns lacks some that were seen in answers."
        {
            Whole "whole": "All columns that were ever seen.",
            Listed "listed": "Only those that Make's list of columns has; others stay away, even when asked for.",
        }
    unknown_columns: UnknownColumns, "unknown-columns"
        asks "What happens when `cols[]` asks for a column that there is none of?"
        since "No page says it."
        {
            Refused "refused": "400.",
            Ignored "ignored": "The answer goes without it.",
        }
    empty_description: EmptyDescription, "empty-description"
        asks "How does a scenario without a description come back?"
        since "The official SDK's mock has a bare newline."
        {
            Empty "empty": "As an empty text.",
            Newline "newline": "As a bare newline.",
        }
    custom_properties_row: CustomPropertiesRow, "custom-properties-row"
        asks "Does a scenario's row show its custom properties?"
        since "Seen in answers, in no list of columns."
        {
            Shown "shown": "`customProperties` is a column of the row.",
            Hidden "hidden": "Only the call of its own shows them.",
            Unknown "unknown": "There is no such column: asking for it is asking for an unknown one.",
        }

    // --- scenarios: saving ---
    name_source: NameSource, "name-source"
        asks "Which name wins, the scenario's or its blueprint's?"
        since "Neither direction is documented, nor a save with both."
        {
            BothFollow "both-follow": "They are one name; where a save has both, the scenario's wins.",
            ScenarioWins "scenario-wins": "After creation only `name` renames a scenario; the blueprint keeps its own name.",
            BlueprintWins "blueprint-wins": "Saving a blueprint renames the scenario, also where the save has a `name`; a lone `name` leaves the blueprint's.",
        }
    patch_empty_interface: PatchEmptyInterface, "patch-empty-interface"
        asks "Does a save with empty `metadata` specifications clear the interface?"
        since "The official SDK sends them with every save, even with a rename."
        {
            Clears "clears": "Yes.",
            Keeps "keeps": "No: an empty specification counts as not sent.",
        }
    interface_body: InterfaceBody, "interface-body"
        asks "Is the body of `PATCH /scenarios/{id}/interface` wrapped in `interface`?"
        since "API reference and SDK: yes; Make's own examples for agents: no."
        {
            Wrapped "wrapped": "It must be.",
            Bare "bare": "It must not be.",
        }
    hook_taken: HookTaken, "hook-taken"
        asks "What if a blueprint names a hook that another scenario has?"
        since "No page says it."
        {
            Refused "refused": "422; nothing is saved.",
            Moved "moved": "The hook is this scenario's from then on, and the other is without one.",
        }
    unknown_ids: UnknownIds, "unknown-ids"
        asks "Is a blueprint refused that names a hook, key or data store which is not there?"
        since "Seen for connections only."
        {
            Refused "refused": "404 IM304, as for connections.",
            Accepted "accepted": "It is saved as it is.",
        }
    unset_connection: UnsetConnection, "unset-connection"
        asks "Is a scenario invalid while a module has no connection chosen?"
        since "Measured: no. Make's own examples for agents: yes."
        {
            Valid "valid": "No.",
            Invalid "invalid": "Yes: `isinvalid` is true and it cannot be started.",
        }
    save_active: SaveActive, "save-active"
        asks "Does saving a blueprint switch an active scenario off?"
        since "Guides say to stop it first; scripts save and start again where it turned inactive."
        {
            StaysActive "stays-active": "No.",
            Deactivates "deactivates": "Yes.",
        }
    numbers: Numbers, "numbers"
        asks "Do whole numbers with a fraction of zero come back as they were written?"
        since "Measured round trips show none; JavaScript has one sort of number."
        {
            Kept "kept": "Yes, to the digit.",
            Integers "integers": "`1.0` comes back as `1`.",
        }
    key_order: KeyOrder, "key-order"
        asks "In which order do the keys of a blueprint come back?"
        since "Measured: another than they were sent in."
        {
            Sorted "sorted": "Sorted by name.",
            AsSent "as-sent": "As they were sent.",
        }

    // --- scenarios: schedules ---
    daily_stored: DailyStored, "daily-stored"
        asks "Is a schedule by days stored as it was sent?"
        since "One report: a schedule set to daily in the editor came back as an interval with a window."
        {
            AsSent "as-sent": "Yes.",
            AsRestrict "as-restrict": "`daily` and `weekly` become `indefinitely` with a `restrict` of one minute a day.",
        }
    list_order: ListOrder, "list-order"
        asks "Do `days` and `months` of a schedule keep their order?"
        since "No page says it."
        {
            AsSent "as-sent": "Yes.",
            Sorted "sorted": "They come back in ascending order.",
        }

    // --- scenarios: on, off, away ---
    start_repeat: StartRepeat, "start-repeat"
        asks "What do `start` of an active and `stop` of an inactive scenario answer?"
        since "The SDK knows messages for both but no status; one report has no error at all."
        {
            Refused422 "refused-422": "422 with Make's message.",
            Refused400 "refused-400": "400 with Make's message.",
            Idempotent "idempotent": "200, as if it had changed something.",
        }
    start_failure: StartFailure, "start-failure"
        asks "With which status does `start` fail for a scenario that cannot run?"
        since "The messages are known; one report has the status 422."
        {
            Status422 "422": "422.",
            Status400 "400": "400.",
        }
    delete_active: DeleteActive, "delete-active"
        asks "Can an active scenario be deleted?"
        since "No page says it."
        {
            Allowed "allowed": "Yes.",
            Refused "refused": "422 until it is stopped.",
        }
    delete_scenario_hook: DeleteScenarioHook, "delete-scenario-hook"
        asks "What happens to the hook of a scenario that is deleted?"
        since "No page says it; a hook belongs to the team, so it should stay."
        {
            Stays "stays": "It stays, free for another scenario.",
            Goes "goes": "It goes too.",
        }
    folder_delete: FolderDelete, "folder-delete"
        asks "Can a folder be deleted that has scenarios or folders in it?"
        since "No page says it."
        {
            Folderless "folderless": "Yes: its scenarios are without a folder then, its folders move up.",
            Refused "refused": "422 while anything is in it.",
        }
    execution_lag: ExecutionLag, "execution-lag"
        asks "Can an execution be looked up right after its run began?"
        since "The SDK's own tests ask again after a 404."
        {
            AtOnce "at-once": "Yes.",
            Late "late": "The first look after the run is answered 404.",
        }
    run_status: RunStatus, "run-status"
        asks "Is the `status` in the answer to a responsive run a number or a word?"
        since "Both stand in examples."
        {
            Number "number": "`1`.",
            Word "word": "`\"success\"`.",
        }

    // --- lists ---
    page_cap: PageCap, "page-cap"
        asks "What is the largest page of a list?"
        since "No maximum is documented; 10000 is the largest that answers state."
        {
            None "none": "10000 rows.",
            Hundred "100": "100 rows, whatever is asked for; the answer states it.",
            Three "3": "3 rows, whatever is asked for; the answer states it.",
        }
    page_statement: PageStatement, "page-statement"
        asks "Does every list that has pages state its page?"
        since "Some examples leave `pg` out of the answer."
        {
            Stated "stated": "Yes, in `pg`.",
            Absent "absent": "No: only an empty page ends the list for sure.",
        }
    flat_lists: FlatLists, "flat-lists"
        asks "Do hooks, connections, keys and devices have pages?"
        since "Not documented, and no answer states a page; the SDK asks for pages of hooks."
        {
            Whole "whole": "No: the whole list comes back, whatever is asked for.",
            Paged "paged": "Yes, of 10000 rows unless asked for less; the answer states it.",
        }
    folder_list: FolderList, "folder-list"
        asks "Is the list of folders a tree?"
        since "API reference: flat. SDK: a tree."
        {
            Tree "tree": "A tree, of one level of children unless `childrenDepth=all` asks for it whole.",
            Flat "flat": "One row for each folder, without `path` and `children`.",
        }

    // --- hooks ---
    new_hooks: NewHooks, "new-hooks"
        asks "Is a new hook switched on?"
        since "Documented as on; hooks of a fresh account were seen off."
        {
            Enabled "enabled": "Yes.",
            Disabled "disabled": "No.",
        }
    hook_unassigned: HookUnassigned, "hook-unassigned"
        asks "How does the row of a hook say that no scenario has it?"
        since "Examples leave `scenarioId` out; other rows of the API have `null`."
        {
            Absent "absent": "It has no `scenarioId`.",
            Null "null": "Its `scenarioId` is null.",
        }

    // --- people ---
    team_role_removal: TeamRoleRemoval, "team-role-removal"
        asks "How is a user taken out of one team?"
        since "Not documented; for organizations it is a role without a body."
        {
            EmptyBody "empty-body": "By `POST` of the role with an empty body.",
            NotOffered "not-offered": "Not by the API: such a request is 400.",
        }
    invitation_removal: InvitationRemoval, "invitation-removal"
        asks "Does taking an invited user out of the organization cancel the invitation?"
        since "No call to cancel one is documented."
        {
            Cancels "cancels": "Yes.",
            Refused "refused": "404 until the invitation is accepted.",
        }
    invitation_row: InvitationRow, "invitation-row"
        asks "Do people with an open invitation stand in the lists of an organization?"
        since "Roles have an `invitation` field; no page says that open ones are listed."
        {
            Listed "listed": "Yes, with `invitation` set.",
            Hidden "hidden": "Not before they accept.",
        }
    role_ids: RoleIds, "role-ids"
        asks "Are the ids of Make's own roles the same everywhere?"
        since "Not documented; a mock of the SDK has others."
        {
            AsSeen "as-seen": "They are those of the API reference.",
            Other "other": "They are 100 higher.",
        }
    role_identifiers: RoleIdentifiers, "role-identifiers"
        asks "Does every role have an `identifier`?"
        since "Seen for roles of teams only."
        {
            Present "present": "Yes.",
            TeamOnly "team-only": "Those of organizations have none.",
        }
    custom_role_form: CustomRoleForm, "custom-role-form"
        asks "How does a request name the custom role that it changes or deletes?"
        since "API reference: by `id` in the body, with `permissionType`. SDK: in the path, with `category`."
        {
            Either "either": "Either way.",
            Path "path": "In the path, with `category`.",
            Body "body": "In the body, with `permissionType`.",
        }
    variables_wrapper: VariablesWrapper, "variables-wrapper"
        asks "Under which key do variables come back?"
        since "`organizationVariables` and `teamVariables` in one place; unsure."
        {
            Named "named": "Under `organizationVariables` and `teamVariables`.",
            Plain "plain": "Under `variables`.",
        }

    // --- data stores ---
    delete_one_data_store: DeleteOneDataStore, "delete-one-data-store"
        asks "How is one data store deleted?"
        since "SDK: its id in the path. API reference: `ids` in the body of the collection."
        {
            Either "either": "Either way.",
            Path "path": "By its id in the path only.",
            Ids "ids": "By `ids` in the body only.",
        }
    data_store_columns: DataStoreColumns, "data-store-columns"
        asks "Which columns does a list of data stores have unasked?"
        since "API reference: all but the structure. The SDK's mock has the structure, its types have not."
        {
            Listed "listed": "All but `datastructureId`.",
            Whole "whole": "All.",
        }
    data_store_records: DataStoreRecords, "data-store-records"
        asks "Is the number of records of a data store a number?"
        since "One example has a text."
        {
            Number "number": "Yes.",
            Text "text": "It is a text, as sizes are.",
        }

    // --- refusals and limits ---
    error_detail: ErrorDetail, "error-detail"
        asks "What is the `detail` of a refusal?"
        since "A text in most examples; it may be an object, or not there."
        {
            Text "text": "A text.",
            Absent "absent": "Not there.",
            Object "object": "An object with the text in it.",
        }
    confirmation_body: ConfirmationBody, "confirmation-body"
        asks "Does the refusal of an unconfirmed request list what would be affected?"
        since "Seen for private spaces only."
        {
            Listed "listed": "Yes, in `metadata`.",
            Plain "plain": "No: it has only code and message.",
        }
    limit_body: LimitBody, "limit-body"
        asks "What is the body of a 429?"
        since "The message is documented, its form is not."
        {
            Json "json": "Make's usual JSON.",
            Text "text": "The bare message as text.",
        }
    limit_retry_after: LimitRetryAfter, "limit-retry-after"
        asks "Does a 429 say when to come back?"
        since "Not documented; the SDK honours `Retry-After`."
        {
            Absent "absent": "No.",
            Present "present": "Yes: `Retry-After` in seconds.",
        }
    api_limit: ApiLimit, "api-limit"
        asks "Does the license always state the request limit?"
        since "A sample plan of the API reference has 0."
        {
            Stated "stated": "Yes.",
            Zero "zero": "It says 0, which is not the limit.",
            Absent "absent": "It has no `apiLimit`.",
        }
}
