//! The one program that signs and verifies, as git itself uses it: ssh-keygen.

use groma_model::Diagnostic;
use groma_project::history::approval::NO_SSH_KEYGEN;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a signature is verified against.
pub(crate) struct Claim<'a> {
    pub namespace: &'a str,
    pub bytes: &'a [u8],
    pub signature: &'a [u8],
}

/// Whether a signature was made over the bytes for the namespace, by whatever key.
pub(crate) fn is_of(claim: &Claim<'_>) -> Result<bool, Box<Diagnostic>> {
    let folder = scratch()?;
    let signature = file(folder.path(), "signature", claim.signature)?;
    let arguments = ["-Y".as_ref(), "check-novalidate".as_ref(), "-n".as_ref(), OsStr::new(claim.namespace)];
    let rest = ["-s".as_ref(), signature.as_os_str()];
    run(&[&arguments[..], &rest].concat(), claim.bytes).map(|output| output.status.success())
}

/// Whether the file of signers lets an address sign the bytes at a time. It is read in UTC.
pub(crate) fn is_by(claim: &Claim<'_>, address: &str, signers: &str, time: Timestamp) -> Result<bool, Box<Diagnostic>> {
    let folder = scratch()?;
    let signature = file(folder.path(), "signature", claim.signature)?;
    let signers = file(folder.path(), "allowed_signers", signers.as_bytes())?;
    let time = time.to_zoned(TimeZone::UTC).strftime("verify-time=%Y%m%d%H%M%S").to_string();
    let arguments: [&OsStr; 12] = [
        "-Y".as_ref(),
        "verify".as_ref(),
        "-f".as_ref(),
        signers.as_os_str(),
        "-I".as_ref(),
        address.as_ref(),
        "-n".as_ref(),
        claim.namespace.as_ref(),
        "-s".as_ref(),
        signature.as_os_str(),
        "-O".as_ref(),
        time.as_ref(),
    ];
    run(&arguments, claim.bytes).map(|output| output.status.success())
}

/// The armored signature of the bytes, by a private key's file, or by a public one whose private key an agent holds. Or what
/// ssh-keygen says.
pub(crate) fn sign(namespace: &str, key: &Path, bytes: &[u8]) -> Result<Result<Vec<u8>, String>, Box<Diagnostic>> {
    let arguments: [&OsStr; 6] =
        ["-Y".as_ref(), "sign".as_ref(), "-n".as_ref(), namespace.as_ref(), "-f".as_ref(), key.as_os_str()];
    let output = run(&arguments, bytes)?;
    Ok(match output.status.success() {
        true => Ok(output.stdout),
        false => Err(said(&output)),
    })
}

/// The last thing that it said.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty() && !line.starts_with("Signing data"));
    last.unwrap_or("it does not say why").to_owned()
}

fn run(arguments: &[&OsStr], input: &[u8]) -> Result<Output, Box<Diagnostic>> {
    let started = Command::new("ssh-keygen")
        .args(arguments)
        // Times without a zone, of the file of signers too, are the same on every machine.
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = started.map_err(|error| Box::new(unavailable(&error)))?;
    let fed = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input));
    let output = child.wait_with_output().map_err(|error| Box::new(unavailable(&error)))?;
    match fed {
        // It may end before it has read everything; then it has said why.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Box::new(unavailable(&error))),
        _ => Ok(output),
    }
}

fn unavailable(error: &io::Error) -> Diagnostic {
    let headline = match error.kind() {
        io::ErrorKind::NotFound => "approvals can be neither made nor verified: there is no `ssh-keygen`".to_owned(),
        _ => format!("approvals can be neither made nor verified: `ssh-keygen` cannot be run: {error}"),
    };
    NO_SSH_KEYGEN
        .finding(headline)
        .help("install OpenSSH 8.9 or newer (`apt-get install openssh-client`), so that `ssh-keygen` is on the PATH")
}

fn scratch() -> Result<tempfile::TempDir, Box<Diagnostic>> {
    tempfile::tempdir().map_err(|error| Box::new(unavailable(&error)))
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> Result<std::path::PathBuf, Box<Diagnostic>> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).map_err(|error| Box::new(unavailable(&error)))?;
    Ok(path)
}
