//! The table of answers as it stands, against what is written into it.

use crate::answer::server::{Server, ServerError, written};
use crate::warehouse::answers_table;
use groma_engine::{ColumnType, ServerColumn, ServerTable, keeps};
use groma_model::Diagnostic;
use groma_plan::relation::ValueType;
use groma_project::{Target, server};
use groma_sql::keeping::{ANSWERS, Column};

/// Finds columns of the table of answers that have another type than is written. The attribute that a grouping shows has
/// changed its type since the table was made: kept and new values would stand beside each other as something else.
pub(super) fn compare(server: &Server<'_>, target: &Target, columns: &[Column]) -> Result<(), ServerError> {
    let table = answers_table(target);
    let ServerTable::Columns(found) = server.engine().table(&table)? else { return Ok(()) };
    let differs = |column: &Column| {
        let kept = found.iter().find(|kept| kept.name == column.name)?;
        let now = column_type(column.value_type);
        (!keeps(kept, &now)).then(|| finding(target, &table.join("."), kept, &now))
    };
    let differing: Vec<Diagnostic> = columns.iter().filter_map(differs).collect();
    if differing.is_empty() { Ok(()) } else { Err(ServerError::Found(differing)) }
}

fn finding(target: &Target, table: &str, kept: &ServerColumn, now: &ColumnType) -> Diagnostic {
    let (name, shown) = (&kept.name, &kept.shown);
    server::ANSWERS_DIFFER
        .finding(format!("{table} of target `{}` keeps `{name}` as {shown}, and it is {} now", target.name, written(now)))
        .at(target.span, format!("keeps its answers in {table}"))
        .help(format!(
            "put the table aside, `ALTER TABLE {table} RENAME TO {ANSWERS}_until_now`: the next run makes a new one with all \
             answers, and the numbers of before stay readable there"
        ))
}

/// As what a column of the answers is written and read.
pub(super) fn column_type(value_type: ValueType) -> ColumnType {
    match value_type {
        ValueType::Bool => ColumnType::Bool,
        ValueType::Int => ColumnType::Int,
        ValueType::Real => ColumnType::Float,
        ValueType::Decimal { precision, scale } => ColumnType::Decimal { precision, scale },
        ValueType::Text => ColumnType::Text,
        ValueType::Date => ColumnType::Date,
        ValueType::Timestamp => ColumnType::Instant { zone: "UTC".to_owned() },
    }
}
