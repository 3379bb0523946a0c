use std::time::Duration;

use super::{Cipher, CryptError, Direction, command::program};

fn cipher(encrypt: &str, decrypt: &str) -> Cipher {
    let line = |line: &str| (!line.is_empty()).then(|| line.to_owned().into());
    Cipher::new(line(encrypt), line(decrypt))
}

/// Turns each letter into another, and back. Real commands are tried by `tests/it`.
fn letters() -> Cipher {
    cipher("tr a-z b-za", "tr b-za a-z")
}

async fn refused(cipher: &Cipher, clear: &[u8]) -> String {
    let sealed = cipher.seal(clear.to_vec(), false).await;
    sealed
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[tokio::test]
async fn what_is_sealed_is_one_line_that_opens_again() {
    for clear in [&b""[..], b"{\"a\":1}\n{\"b\":2}\n", &[0, 10, 255, b'z', 10]] {
        let cipher = cipher("base64", "base64 -d");
        let sealed = cipher.seal(clear.to_vec(), false).await.unwrap();
        assert!(sealed.starts_with(br#"{"format":"makeform/encrypted/v1","data":""#));
        assert_eq!(sealed.iter().filter(|byte| **byte == b'\n').count(), 1);
        let opened = cipher.open(sealed).await.unwrap();
        assert!(opened.was_encrypted);
        assert_eq!(opened.bytes, clear);
    }
}

#[tokio::test]
async fn lines_in_the_clear_and_encrypted_ones_stand_together() {
    let cipher = letters();
    let mut journal = b"{\"clear\":1}\n".to_vec();
    journal.extend(
        cipher
            .seal(b"{\"two\":2}\n{\"tree\":3}\n".to_vec(), false)
            .await
            .unwrap(),
    );
    let torn = br#"{"format":"makeform/encrypted/v1","da"#;
    journal.extend(torn);
    let opened = cipher.open(journal).await.unwrap();
    let mut expected = b"{\"clear\":1}\n{\"two\":2}\n{\"tree\":3}\n".to_vec();
    expected.extend(torn);
    assert_eq!(opened.bytes, expected);
}

#[tokio::test]
async fn without_commands_all_stays_as_it_is_and_nothing_encrypted_is_read_or_replaced() {
    let none = Cipher::default();
    let clear = b"{\"a\":1}\n".to_vec();
    assert_eq!(none.seal(clear.clone(), false).await.unwrap(), clear);
    assert!(!none.open(clear.clone()).await.unwrap().was_encrypted);

    let sealed = letters().seal(clear.clone(), false).await.unwrap();
    let error = none.open(sealed.clone()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the ledger is encrypted, and MAKEFORM_STATE_DECRYPT is not set"
    );
    let only_reads = cipher("", "tr b-za a-z");
    assert_eq!(only_reads.open(sealed).await.unwrap().bytes, clear);
    let error = only_reads.seal(clear.clone(), true).await.unwrap_err();
    assert!(
        matches!(error, CryptError::NotSet(Direction::Encrypt)),
        "{error}"
    );
    let error = cipher("tr a-z b-za", "")
        .seal(clear, false)
        .await
        .unwrap_err();
    assert!(matches!(error, CryptError::OneWay), "{error}");
}

#[tokio::test]
async fn what_can_not_be_turned_back_is_not_written() {
    for (encrypt, decrypt) in [
        ("tr a-z b-za", "cat"),
        ("head -c 3", "cat"),
        ("tr a-z b-za", "tr b-za a-z | head -c 4"),
        ("cat >/dev/null", "cat"),
    ] {
        let said = refused(&cipher(encrypt, decrypt), b"{\"ledger\":1}").await;
        assert!(
            said.contains("turns it back"),
            "{encrypt} {decrypt}: {said}"
        );
    }
}

#[tokio::test]
async fn a_command_that_fails_is_told_with_its_status_and_nothing_else() {
    let secret = "canary-1234";
    for (line, said) in [
        (
            format!("PASS={secret} false {secret}"),
            "MAKEFORM_STATE_ENCRYPT (`a command`) ended with exit status 1".to_owned(),
        ),
        (
            format!("cat; echo {secret} >&2; exit 7"),
            "MAKEFORM_STATE_ENCRYPT (`a command`) ended with exit status 7".to_owned(),
        ),
        (
            format!("/no/such/tool --key {secret}"),
            "MAKEFORM_STATE_ENCRYPT (`tool`) ended with exit status 127".to_owned(),
        ),
        (
            "kill -9 $$".to_owned(),
            "MAKEFORM_STATE_ENCRYPT (`kill`) was ended by a signal".to_owned(),
        ),
    ] {
        let cipher = cipher(&line, "cat");
        let error = cipher.seal(b"{}".to_vec(), false).await.unwrap_err();
        assert_eq!(error.to_string(), said);
        let all = format!("{error:?} {cipher:?} {} {}", error.help(), said);
        assert!(!all.contains(secret), "{all}");
    }
}

#[tokio::test]
async fn a_command_that_does_not_read_or_never_ends_is_an_error() {
    // More than a pipe holds: it would block for ever.
    let long = vec![b'a'; 1 << 20];
    let said = refused(&cipher("exec true", "cat"), &long).await;
    assert!(
        said.ends_with("ended without reading all of its input"),
        "{said}"
    );
    let short = Duration::from_millis(200);
    for line in ["sleep 600", "cat; sleep 600", "sleep 600 & cat"] {
        let said = refused(&cipher(line, "cat").within(short), &long).await;
        assert!(said.ends_with("did not end within 0.2 s"), "{line}: {said}");
    }
    // Beyond what a pipe holds in both directions, without blocking each other.
    let sealed = cipher("base64", "base64 -d").seal(long, false).await;
    assert!(sealed.is_ok());
}

#[tokio::test]
async fn what_is_damaged_or_newer_is_refused() {
    let cipher = letters();
    for (line, said) in [
        (
            "{\"format\":\"makeform/encrypted/v2\",\"data\":\"\"}\n",
            "newer makeform",
        ),
        (
            "{\"format\":\"makeform/encrypted/v1\",\"data\":\"%\"}\n",
            "damaged: line 2",
        ),
        ("{\"format\":\"makeform/encrypted/v1\"\n", "damaged: line 2"),
    ] {
        let text = format!("{{}}\n{line}");
        let error = cipher.open(text.into_bytes()).await.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn of_a_line_only_the_name_of_its_program_is_shown() {
    for (line, name) in [
        ("age -r age1xyz", "age"),
        ("/usr/bin/openssl enc -pass env:PASS", "openssl"),
        // Where one word ends and the next begins is the shell's to say.
        ("PASS=x openssl enc", "a command"),
        ("PASS='correct horse battery' false", "a command"),
        ("'correct horse/battery staple' x", "a command"),
        ("\"a/b c\"", "a command"),
        ("  gpg --batch", "gpg"),
        ("$(cat /secret) x", "a command"),
        ("A=b", "a command"),
        ("", "a command"),
    ] {
        assert_eq!(program(&line.to_owned().into()), name, "{line}");
    }
}
