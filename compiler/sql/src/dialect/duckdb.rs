//! DuckDB: 1.5 and 2.0.

use std::any::TypeId;

use groma_plan::relation::ValueType;
use sqlparser::ast::{DataType, ExactNumberInfo, Expr};
use sqlparser::dialect::{Dialect as Grammar, DuckDbDialect, PostgreSqlDialect};

use super::{Aggregates, Dialect, Functions, Keeping, PLAIN_AGGREGATES, PLAIN_FUNCTIONS, Steps};
use crate::build;

pub(super) static DUCKDB: Dialect = Dialect {
    name: "duckdb",
    aliases: &[],
    grammar: &DuckDbGrammar,
    // It computes once what is read more than once by itself, and does it faster than when it is told to.
    materialized: false,
    data_type,
    exponent_is_double: true,
    bare_decimal_is_exact: true,
    backslash_escapes_in_like: false,
    computed_lists: true,
    filters_aggregates: false,
    last_rewrite: None,
    functions: Functions { add_seconds, ..PLAIN_FUNCTIONS },
    aggregates: Aggregates {
        first: Some(|first| super::ordered("FIRST", first)),
        approximate_count_distinct: Some(|argument| build::call("APPROX_COUNT_DISTINCT", vec![argument])),
        approximate_percentile: Some(approximate_percentile),
        ..PLAIN_AGGREGATES
    },
    keeping: Some(Keeping {
        grants: false,
        locks: false,
        drops_on_commit: false,
        replaces_any_view: true,
        analyzes: false,
        settings: &[],
        grafana: None,
    }),
};

fn data_type(value_type: ValueType) -> DataType {
    match value_type {
        ValueType::Real => DataType::Double(ExactNumberInfo::None),
        other => super::data_type(other),
    }
}

/// A number times an interval of seconds goes through 32 bits.
fn add_seconds(timestamp: Expr, seconds: Steps) -> Expr {
    match seconds {
        Steps::Literal(count) => super::literal_seconds(timestamp, count),
        Steps::Computed(count) => {
            let seconds = build::call("TO_SECONDS", vec![*count]);
            build::binary(sqlparser::ast::BinaryOperator::Plus, timestamp, seconds)
        }
    }
}

fn approximate_percentile(share: f64, argument: Expr) -> Expr {
    build::call("APPROX_QUANTILE", vec![argument, super::share_number(share)])
}

/// The crate's own grammar of DuckDB does not know `AS MATERIALIZED`, which it reads only where the grammar says that it is
/// PostgreSQL's. DuckDB's grammar descends from that one: so it says so, and keeps DuckDB's additions.
#[derive(Debug)]
struct DuckDbGrammar;

impl Grammar for DuckDbGrammar {
    fn dialect(&self) -> TypeId {
        TypeId::of::<PostgreSqlDialect>()
    }

    fn is_identifier_start(&self, character: char) -> bool {
        DuckDbDialect.is_identifier_start(character)
    }

    fn is_identifier_part(&self, character: char) -> bool {
        DuckDbDialect.is_identifier_part(character)
    }

    fn supports_trailing_commas(&self) -> bool {
        true
    }

    fn supports_comment_on(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    fn supports_named_fn_args_with_assignment_operator(&self) -> bool {
        true
    }

    fn supports_dictionary_syntax(&self) -> bool {
        true
    }

    fn support_map_literal_syntax(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn allow_extract_single_quotes(&self) -> bool {
        true
    }

    fn supports_array_typedef_with_brackets(&self) -> bool {
        true
    }

    fn supports_from_first_select(&self) -> bool {
        true
    }

    fn supports_order_by_all(&self) -> bool {
        true
    }

    fn supports_select_wildcard_exclude(&self) -> bool {
        true
    }

    fn supports_select_wildcard_replace(&self) -> bool {
        true
    }

    fn supports_notnull_operator(&self) -> bool {
        true
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }
}
