//! A key that is kept, and logins by OAuth.

use std::fs;

use makeform::sandbox::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET};
use serde_json::{Value, json};

use super::{
    story::{LOGINS, Story},
    wrong_answers::ANSWERS,
};
use crate::support::{
    logging_in::{LoggingIn, Visitor},
    parrot::{Answer, To},
};

/// A key that is kept, then a login by OAuth that is renewed; first in the clear, then sealed.
pub(super) fn logins(story: &mut Story) {
    let other = |args: &[&'static str]| [args, &["--target", "other"]].concat();
    let kept = "ca4a7e00-3333-4222-8333-0000deadbeef";
    story.hunt.add("login key", kept);
    story.world.set_env("MAKE_API_KEY", None);
    let wrong = "ca4a7e00-9999-4222-8333-0000deadbeef";
    story.hunt.add("wrong key", wrong);
    let login = other(&["auth", "login", "--api-key"]);
    let _ = story.piped(&login, &[], wrong).exits(1);
    let _ = story
        .piped(&login, &[], "ca4a7e00-9999-4222 8333-0000deadbeef")
        .exits(1);
    story.parrot.knows(kept);
    let _ = story.piped(&login, &[], kept).success();
    story.assert_in(LOGINS, "login key");
    let _ = story.run(&other(&["plan"])).success();
    let _ = story.run(&other(&["auth", "status"])).success();
    assert!(story.parrot.heard(kept));

    story.secret("client secret", "MAKE_CLIENT_SECRET", CONFIDENTIAL_SECRET);
    story
        .world
        .set_env("MAKE_CLIENT_ID", Some(CONFIDENTIAL_CLIENT));
    for (round, key) in [(1, None), (2, Some("canary-state-key-51LmX0Qz81"))] {
        if let Some(key) = key {
            story.secret("state key", "MAKEFORM_STATE_KEY", key);
        }
        let visitor = Visitor::new();
        let login = LoggingIn::start(&story.world, &["--target", "other"]);
        let back = visitor.decide(&login.url, "allow");
        let code = back
            .split("code=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap();
        story.hunt.add(&format!("code {round}"), code);
        let page = visitor.get(&back);
        assert!(page.body.contains("You are logged in"), "{page:?}");
        story.shown.push(("a page of auth login".into(), page.body));
        let output = login.end().success();
        story.saw(&["auth", "login", "--oauth"], &output);
        for again in 1..3 {
            if key.is_none() {
                let kept: Value = serde_json::from_str(&story.world.read(LOGINS)).unwrap();
                for name in ["access", "refresh"] {
                    let token = kept["logins"][0][name].as_str().unwrap();
                    story
                        .hunt
                        .add(&format!("login {name} {round}.{again}"), token);
                    story.assert_in(LOGINS, &format!("login {name} {round}.{again}"));
                }
                let mut page = kept;
                page["logins"][0]["expires"] = json!("2020-01-01T00:00:00Z");
                fs::write(story.world.file(LOGINS), page.to_string()).unwrap();
            }
            let _ = story.run(&other(&["plan"])).success();
            let _ = story
                .run(&other(&["auth", "status", "--format", "json"]))
                .success();
            story.assert_nowhere();
        }
        // The server's answers to an exchange, all of them wrong and full of what it was sent.
        if key.is_none() {
            for answer in ANSWERS {
                let mut page: Value = serde_json::from_str(&story.world.read(LOGINS)).unwrap();
                page["logins"][0]["expires"] = json!("2020-01-01T00:00:00Z");
                fs::write(story.world.file(LOGINS), page.to_string()).unwrap();
                story.parrot.answer(To::Path("/token"), answer);
                let _ = story.run(&other(&["plan"]));
                story.parrot.hush();
                if fs::read_to_string(story.world.file(LOGINS))
                    .unwrap()
                    .contains("access")
                {
                    learn(story, &format!("{round}.{answer:?}"));
                }
            }
            story.assert_nowhere();
        }
        story
            .parrot
            .answer(To::Path("/revoke"), Answer::Refuse(400));
        let _ = story.run(&other(&["auth", "logout"]));
        story.parrot.hush();
    }
    let sealed = story.world.read(LOGINS);
    assert!(sealed.contains("sealed"), "{sealed}");
    story.assert_nowhere();
}

/// Takes in the tokens that are kept now.
fn learn(story: &mut Story, when: &str) {
    let kept: Value = serde_json::from_str(&story.world.read(LOGINS)).unwrap();
    for name in ["access", "refresh"] {
        if let Some(token) = kept["logins"][0][name].as_str() {
            story.hunt.add(&format!("login {name} {when}"), token);
        }
    }
}
