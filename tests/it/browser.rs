//! A login with a real browser: Chromium, which gets the page, presses the button with the
//! mouse, and comes back.
#![cfg(feature = "external-tests")]

use makeform::sandbox::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT};

use crate::support::{chromium::Browser, logging_in::LoggingIn, server::Server, world::World};

#[test]
fn a_user_logs_in_with_a_real_browser_and_plans_with_that_login() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut browser = Browser::start(folder.path());
    for (client, secret, target) in [
        (PUBLIC_CLIENT, "", "one"),
        (CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, "two"),
    ] {
        let world = World::empty()
            .with_env("MAKE_CLIENT_ID", client)
            .with_env("MAKE_CLIENT_SECRET", secret);
        world.write(
            "makeform.yaml",
            &format!(
                "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: acme }}\nspec:\n\
                 \x20 manifests: [\"manifests/**/*.yaml\"]\n\
                 \x20 targets: {{ {target}: {{ url: \"{}\" }} }}\n",
                server.url
            ),
        );
        world.write(
            "manifests/crm.yaml",
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: crm }\nspec: { name: CRM }\n",
        );
        // First a no, then a yes.
        let login = LoggingIn::start(&world, &[]);
        browser.visit(&login.url);
        browser.click("#deny");
        let text = "document.querySelector('h1')?.innerText === 'makeform' ? \
            document.body.innerText : null";
        let page = browser.await_value(text);
        assert!(
            page.as_str().unwrap().contains("did not come about"),
            "{page}"
        );
        let refused = login.end().exits(1);
        assert!(refused.stderr.contains("access_denied"), "{refused}");

        let login = LoggingIn::start(&world, &[]);
        browser.visit(&login.url);
        browser.click("#allow");
        let page = browser.await_value(text);
        assert!(
            page.as_str().unwrap().contains("You are logged in"),
            "{page}"
        );
        let output = login.end().success();
        assert!(output.stderr.contains("as Olivia Owen"), "{output}");

        let plan = world.run(&["plan"]).success();
        assert!(
            plan.stdout.contains("folder.crm") || target == "two",
            "{plan}"
        );
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.assert_settled();
    }
}
