//! One run at a time on the same answers: an advisory lock that the server lets go of when the session ends, however it ends.

use jiff::Timestamp;

use super::Postgres;
use crate::EngineError;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What the session calls itself.
    pub application: String,
    /// When it began, where this user may know.
    pub since: Option<Timestamp>,
}

const TRY: &str = "SELECT pg_catalog.pg_try_advisory_lock($1)";

/// Whoever holds a lock may hold it with others as well; then it is given free for those only who hold it with others.
const SHARE: &str = "SELECT pg_catalog.pg_advisory_lock_shared($1)";
const NO_LONGER_ALONE: &str = "SELECT pg_catalog.pg_advisory_unlock($1)";
const TRY_SHARED: &str = "SELECT pg_catalog.pg_try_advisory_lock_shared($1)";

/// The two halves of a key are two numbers of 32 bits in the list of locks.
const HOLDER: &str = "\
    SELECT COALESCE(a.application_name, ''), a.backend_start \
    FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid \
    JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = current_database() \
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
    AND (l.classid::bigint << 32) | l.objid::bigint = $1 ORDER BY a.backend_start LIMIT 1";

impl Postgres {
    /// Takes a lock for as long as the session lasts; false where another session holds it.
    ///
    /// # Errors
    /// What the server says.
    pub fn try_lock(&self, key: i64) -> Result<bool, EngineError> {
        Ok(self.rows(TRY, &[&key])?.first().is_some_and(|row| row.get(0)))
    }

    /// Lets other sessions hold the lock too that this one has taken for itself, with [`Postgres::try_lock_shared`]. Nobody
    /// has it for himself before all of them have ended.
    ///
    /// # Errors
    /// What the server says.
    pub fn share_lock(&self, key: i64) -> Result<(), EngineError> {
        self.rows(SHARE, &[&key])?;
        self.rows(NO_LONGER_ALONE, &[&key])?;
        Ok(())
    }

    /// Holds a lock with others for as long as the session lasts; false where a session has it for itself, or waits for that.
    ///
    /// # Errors
    /// What the server says.
    pub fn try_lock_shared(&self, key: i64) -> Result<bool, EngineError> {
        Ok(self.rows(TRY_SHARED, &[&key])?.first().is_some_and(|row| row.get(0)))
    }

    /// Who holds a lock, the first of them; none where it is free.
    ///
    /// # Errors
    /// What the server says.
    pub fn holder(&self, key: i64) -> Result<Option<Holder>, EngineError> {
        let rows = self.rows(HOLDER, &[&key])?;
        Ok(rows.first().map(|row| Holder { application: row.get(0), since: row.get(1) }))
    }
}
