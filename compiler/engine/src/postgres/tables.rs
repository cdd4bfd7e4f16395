//! What tables of a server hold.

use ::postgres::Row;

use super::Postgres;
use super::rows::decimals;
use crate::{ColumnType, EngineError};

/// A table as the server has it, and whether this user may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerTable {
    /// There is no such schema.
    NoSchema,
    /// There is no such table; what there is in its place.
    NoTable { others: Vec<String> },
    /// The user may not read it.
    NoRight,
    /// In their order.
    Columns(Vec<ServerColumn>),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerColumn {
    pub name: String,
    /// As the server writes it: `numeric(12,2)`.
    pub shown: String,
    /// Whether this user may read it.
    pub readable: bool,
    /// The server's own name of the type, of what a domain is made of.
    type_name: String,
    modifier: i32,
}

const TABLE: &str = "\
    SELECT c.oid, has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') \
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relname = $2::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
    AND CASE WHEN $1::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1::text END";

const SCHEMA: &str = "SELECT count(*) > 0 FROM pg_catalog.pg_namespace WHERE nspname = $1::text";

const OTHERS: &str = "\
    SELECT c.relname::text \
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
    AND CASE WHEN $1::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1::text END \
    ORDER BY 1 LIMIT 1000";

const COLUMNS: &str = "\
    SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), COALESCE(b.typname, t.typname)::text, \
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, has_column_privilege(a.attrelid, a.attnum, 'SELECT') \
    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid \
    LEFT JOIN pg_catalog.pg_type AS b ON t.typtype = 'd' AND b.oid = t.typbasetype \
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

impl Postgres {
    /// What a table holds. The parts of its name are those of a statement; the name of a database before a schema is not
    /// looked at.
    ///
    /// # Errors
    /// What the server says.
    pub fn table(&self, parts: &[String]) -> Result<ServerTable, EngineError> {
        let (schema, name) = match parts {
            [.., schema, name] => (Some(schema.as_str()), name.as_str()),
            [name] => (None, name.as_str()),
            [] => return Ok(ServerTable::NoTable { others: Vec::new() }),
        };
        let Some(found) = self.rows(TABLE, &[&schema, &name])?.into_iter().next() else {
            return self.absent(schema);
        };
        if !found.get::<_, bool>(1) {
            return Ok(ServerTable::NoRight);
        }
        let columns = self.rows(COLUMNS, &[&found.get::<_, u32>(0)])?;
        Ok(ServerTable::Columns(columns.iter().map(column).collect()))
    }

    fn absent(&self, schema: Option<&str>) -> Result<ServerTable, EngineError> {
        if let Some(name) = schema
            && !self.rows(SCHEMA, &[&name])?.first().is_some_and(|row| row.get(0))
        {
            return Ok(ServerTable::NoSchema);
        }
        let others = self.rows(OTHERS, &[&schema])?.iter().map(|row| row.get(0)).collect();
        Ok(ServerTable::NoTable { others })
    }

    /// The rows of one of our own questions.
    pub(super) fn rows(
        &self,
        sql: &str,
        values: &[&(dyn ::postgres::types::ToSql + Sync)],
    ) -> Result<Vec<Row>, EngineError> {
        self.client().query(sql, values).map_err(|error| self.secrets.while_running(&error, sql))
    }
}

fn column(row: &Row) -> ServerColumn {
    ServerColumn {
        name: row.get(0),
        shown: row.get(1),
        type_name: row.get(2),
        modifier: row.get(3),
        readable: row.get(4),
    }
}

/// Whether every value of a column means the same as the declared type says: the rule of Parquet files, on a server.
pub fn reads_as(column: &ServerColumn, declared: &ColumnType) -> bool {
    let name = column.type_name.as_str();
    let whole = matches!(name, "int2" | "int4" | "int8");
    let decimals = decimals(column.modifier).map(|(_, scale)| scale);
    match declared {
        ColumnType::Bool => name == "bool",
        ColumnType::Int | ColumnType::Scale { .. } => whole || (name == "numeric" && decimals == Some(0)),
        ColumnType::Float => matches!(name, "int2" | "int4" | "float4" | "float8"),
        // Without digits of its own, a `numeric` holds whatever was written: as many decimals as are declared, says the
        // declaration.
        ColumnType::Decimal { scale, .. } => {
            let fits = |decimals: u16| i32::from(decimals) <= i32::from(*scale);
            whole || (name == "numeric" && (column.modifier < 0 || decimals.is_some_and(fits)))
        }
        ColumnType::Text => matches!(name, "text" | "varchar" | "bpchar" | "name"),
        ColumnType::Date => name == "date",
        // A time with a zone is read as UTC.
        ColumnType::Instant { zone } => matches!(name, "timestamp" | "date") || (name == "timestamptz" && is_utc(zone)),
    }
}

/// Whether a column can hold every value of a type and gives it back as that type: what is written into it stays as it was.
pub fn keeps(column: &ServerColumn, written: &ColumnType) -> bool {
    let name = column.type_name.as_str();
    match written {
        ColumnType::Bool => name == "bool",
        ColumnType::Int | ColumnType::Scale { .. } => name == "int8",
        ColumnType::Float => name == "float8",
        ColumnType::Decimal { precision, scale } => {
            let fits = |(digits, decimals): (u8, u16)| {
                let whole = i32::from(digits) - i32::from(decimals);
                i32::from(decimals) >= i32::from(*scale) && whole >= i32::from(*precision) - i32::from(*scale)
            };
            name == "numeric" && (column.modifier < 0 || decimals(column.modifier).is_some_and(fits))
        }
        // With a length, a longer text is refused.
        ColumnType::Text => matches!(name, "text" | "varchar") && column.modifier < 0,
        ColumnType::Date => name == "date",
        ColumnType::Instant { .. } => name == "timestamp",
    }
}

fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Etc/UTC" | "Etc/UCT" | "UCT" | "Zulu" | "Etc/Zulu" | "Universal" | "Etc/Universal")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(type_name: &str, modifier: i32) -> ServerColumn {
        ServerColumn {
            name: "amount".to_owned(),
            shown: type_name.to_owned(),
            readable: true,
            type_name: type_name.to_owned(),
            modifier,
        }
    }

    #[test]
    fn nothing_is_read_as_what_could_lose_something() {
        let money = ColumnType::Decimal { precision: 12, scale: 2 };
        assert!(reads_as(&column("numeric", -1), &money));
        assert!(reads_as(&column("numeric", ((10 << 16) | 2) + 4), &money));
        assert!(!reads_as(&column("numeric", ((10 << 16) | 3) + 4), &money));
        assert!(!reads_as(&column("float8", -1), &money));
        assert!(reads_as(&column("int4", -1), &ColumnType::Int));
        assert!(!reads_as(&column("numeric", -1), &ColumnType::Int));
        assert!(!reads_as(&column("int8", -1), &ColumnType::Float));
        assert!(!reads_as(&column("uuid", -1), &ColumnType::Text));
        assert!(reads_as(&column("timestamptz", -1), &ColumnType::Instant { zone: "UTC".to_owned() }));
        assert!(!reads_as(&column("timestamptz", -1), &ColumnType::Instant { zone: "Europe/Berlin".to_owned() }));
        assert!(!reads_as(&column("timestamp", -1), &ColumnType::Date));
    }

    #[test]
    fn nothing_is_kept_where_it_would_become_something_else() {
        let money = ColumnType::Decimal { precision: 12, scale: 2 };
        for (type_name, written) in [
            ("bool", ColumnType::Bool),
            ("int8", ColumnType::Int),
            ("float8", ColumnType::Float),
            ("varchar", ColumnType::Text),
            ("date", ColumnType::Date),
            ("timestamp", ColumnType::Instant { zone: "UTC".to_owned() }),
        ] {
            assert!(keeps(&column(type_name, -1), &written), "{type_name}");
            for other in ["bool", "int8", "float8", "varchar", "date", "timestamp", "numeric"] {
                assert!(other == type_name || !keeps(&column(other, -1), &written), "{other} for {type_name}");
            }
        }
        assert!(!keeps(&column("int4", -1), &ColumnType::Int));
        assert!(!keeps(&column("varchar", 24), &ColumnType::Text));
        for (precision, scale, fits) in [(12, 2, true), (14, 4, true), (12, 4, false), (10, 2, false), (14, 1, false)] {
            let modifier = ((precision << 16) | scale) + 4;
            assert_eq!(keeps(&column("numeric", modifier), &money), fits, "numeric({precision}, {scale})");
        }
    }
}
