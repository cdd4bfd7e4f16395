//! A statement as a short outline: what each step reads, what it gives. For people and for pinned tests.

use crate::relation::{From, JoinKind, Relation, Select, Statement, Table, Values};
use std::fmt;

impl fmt::Display for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let once = if step.materialized { " (computed once)" } else { "" };
            writeln!(formatter, "{}{once}", step.name)?;
            match &step.relation {
                Relation::Select(select) => write_select(formatter, select)?,
                Relation::UnionAll(parts) => parts.iter().try_for_each(|part| write_select(formatter, part))?,
                Relation::Values(values) => write_values(formatter, values)?,
                Relation::Query { tables, .. } => {
                    let reads: Vec<String> = tables.iter().map(|(_, table)| table_name(table)).collect();
                    writeln!(formatter, "  its own query over {}", reads.join(", "))?;
                }
            }
        }
        writeln!(formatter, "answer")?;
        write_select(formatter, &self.result)
    }
}

fn write_select(formatter: &mut fmt::Formatter<'_>, select: &Select) -> fmt::Result {
    if let Some(from) = &select.from {
        write!(formatter, "  from {}", aliased(from))?;
        for join in &select.joins {
            let kind = match join.kind {
                JoinKind::Inner => "join",
                JoinKind::Left => "left join",
                JoinKind::Cross => "cross join",
            };
            let read = From { table: join.table.clone(), alias: join.alias.clone() };
            write!(formatter, ", {kind} {}", aliased(&read))?;
        }
        if select.filter.is_some() {
            write!(formatter, ", filtered")?;
        }
        if !select.group_by.is_empty() {
            write!(formatter, ", grouped")?;
        }
        if select.distinct {
            write!(formatter, ", distinct")?;
        }
        writeln!(formatter)?;
    }
    let names: Vec<&str> = select.columns.iter().map(|column| column.name.as_str()).collect();
    writeln!(formatter, "  give {}", names.join(" | "))
}

fn write_values(formatter: &mut fmt::Formatter<'_>, values: &Values) -> fmt::Result {
    let names: Vec<&str> = values.columns.iter().map(|(name, _)| name.as_str()).collect();
    let rows = values.rows.len();
    writeln!(formatter, "  {rows} row{} written out", if rows == 1 { "" } else { "s" })?;
    writeln!(formatter, "  give {}", names.join(" | "))
}

fn aliased(from: &From) -> String {
    let name = table_name(&from.table);
    if name == from.alias { name } else { format!("{name} as {}", from.alias) }
}

fn table_name(table: &Table) -> String {
    match table {
        Table::Step(name) => name.clone(),
        Table::Physical(parts) => parts.join("."),
    }
}
