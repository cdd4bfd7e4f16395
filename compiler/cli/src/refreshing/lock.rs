//! One run at a time in a folder: a lock that the system lets go of when the process ends, however it ends.

use jiff::Timestamp;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;

/// The file in the folder of answers.
pub(super) const NAME: &str = ".groma-run.lock";

/// Held until it is dropped.
pub(super) struct FolderLock {
    _file: File,
}

/// Why there is no lock.
pub(super) enum Taken {
    /// Who holds it, as they have written it down.
    By(String),
    Unwritable(io::Error),
}

impl FolderLock {
    /// Takes the lock of a folder.
    pub(super) fn take(folder: &Path) -> Result<Self, Taken> {
        let path = folder.join(NAME);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let mut file = open.map_err(Taken::Unwritable)?;
        match file.try_lock() {
            Ok(()) => {
                // What a run that was killed has left is overwritten; whoever waits reads it.
                let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
                let host = Some(host.trim()).filter(|host| !host.is_empty()).map(|host| format!(" on {host}"));
                let since = Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
                let text = format!("process {}{}, since {since}\n", std::process::id(), host.unwrap_or_default());
                let written = file.set_len(0).and_then(|()| file.write_all(text.as_bytes()));
                written.map_err(Taken::Unwritable)?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let text = fs::read_to_string(&path).unwrap_or_default();
                Err(Taken::By(text.lines().next().unwrap_or_default().to_owned()))
            }
            Err(TryLockError::Error(error)) => Err(Taken::Unwritable(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_for_one_and_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).ok().unwrap();
        let Err(Taken::By(who)) = FolderLock::take(folder.path()) else { panic!("taken twice") };
        assert!(who.starts_with(&format!("process {}", std::process::id())), "{who}");
        drop(first);
        assert!(FolderLock::take(folder.path()).is_ok());
    }

    #[test]
    fn what_is_no_folder_has_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("answers"), "").unwrap();
        assert!(matches!(FolderLock::take(&folder.path().join("answers")), Err(Taken::Unwritable(_))));
    }
}
