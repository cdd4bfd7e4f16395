//! The engine inside: DataFusion, over files and memory. It writes nothing and reads no source it was not given.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use arrow::compute;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::catalog::MemTable;
use datafusion::common::TableReference;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_plan::{ExecutionPlan, collect, collect_partitioned};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{Query, Statement as SqlStatement};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use tokio::runtime::{Builder, Runtime};

use crate::materialize::{next_marked, replace_body};
use crate::table::FileTable;
use crate::{Engine, EngineError, FileSource, RecordBatches};

/// Depth of nesting a statement may have.
const RECURSION_LIMIT: usize = 10_000;
/// Statements nest deeply, and the planner follows them.
const STACK: usize = 64 << 20;
const WORKER_STACK: usize = 16 << 20;

/// DataFusion in this process. Tables are the registered sources; identifiers are taken as they are written.
pub struct Embedded {
    pub(crate) context: SessionContext,
    /// Taken only when the engine is dropped.
    runtime: Option<Runtime>,
    /// How many results have been kept in memory so far.
    kept: AtomicU64,
}

impl Embedded {
    /// An engine without sources, with as many threads as the machine has cores.
    pub fn new() -> std::result::Result<Self, EngineError> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores)
            .thread_stack_size(WORKER_STACK)
            .build()
            .map_err(|error| internal(&format!("no threads: {error}"), ""))?;
        let mut config = SessionConfig::new().with_target_partitions(cores).with_information_schema(false);
        let options = config.options_mut();
        options.execution.time_zone = Some("UTC".to_owned());
        options.sql_parser.enable_ident_normalization = false;
        options.sql_parser.map_string_types_to_utf8view = false;
        let context = SessionContext::new_with_config(config);
        Ok(Self { context, runtime: Some(runtime), kept: AtomicU64::new(0) })
    }

    /// Makes a source a table, in place of what had its name. Its files are found and their headers checked now.
    pub fn register(&self, source: FileSource) -> std::result::Result<(), EngineError> {
        let table = FileTable::open(&source)?;
        let name = TableReference::bare(source.name);
        let failed = |error: &DataFusionError| EngineError::from_datafusion(error, "");
        self.context.deregister_table(name.clone()).map_err(|error| failed(&error))?;
        self.context.register_table(name, Arc::new(table)).map_err(|error| failed(&error))?;
        Ok(())
    }

    async fn answer(&self, sql: &str) -> Result<RecordBatches> {
        let mut query = parse(sql)?;
        let mut kept = Kept { context: &self.context, tables: Vec::new() };
        while let Some((position, standalone)) = next_marked(&query).map_err(syntax)? {
            let table = self.keep(standalone, &mut kept).await?;
            replace_body(&mut query, position, &table).map_err(syntax)?;
        }
        let plan = self.plan(query).await?;
        let schema = plan.schema();
        let batches = collect(plan, self.context.task_ctx()).await?;
        plain_text(&schema, &batches)
    }

    /// Runs a query and keeps its rows as a table, whose name is returned.
    async fn keep(&self, query: Query, kept: &mut Kept<'_>) -> Result<String> {
        let plan = self.plan(query).await?;
        let schema = plan.schema();
        let partitions = collect_partitioned(plan, self.context.task_ctx()).await?;
        let name = format!("kept in memory {}", self.kept.fetch_add(1, Ordering::Relaxed));
        let table = MemTable::try_new(schema, partitions)?;
        self.context.register_table(TableReference::bare(name.as_str()), Arc::new(table))?;
        kept.tables.push(name.clone());
        Ok(name)
    }

    async fn plan(&self, query: Query) -> Result<Arc<dyn ExecutionPlan>> {
        let statement = Statement::Statement(Box::new(SqlStatement::Query(Box::new(query))));
        let state = self.context.state();
        let plan = state.statement_to_plan(statement).await?;
        state.create_physical_plan(&plan).await
    }
}

impl Engine for Embedded {
    fn run(&self, sql: &str) -> std::result::Result<RecordBatches, EngineError> {
        let Some(runtime) = &self.runtime else { return Err(internal("the engine has ended", sql)) };
        // A thread of its own: its stack is deep, the caller may itself be within a runtime, and a panic ends here.
        let outcome = thread::scope(|scope| {
            let running = thread::Builder::new()
                .name("statement".to_owned())
                .stack_size(STACK)
                .spawn_scoped(scope, || runtime.block_on(self.answer(sql)));
            running.map(thread::ScopedJoinHandle::join)
        });
        match outcome {
            Ok(Ok(answer)) => answer.map_err(|error| EngineError::from_datafusion(&error, sql)),
            Ok(Err(panic)) => {
                let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
                Err(internal(&text, sql))
            }
            Err(error) => Err(internal(&format!("no thread: {error}"), sql)),
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // Waiting for the threads is not allowed within another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Tables that hold the results of expressions while one statement runs.
struct Kept<'context> {
    context: &'context SessionContext,
    tables: Vec<String>,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        for table in &self.tables {
            // A table that is not there needs no removing.
            _ = self.context.deregister_table(TableReference::bare(table.as_str()));
        }
    }
}

/// The one query of a text.
fn parse(sql: &str) -> Result<Query> {
    // The one dialect of the parser that knows MATERIALIZED.
    let dialect = PostgreSqlDialect {};
    let builder = DFParserBuilder::new(sql).with_dialect(&dialect).with_recursion_limit(RECURSION_LIMIT);
    let mut statements = builder.build()?.parse_statements()?;
    match (statements.pop_front(), statements.len()) {
        (Some(Statement::Statement(statement)), 0) => match *statement {
            SqlStatement::Query(query) => Ok(*query),
            _ => Err(DataFusionError::Plan("only a query can be run".to_owned())),
        },
        _ => Err(DataFusionError::Plan("exactly one query can be run at a time".to_owned())),
    }
}

fn syntax(error: datafusion::sql::sqlparser::parser::ParserError) -> DataFusionError {
    DataFusionError::SQL(Box::new(error), None)
}

fn internal(message: &str, sql: &str) -> EngineError {
    EngineError::Internal { message: message.to_owned(), sql: sql.to_owned() }
}

/// The same rows with every kind of text the engine computes with as `Utf8`.
fn plain_text(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatches> {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Utf8View | DataType::LargeUtf8 => Arc::new(Field::clone(field).with_data_type(DataType::Utf8)),
        DataType::Dictionary(_, values) => Arc::new(Field::clone(field).with_data_type(DataType::clone(values))),
        _ => field.clone(),
    };
    let schema = SchemaRef::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()));
    let convert = |batch: &RecordBatch| {
        let columns = batch.columns().iter().zip(schema.fields());
        let columns = columns.map(|(column, field)| compute::cast(column, field.data_type()));
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(schema.clone(), columns.collect::<std::result::Result<_, _>>()?, &options)
    };
    let batches = batches.iter().map(convert).collect::<std::result::Result<_, _>>()?;
    Ok(RecordBatches { schema, batches })
}
