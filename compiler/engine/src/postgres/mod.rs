//! PostgreSQL over a connection: statements, transactions, what its tables hold, and the lock of a run.
//!
//! Answers have the same Arrow types as those of the embedded engine. What a server says is typed ([`Refusal`]) and holds no
//! piece of the connection text.

mod connection;
mod guarantees;
mod lock;
mod numeric;
mod refusal;
mod rows;
mod tables;
mod tls;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::postgres::Client;

use crate::{Engine, EngineError, RecordBatches};
use connection::{Secrets, parse};
use tls::Tls;

pub use guarantees::ServerGuarantees;
pub use lock::Holder;
pub use refusal::{Refusal, Trouble};
pub use tables::{ServerColumn, ServerTable, keeps, reads_as};

/// How long a server may take to accept a connection, where the text does not say.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may be silent before it is asked whether it is there, where the text does not say: by default it
/// would be two hours, and a server that went away would be waited for that long.
const SILENCE: Duration = Duration::from_secs(30);
/// What `postgres` assumes where the text does not say.
const DEFAULT_SILENCE: Duration = Duration::from_secs(2 * 60 * 60);

/// A time with a zone is read as UTC, and compiling a statement of hundreds of expressions takes longer than running it.
const SESSION: &str = "SET TimeZone = 'UTC'; SET jit = off; SET standard_conforming_strings = on";
/// A server that computes for a client that is gone, killed or cut off, stops soon and lets go of its locks.
const NOTICE: &str = "SET client_connection_check_interval = '1s'";

/// A session on a PostgreSQL server.
pub struct Postgres {
    client: Mutex<Client>,
    secrets: Secrets,
}

impl Postgres {
    /// Opens a session. `text` is a URL (`postgresql://user:password@host:5432/database?sslmode=require`) or pairs
    /// (`host=… user=… password=… dbname=… sslmode=…`); `application` is how the server shows the session to others.
    ///
    /// # Errors
    /// A refusal without any piece of the text.
    pub fn connect(text: &str, application: &str) -> Result<Self, EngineError> {
        let (mut config, secrets) = parse(text)?;
        config.application_name(application);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_keepalives_idle() == DEFAULT_SILENCE {
            config.keepalives_idle(SILENCE);
        }
        // Notes such as "exists already, skipping" are for nobody.
        config.notice_callback(|_| {});
        let tls = Tls::of(&config)?;
        let mut client = tls.connect(&config).map_err(|error| secrets.while_connecting(&error))?;
        client.batch_execute(SESSION).map_err(|error| secrets.while_connecting(&error))?;
        // Not every system can tell.
        _ = client.batch_execute(NOTICE);
        Ok(Self { client: Mutex::new(client), secrets })
    }

    /// Runs one statement that is no question; how many rows it wrote, where it writes rows.
    ///
    /// # Errors
    /// What the server says.
    pub fn execute(&self, sql: &str) -> Result<u64, EngineError> {
        self.client().execute(sql, &[]).map_err(|error| self.secrets.while_running(&error, sql))
    }

    /// Runs any number of statements, one after another.
    ///
    /// # Errors
    /// What the server says of the first it refuses.
    pub fn script(&self, sql: &str) -> Result<(), EngineError> {
        self.client().batch_execute(sql).map_err(|error| self.secrets.while_running(&error, sql))
    }

    /// Whether the session has ended, whoever ended it.
    pub fn is_lost(&self) -> bool {
        self.client().is_closed()
    }

    /// A panic while the client was held left it as it was: it is used by one call at a time.
    fn client(&self) -> MutexGuard<'_, Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Postgres {
    fn run(&self, sql: &str) -> Result<RecordBatches, EngineError> {
        let mut client = self.client();
        let refused = |error| self.secrets.while_running(&error, sql);
        let statement = client.prepare(sql).map_err(refused)?;
        let answered = client.query(&statement, &[]).map_err(refused)?;
        rows::batches(statement.columns(), &answered, sql)
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Postgres").finish_non_exhaustive()
    }
}
