//! A file full of comments, in each of the ways in which a file can be written.

use super::{colleague, diff, files, updated};
use crate::support::world::World;

const COMMENTED: &str = r##"# Everything of sales.
# yaml-language-server: $schema=../schema.json

# The hours of the office: do not touch without Ann.
apiVersion: makeform/v1
kind: Schedule
metadata: { name: office }
spec:
  weekly: { days: [mon, tue], time: "09:00" } # nine to five
---
# The folder of sales
apiVersion: makeform/v1   # as ever
kind: Folder
metadata: { name: sales } # its address stays
spec: { name: 'Sales' }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: old }
spec:
  name: Old things
# Below the folders.
---
# What comes in
apiVersion: makeform/v1
kind: Scenario
metadata:
  name: intake  # never rename

spec:
  # Shown to all
  description: "Takes ${var.what} in"   # reviewed 2026

  folder: folder.sales  # Ann's
  active: false
  # Twice an hour is enough.
  schedule:   # see the wiki
    every: 30m   # not more often
  settings: { maxErrors: 5 } # Make's default is 3
  blueprint:
    # The modules
    flow:
      - id: 1
        module: "http:ActionSendData"   # the first
        version: 3
        mapper:
          url: https://example.com/${var.what}   # by target
          # who we are
          headers: [ { name: X-Key, value: "${env.CRM_TOKEN}" } ]
          method: get
      # The second one
      - id: 2
        module: util:SetVariable
        version: 1
        mapper: { name: note, value: 'one' } # a note
    metadata: { version: 1 }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: first-of-two }
spec:
  name: First of two
  schedule: schedule.office   # shared
  blueprint: { flow: [ { id: 1, module: "util:SetVariable", version: 1, mapper: { name: a, value: b } } ], metadata: {} }
---
apiVersion: makeform/v1
kind: DataStructure
metadata: { name: order }
spec:
  name: Order
  strict: true   # no more than that
  fields:
    # what it is
    - name: sku   # the key
      type: text
      required: false
    - { name: count, type: number }  # how many
# The end of it
---
apiVersion: makeform/v1
kind: Variable
metadata: { name: region }
spec: { name: region, scope: team, type: text, value: "eu" } # or us
---
apiVersion: makeform/v1
kind: OrganizationRole
metadata: { name: nina }
spec:
  email: nina@acme.example
  role: Member  # for now
"##;

const CHANGED: &str = r##"apiVersion: makeform/v1
kind: Schedule
metadata: { name: office }
spec: { weekly: { days: [mon, tue, wed], time: "09:00" } }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: old }
spec: { name: Old things }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: intake }
spec:
  description: "Takes orders in, quickly"
  folder: folder.old
  schedule: { every: 15m }
  settings: { maxErrors: 7 }
  blueprint:
    flow:
      - { id: 1, module: "http:ActionSendData", version: 3, mapper: { url: "https://example.com/orders",
          headers: [ { name: X-Key, value: "${env.CRM_TOKEN}" } ], method: post } }
      - { id: 2, module: "util:SetVariable", version: 1, mapper: { name: note, value: two } }
      - { id: 3, module: "util:SetVariable", version: 1, mapper: { name: more, value: "{{1.data}}" } }
    metadata: { version: 1 }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: first-of-two }
spec: { name: First of two, schedule: schedule.office }
---
apiVersion: makeform/v1
kind: DataStructure
metadata: { name: order }
spec:
  name: Order
  fields:
    - { name: sku, type: text }
    - { name: count, type: text }
    - { name: note, type: text }
---
apiVersion: makeform/v1
kind: Variable
metadata: { name: region }
spec: { name: region, scope: team, type: text, value: "us" }
---
apiVersion: makeform/v1
kind: OrganizationRole
metadata: { name: nina }
spec: { email: nina@acme.example, role: Admin }
"##;

const CHANGES: [&str; 24] = [
    r#"-  weekly: { days: [mon, tue], time: "09:00" } # nine to five"#,
    r#"-  description: "Takes ${var.what} in"   # reviewed 2026"#,
    "-  folder: folder.sales  # Ann's",
    "-    every: 30m   # not more often",
    "-  settings: { maxErrors: 5 } # Make's default is 3",
    "-          method: get",
    "-        mapper: { name: note, value: 'one' } # a note",
    "-    - { name: count, type: number }  # how many",
    r#"-spec: { name: region, scope: team, type: text, value: "eu" } # or us"#,
    "-  role: Member  # for now",
    r#"+  weekly: { days: [mon, tue, wed], time: "09:00" } # nine to five"#,
    r#"+  description: "Takes orders in, quickly"   # reviewed 2026"#,
    "+  folder: folder.old  # Ann's",
    "+    every: 15m   # not more often",
    "+  settings: { maxErrors: 7 } # Make's default is 3",
    "+          method: post",
    "+        mapper: { name: note, value: 'two' } # a note",
    "+      - id: 3",
    "+          name: more",
    r#"+          value: "{{1.data}}""#,
    "+    - { name: count, type: text }  # how many",
    "+    - name: note",
    r#"+spec: { name: region, scope: team, type: text, value: "us" } # or us"#,
    "+  role: Admin  # for now",
];

/// A project of that file, applied.
fn commented(text: &str) -> World {
    let world = World::new().with_env("CRM_TOKEN", "k3y-0f-harbor-yoga-98");
    world.edit(
        "makeform.yaml",
        "sandbox: { url: \"sandbox:\" }",
        "sandbox: { url: \"sandbox:\", vars: { what: orders } }",
    );
    world.write("manifests/sales.yaml", text);
    let _ = world.run(&["apply", "--auto-approve"]).success();
    world.assert_settled();
    world
}

#[test]
fn comments_order_quotes_and_references_of_all_else_survive() {
    let crlf = COMMENTED.replace('\n', "\r\n");
    let marked = format!("\u{feff}{}", COMMENTED.trim_end());
    for text in [COMMENTED, &crlf, &marked] {
        let world = commented(text);
        updated(&world);
        assert_eq!(
            world.read("manifests/sales.yaml"),
            text,
            "nothing has changed"
        );
        colleague(&world, CHANGED);
        let before = files(&world.file("manifests"));
        updated(&world);
        let after = world.read("manifests/sales.yaml");
        let plain = |text: &str| text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        assert_eq!(diff(&plain(text), &plain(&after)), CHANGES);
        assert_eq!(after.contains("\r\n"), text.contains("\r\n"));
        assert!(!after.replace("\r\n", "").contains('\r'));
        assert_eq!(after.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
        assert_eq!(after.ends_with('\n'), text.ends_with('\n'));
        assert_eq!(files(&world.file("manifests")).len(), before.len());
    }
}
