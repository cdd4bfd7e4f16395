//! Which checks of a source its table makes needless.

use super::Server;
use crate::answer::engine_findings::column_type;
use groma_engine::{ColumnType, ServerGuarantees};
use groma_model::{ColumnId, Origin, Source};
use groma_plan::Guaranteed;
use std::collections::BTreeSet;

impl Server<'_> {
    /// What the table of a source guarantees; nothing where the server does not say so, or the table is not what is declared:
    /// whoever looks at it then finds out.
    pub(crate) fn guaranteed(&self, source: &Source) -> Guaranteed {
        let is_table = !matches!(source.origin, Origin::Query { .. });
        if !is_table || !matches!(self.difference(source), Ok(None)) {
            return Guaranteed::default();
        }
        let parts = self.target.table(source);
        self.engine.guarantees(&parts).map_or_else(|_| Guaranteed::default(), |found| self.of_columns(source, &found))
    }

    fn of_columns(&self, source: &Source, found: &ServerGuarantees) -> Guaranteed {
        let named = |name: &String| source.columns.iter().position(|column| column.name == name.as_str());
        let never_null: BTreeSet<ColumnId> = found
            .never_null
            .iter()
            .filter_map(named)
            .filter(|place| self.is_read_as_it_is(source, *place))
            .map(ColumnId::at)
            .collect();
        // An index lets nulls stand next to each other; a check does so only in a column that may be null.
        let holds = |place: &usize| {
            let known = source.columns[*place].optional || never_null.contains(&ColumnId::at(*place));
            known && self.is_read_as_it_is(source, *place)
        };
        let of_key = |key: &BTreeSet<String>| -> Option<BTreeSet<ColumnId>> {
            key.iter().map(|name| named(name).filter(holds).map(ColumnId::at)).collect()
        };
        let unique = found.unique.iter().filter_map(of_key).collect();
        Guaranteed { never_null, unique }
    }

    /// Whether two values of a column are the same to the server exactly when they are to us: times are read in a zone,
    /// and amounts with the decimals that are declared.
    fn is_read_as_it_is(&self, source: &Source, place: usize) -> bool {
        let ty = column_type(&self.loaded.project.model, &source.columns[place].ty.base);
        match ty {
            ColumnType::Bool | ColumnType::Int | ColumnType::Text | ColumnType::Date | ColumnType::Scale { .. } => true,
            ColumnType::Float | ColumnType::Decimal { .. } | ColumnType::Instant { .. } => false,
        }
    }
}
