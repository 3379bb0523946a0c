//! Stories of ledgers in git: any remote, clones of any depth, pushes that compete.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    address, binding,
    conformance::{LONG, run},
    finish, owner, start,
};
use crate::state::{Answering, StateError, Store};

/// Runs git in a folder; what it wrote.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // No user.name and no settings of the machine: a CI runner.
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A bare remote and clones of it.
struct Remote {
    root: tempfile::TempDir,
}

impl Remote {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        git(
            root.path(),
            &["init", "--quiet", "--bare", "-b", "main", "remote.git"],
        );
        let remote = Self { root };
        let first = remote.clone("first", &[]);
        git(&first, &["commit", "--quiet", "--allow-empty", "-m", "one"]);
        git(&first, &["commit", "--quiet", "--allow-empty", "-m", "two"]);
        git(&first, &["push", "--quiet", "origin", "HEAD:main"]);
        remote
    }

    fn bare(&self) -> PathBuf {
        self.root.path().join("remote.git")
    }

    fn clone(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let url = format!("file://{}", self.bare().display());
        let clone = [&["clone", "--quiet"], arguments, &[&url, name]].concat();
        git(self.root.path(), &clone);
        let folder = self.root.path().join(name);
        git(&folder, &["config", "user.name", "Ada"]);
        git(&folder, &["config", "user.email", "ada@example.com"]);
        folder
    }
}

#[tokio::test]
async fn a_ref_of_a_remote_conforms_whoever_has_cloned_it() {
    run(|| {
        let remote = Remote::new();
        let clones = [remote.clone("a", &[]), remote.clone("b", &["--depth", "1"])];
        let next = std::sync::atomic::AtomicUsize::new(0);
        Box::new(move || {
            let _ = &remote;
            let turn = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Store::in_git(&clones[turn % 2], "production", Answering::default(), LONG)
        })
    })
    .await;
}

#[tokio::test]
async fn a_ref_of_a_repository_without_a_remote_conforms() {
    run(|| {
        let root = tempfile::tempdir().unwrap();
        git(root.path(), &["init", "--quiet"]);
        Box::new(move || Store::in_git(root.path(), "production", Answering::default(), LONG))
    })
    .await;
}

#[tokio::test]
async fn a_ci_runner_without_a_name_or_a_branch_writes_a_log_that_people_can_read() {
    let remote = Remote::new();
    let runner = remote.root.path().join("runner");
    let url = format!("file://{}", remote.bare().display());
    git(remote.root.path(), &["init", "--quiet", "runner"]);
    git(&runner, &["remote", "add", "origin", &url]);
    git(
        &runner,
        &["fetch", "--quiet", "--depth", "1", "origin", "main"],
    );
    git(&runner, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    // A hook of the user's and a setting that signs or follows tags are none of the ledger's.
    git(&runner, &["config", "push.followTags", "true"]);
    git(&runner, &["config", "commit.gpgSign", "true"]);
    let before = git(&runner, &["status", "--porcelain"]);

    let folder = runner.join("sub/folder");
    std::fs::create_dir_all(&folder).unwrap();
    let store = Store::in_git(&folder, "production", Answering::default(), LONG);
    let mut locked = store.lock(&owner(), Duration::ZERO).await.unwrap();
    let apply = start(&mut locked).await;
    locked
        .bind(&address("folder.crm"), binding(7))
        .await
        .unwrap();
    finish(&mut locked, apply).await;
    locked.close().await.unwrap();

    assert_eq!(git(&runner, &["status", "--porcelain"]), before);
    assert!(store.is_shared().await.unwrap());
    let log = git(
        &remote.bare(),
        &["log", "--format=%an <%ae> %s", "refs/makeform/production"],
    );
    let lines: Vec<&str> = log.lines().rev().collect();
    assert_eq!(
        lines,
        [
            "ada <ada@laptop> makeform apply takes the lock",
            "ada <ada@laptop> begin a generation of the ledger",
            "ada <ada@laptop> apply #1 begins",
            "ada <ada@laptop> makeform apply #1: bind folder.crm to 7",
            "ada <ada@laptop> makeform apply #1 ended: complete",
            "ada <ada@laptop> apply #1 becomes history",
            "ada <ada@laptop> makeform apply gives the lock back",
        ]
    );
    let begun = git(
        &remote.bare(),
        &[
            "log",
            "--grep",
            "begins",
            "--format=%b",
            "refs/makeform/production",
        ],
    );
    assert_eq!(begun, "Plan-digest: sha256:00\nProject-commit: c0ffee");
    let other = Store::in_git(
        &remote.clone("other", &[]),
        "production",
        Answering::default(),
        LONG,
    );
    assert_eq!(other.read().await.unwrap().bindings.by_address.len(), 1);
    let files = git(
        &remote.bare(),
        &["ls-tree", "-r", "--name-only", "refs/makeform/production"],
    );
    assert_eq!(files, "history/1.jsonl\nledger.json\nlock.json");
}

#[tokio::test]
async fn a_ledger_that_is_not_at_the_remote_any_more_is_no_empty_one() {
    let remote = Remote::new();
    let clone = remote.clone("clone", &[]);
    let store = Store::in_git(&clone, "production", Answering::default(), LONG);
    store
        .lock(&owner(), Duration::ZERO)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    git(
        &remote.bare(),
        &["update-ref", "-d", "refs/makeform/production"],
    );
    for store in [
        &store,
        &Store::in_git(&clone, "production", Answering::default(), LONG),
    ] {
        let error = store.read().await.unwrap_err();
        assert!(matches!(error, StateError::Remote { .. }), "{error}");
        assert!(error.to_string().contains("git push origin"), "{error}");
    }

    // Begun before there was a remote.
    let lone = tempfile::tempdir().unwrap();
    git(lone.path(), &["init", "--quiet"]);
    let store = Store::in_git(lone.path(), "production", Answering::default(), LONG);
    assert!(!store.is_shared().await.unwrap());
    store
        .lock(&owner(), Duration::ZERO)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    let url = remote.bare().display().to_string();
    git(lone.path(), &["remote", "add", "upstream", &url]);
    let store = Store::in_git(lone.path(), "production", Answering::default(), LONG);
    let error = store.read().await.unwrap_err();
    assert!(error.to_string().contains("git push upstream"), "{error}");
    git(
        lone.path(),
        &["push", "--quiet", "upstream", "refs/makeform/production"],
    );
    assert!(store.is_begun().await.unwrap());
}

#[tokio::test]
async fn without_a_repository_or_with_remotes_of_any_name_it_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_git(folder.path(), "production", Answering::default(), LONG);
    let error = store.read().await.unwrap_err();
    assert!(
        error.to_string().contains("not a git repository"),
        "{error}"
    );
    git(folder.path(), &["init", "--quiet"]);
    for name in ["one", "two"] {
        git(folder.path(), &["remote", "add", name, "/nowhere"]);
    }
    let error = Store::in_git(folder.path(), "production", Answering::default(), LONG)
        .read()
        .await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("git config makeform.remote NAME"), "{error}");
    let error = Store::in_git(folder.path(), "a..b", Answering::default(), LONG)
        .read()
        .await;
    assert!(error.is_err());
}

#[tokio::test]
async fn of_several_remotes_none_is_guessed() {
    let remote = Remote::new();
    let clone = remote.clone("clone", &[]);
    let store = Store::in_git(&clone, "production", Answering::default(), LONG);
    let locked = store.lock(&owner(), Duration::ZERO).await.unwrap();
    locked.close().await.unwrap();

    // The `origin` of this one is a fork, which has no ledger.
    git(
        remote.root.path(),
        &["init", "--quiet", "--bare", "fork.git"],
    );
    let forked = remote.clone("forked", &[]);
    let fork = remote.root.path().join("fork.git").display().to_string();
    git(&forked, &["remote", "rename", "origin", "upstream"]);
    git(&forked, &["remote", "add", "origin", &fork]);
    let store = Store::in_git(&forked, "production", Answering::default(), LONG);
    let error = store.is_begun().await.unwrap_err().to_string();
    assert!(error.contains("(origin, upstream)"), "{error}");
    assert!(error.contains("git config makeform.remote NAME"), "{error}");
    git(&forked, &["config", "makeform.remote", "upstream"]);
    let store = Store::in_git(&forked, "production", Answering::default(), LONG);
    assert!(store.is_begun().await.unwrap());
}

#[tokio::test]
async fn a_remote_that_is_named_by_an_address_is_shown_without_its_secrets() {
    let remote = Remote::new();
    let bare = remote.bare().display().to_string();
    for (turn, address) in [
        "https://x:gh_s3cr3t@git.example.com/a.git",
        "https://git.example.com/a.git?private_token=gh_s3cr3t",
    ]
    .into_iter()
    .enumerate()
    {
        let folder = remote.clone(&format!("clone-{turn}"), &[]);
        let rewrite = |to: &str| {
            let _ = Command::new("git")
                .args(["-C", &folder.display().to_string(), "config"])
                .args(["--unset-all", "url.file:///nowhere.insteadOf"])
                .output();
            git(
                &folder,
                &["config", &format!("url.{to}.insteadOf"), address],
            );
        };
        git(&folder, &["config", "makeform.remote", address]);
        let target = format!("target-{turn}");
        let store = || Store::in_git(&folder, &target, Answering::default(), LONG);
        let mut said = Vec::new();
        rewrite("file:///nowhere");
        said.push(store().read().await.unwrap_err());
        rewrite(&format!("file://{bare}"));
        let locked = store().lock(&owner(), Duration::ZERO).await.unwrap();
        locked.close().await.unwrap();
        // What was seen there is remembered under a name that tells nothing.
        let refs = git(&folder, &["for-each-ref", "--format=%(refname)"]);
        assert!(refs.contains("refs/makeform-remotes/"), "{refs}");
        assert!(!refs.contains("s3cr3t"), "{refs}");
        let name = format!("refs/makeform/{target}");
        git(&remote.bare(), &["update-ref", "-d", &name]);
        said.push(store().read().await.unwrap_err());
        assert!(
            said[1]
                .to_string()
                .contains("git push https://git.example.com/a.git")
        );
        for error in said {
            let said = format!("{error} {error:?} {}", error.finding().message);
            assert!(!said.contains("s3cr3t"), "{said}");
            assert!(said.contains("git.example.com"), "{said}");
        }
    }
}
