//! What a table of a server lets nobody write.

use std::collections::BTreeSet;

use super::Postgres;
use crate::EngineError;

/// What holds of all rows of a table without looking at them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerGuarantees {
    /// The columns that are never null.
    pub never_null: BTreeSet<String>,
    /// Columns that together are the same in no two rows that have a value in each of them.
    pub unique: Vec<BTreeSet<String>>,
}

/// A table whose rows are its own: neither a constraint of a table that has heirs nor one of a foreign table holds for all
/// rows that are read from it.
const TABLE: &str = "\
    SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relname = $2::text AND c.relkind = 'r' AND NOT c.relhassubclass \
    AND CASE WHEN $1::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1::text END";

/// A constraint may have been added without a look at the rows that were there.
const NEVER_NULL: &str = "\
    SELECT a.attname::text FROM pg_catalog.pg_attribute AS a \
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT EXISTS (\
    SELECT 1 FROM pg_catalog.pg_constraint AS k \
    WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND NOT k.convalidated AND a.attnum = ANY (k.conkey))";

/// Whole indexes over columns.
const UNIQUE: &str = "\
    SELECT pg_catalog.array_agg(a.attname::text) \
    FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a \
    ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]) \
    WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND NOT i.indisexclusion \
    AND i.indpred IS NULL AND i.indexprs IS NULL GROUP BY i.indexrelid ORDER BY i.indexrelid";

impl Postgres {
    /// What holds of all rows of a table; nothing where it is no plain table. The parts of its name are those of a statement.
    ///
    /// # Errors
    /// What the server says.
    pub fn guarantees(&self, parts: &[String]) -> Result<ServerGuarantees, EngineError> {
        let (schema, name) = match parts {
            [.., schema, name] => (Some(schema.as_str()), name.as_str()),
            [name] => (None, name.as_str()),
            [] => return Ok(ServerGuarantees::default()),
        };
        let Some(table) = self.rows(TABLE, &[&schema, &name])?.first().map(|row| row.get::<_, u32>(0)) else {
            return Ok(ServerGuarantees::default());
        };
        let never_null = self.rows(NEVER_NULL, &[&table])?.iter().map(|row| row.get(0)).collect();
        let unique = self.rows(UNIQUE, &[&table])?;
        let unique = unique.iter().map(|row| row.get::<_, Vec<String>>(0).into_iter().collect()).collect();
        Ok(ServerGuarantees { never_null, unique })
    }
}
