//! Constructors for statements beside `SELECT`: definitions, changes of rows, rights, transactions.

use super::{name, object};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::helpers::stmt_create_table::CreateTableBuilder;
use sqlparser::ast::{
    Action, AlterTable, AlterTableOperation, Analyze, ColumnDef, ColumnOption, ColumnOptionDef, CommentObject,
    ConditionalStatementBlock, ConditionalStatements, ContextModifier, CreateIndex, CreateTableOptions, CreateView,
    DataType, Delete, Expr, FromTable, Grant, GrantObjects, Grantee, GranteeName, GranteesType, Ident, IfStatement,
    IndexColumn, Insert, ObjectName, ObjectNamePart, ObjectType, OnCommit, OrderByExpr, OrderByOptions, Privileges,
    Query, Revoke, SchemaName, SelectItem, Set, Statement, TableObject, TableWithJoins,
};
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// A word of the language as a token.
fn word(keyword: &str) -> AttachedToken {
    AttachedToken(TokenWithSpan::wrap(Token::make_keyword(keyword)))
}

/// `BEGIN`.
pub(crate) fn begin() -> Statement {
    Statement::StartTransaction {
        modes: vec![],
        begin: true,
        transaction: None,
        modifier: None,
        statements: vec![],
        exception: None,
        has_end_keyword: false,
    }
}

/// `COMMIT`.
pub(crate) fn commit() -> Statement {
    Statement::Commit { chain: false, end: false, modifier: None }
}

/// `SET LOCAL name = value`: until the end of the transaction.
pub(crate) fn set_local(name: &str, value: &str) -> Statement {
    Statement::Set(Set::SingleAssignment {
        scope: Some(ContextModifier::Local),
        hivevar: false,
        variable: ObjectName(vec![ObjectNamePart::Identifier(Ident::new(name))]),
        values: vec![Expr::Identifier(Ident::new(value))],
    })
}

/// `CREATE SCHEMA IF NOT EXISTS "schema"`.
pub(crate) fn create_schema(schema: &[String]) -> Statement {
    Statement::CreateSchema {
        schema_name: SchemaName::Simple(object(schema)),
        if_not_exists: true,
        with: None,
        options: None,
        default_collate_spec: None,
        clone: None,
    }
}

/// A column of a table that is made.
pub(crate) struct Column<'a> {
    pub(crate) name: &'a str,
    pub(crate) data_type: DataType,
    pub(crate) required: bool,
}

fn column_definition(column: Column<'_>) -> ColumnDef {
    let required = column.required.then_some(ColumnOptionDef { name: None, option: ColumnOption::NotNull });
    ColumnDef { name: name(column.name), data_type: column.data_type, options: required.into_iter().collect() }
}

/// `CREATE TABLE IF NOT EXISTS "schema"."table" ("column" TYPE, …)`.
pub(crate) fn create_table(table: &[String], columns: Vec<Column<'_>>) -> Statement {
    let columns = columns.into_iter().map(column_definition).collect();
    CreateTableBuilder::new(object(table)).if_not_exists(true).columns(columns).build().into()
}

/// `CREATE TEMPORARY TABLE "table" ON COMMIT DROP AS query`.
pub(crate) fn create_temporary_table(table: &[String], query: Query, drops_on_commit: bool) -> Statement {
    CreateTableBuilder::new(object(table))
        .temporary(true)
        .on_commit(drops_on_commit.then_some(OnCommit::Drop))
        .query(Some(Box::new(query)))
        .build()
        .into()
}

/// `ALTER TABLE "schema"."table" ADD COLUMN IF NOT EXISTS "column" TYPE`.
pub(crate) fn add_column(table: &[String], column: Column<'_>) -> Statement {
    let operation = AlterTableOperation::AddColumn {
        column_keyword: true,
        if_not_exists: true,
        column_def: column_definition(column),
        column_position: None,
    };
    Statement::AlterTable(AlterTable {
        name: object(table),
        if_exists: false,
        only: false,
        operations: vec![operation],
        location: None,
        on_cluster: None,
        table_type: None,
        end_token: AttachedToken::empty(),
    })
}

/// `CREATE INDEX ON "schema"."table" ("a", "b")`: the engine finds a name that no other index has.
pub(crate) fn create_index(table: &[String], columns: &[&str]) -> Statement {
    let column = |column: &&str| IndexColumn {
        column: OrderByExpr {
            expr: super::column(None, column),
            options: OrderByOptions { asc: None, nulls_first: None },
            with_fill: None,
        },
        operator_class: None,
    };
    Statement::CreateIndex(CreateIndex {
        name: None,
        table_name: object(table),
        using: None,
        columns: columns.iter().map(column).collect(),
        unique: false,
        concurrently: false,
        if_not_exists: false,
        include: vec![],
        nulls_distinct: None,
        with: vec![],
        predicate: None,
        index_options: vec![],
        alter_options: vec![],
    })
}

/// `CREATE OR REPLACE VIEW "schema"."view" AS query`.
pub(crate) fn create_view(view: &[String], query: Query, or_replace: bool) -> Statement {
    Statement::CreateView(CreateView {
        or_alter: false,
        or_replace,
        materialized: false,
        secure: false,
        name: object(view),
        name_before_not_exists: false,
        columns: vec![],
        query: Box::new(query),
        options: CreateTableOptions::None,
        cluster_by: vec![],
        comment: None,
        with_no_schema_binding: false,
        if_not_exists: false,
        temporary: false,
        copy_grants: false,
        to: None,
        params: None,
    })
}

fn drop(object_type: ObjectType, name: &[String]) -> Statement {
    Statement::Drop {
        object_type,
        if_exists: true,
        names: vec![object(name)],
        cascade: false,
        restrict: false,
        purge: false,
        temporary: false,
        table: None,
    }
}

/// `DROP VIEW IF EXISTS "schema"."view"`.
pub(crate) fn drop_view(view: &[String]) -> Statement {
    drop(ObjectType::View, view)
}

/// `DROP TABLE IF EXISTS "table"`.
pub(crate) fn drop_table(table: &[String]) -> Statement {
    drop(ObjectType::Table, table)
}

/// `COMMENT ON VIEW "schema"."view" IS 'text'`. The printer writes the text between its quotes as it is.
pub(crate) fn comment_on_view(view: &[String], text: &str) -> Statement {
    comment(CommentObject::View, view, text)
}

/// `COMMENT ON TABLE "schema"."table" IS 'text'`.
pub(crate) fn comment_on_table(table: &[String], text: &str) -> Statement {
    comment(CommentObject::Table, table, text)
}

/// `COMMENT ON COLUMN "schema"."table"."column" IS 'text'`.
pub(crate) fn comment_on_column(column: &[String], text: &str) -> Statement {
    comment(CommentObject::Column, column, text)
}

fn comment(object_type: CommentObject, parts: &[String], text: &str) -> Statement {
    Statement::Comment { object_type, object_name: object(parts), comment: Some(text.to_owned()), if_exists: false }
}

/// `ANALYZE "table"`: the engine looks at the rows of a table.
pub(crate) fn analyze(table: &[String]) -> Statement {
    Statement::Analyze(Analyze {
        table_name: Some(object(table)),
        partitions: None,
        for_columns: false,
        columns: vec![],
        cache_metadata: false,
        noscan: false,
        compute_statistics: false,
        has_table_keyword: false,
    })
}

/// `DELETE FROM "schema"."table" WHERE condition`, over columns by their names alone.
pub(crate) fn delete(table: &[String], condition: Expr) -> Statement {
    let relation = super::bare_table(table);
    Statement::Delete(Delete {
        delete_token: AttachedToken::empty(),
        optimizer_hints: vec![],
        tables: vec![],
        from: FromTable::WithFromKeyword(vec![TableWithJoins { relation, joins: vec![] }]),
        using: None,
        selection: Some(condition),
        returning: None,
        output: None,
        order_by: vec![],
        limit: None,
    })
}

/// `INSERT INTO "schema"."table" ("a", "b") query`.
pub(crate) fn insert(table: &[String], columns: &[&str], query: Query) -> Statement {
    Statement::Insert(Insert {
        insert_token: AttachedToken::empty(),
        optimizer_hints: vec![],
        or: None,
        ignore: false,
        into: true,
        table: TableObject::TableName(object(table)),
        table_alias: None,
        columns: columns.iter().map(|column| object(&[(*column).to_owned()])).collect(),
        overwrite: false,
        source: Some(Box::new(query)),
        assignments: vec![],
        partitioned: None,
        after_columns: vec![],
        has_table_keyword: false,
        on: None,
        returning: None,
        output: None,
        replace_into: false,
        priority: None,
        insert_alias: None,
        settings: None,
        format_clause: None,
        multi_table_insert_type: None,
        multi_table_into_clauses: vec![],
        multi_table_when_clauses: vec![],
        multi_table_else_clause: None,
    })
}

/// What a right is about.
pub(crate) enum Right<'a> {
    /// To name what is in a schema.
    UseSchema(&'a [String]),
    /// To read tables and views.
    Read(Vec<Vec<String>>),
}

fn grantees(roles: &[&str]) -> Vec<Grantee> {
    let grantee = |role: &&str| Grantee {
        grantee_type: GranteesType::None,
        name: Some(GranteeName::ObjectName(object(&[(*role).to_owned()]))),
    };
    roles.iter().map(grantee).collect()
}

/// `GRANT SELECT ON "schema"."view" TO "role"`.
pub(crate) fn grant(right: Right<'_>, roles: &[&str]) -> Statement {
    let (action, objects) = match right {
        Right::UseSchema(schema) => (Action::Usage, GrantObjects::Schemas(vec![object(schema)])),
        Right::Read(tables) => {
            let tables = tables.iter().map(|table| object(table)).collect();
            (Action::Select { columns: None }, GrantObjects::Tables(tables))
        }
    };
    Statement::Grant(Grant {
        privileges: Privileges::Actions(vec![action]),
        objects: Some(objects),
        grantees: grantees(roles),
        with_grant_option: false,
        as_grantor: None,
        granted_by: None,
        current_grants: None,
    })
}

/// `REVOKE ALL ON "schema"."table" FROM "role"`.
pub(crate) fn revoke_all(tables: &[Vec<String>], roles: &[&str]) -> Statement {
    Statement::Revoke(Revoke {
        privileges: Privileges::All { with_privileges_keyword: false },
        objects: Some(GrantObjects::Tables(tables.iter().map(|table| object(table)).collect())),
        grantees: grantees(roles),
        granted_by: None,
        cascade: None,
    })
}

/// `IF condition THEN statements ELSE statements END IF`, as blocks of a procedure say it.
pub(crate) fn if_then(condition: Expr, then: Vec<Statement>, otherwise: Vec<Statement>) -> Statement {
    let block = |keyword: &str, condition: Option<Expr>, statements| ConditionalStatementBlock {
        start_token: word(keyword),
        then_token: condition.is_some().then(|| word("THEN")),
        condition,
        conditional_statements: ConditionalStatements::Sequence { statements },
    };
    Statement::If(IfStatement {
        if_block: block("IF", Some(condition), then),
        elseif_blocks: vec![],
        else_block: (!otherwise.is_empty()).then(|| block("ELSE", None, otherwise)),
        end_token: Some(word("IF")),
    })
}

/// The query as a value: its only column in its only row.
pub(crate) fn value_of(query: Query) -> Expr {
    Expr::Subquery(Box::new(query))
}

/// A column without a name of its own.
pub(crate) fn unnamed(expr: Expr) -> SelectItem {
    SelectItem::UnnamedExpr(expr)
}

/// A query as a statement.
pub(crate) fn select(query: Query) -> Statement {
    Statement::Query(Box::new(query))
}
