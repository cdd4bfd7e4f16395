//! One walk over the SQL tree for all who look at it or change it.
//!
//! `sqlparser`'s visitors are generic: each implementation compiles the walk over the whole tree anew, which takes longer than
//! compiling this crate. Here both walks are compiled once, and call through an object.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, Select, Statement, TableFactor, Visit, VisitMut, Visitor, VisitorMut};

use crate::source_query::QueryProblem;

/// Whether to go on.
pub(crate) type Flow = ControlFlow<QueryProblem>;

/// Looks at nodes; does nothing where it does not say what.
pub(crate) trait Look {
    fn statement(&mut self, _statement: &Statement) -> Flow {
        Flow::Continue(())
    }

    fn query(&mut self, _query: &Query) -> Flow {
        Flow::Continue(())
    }

    fn after_query(&mut self, _query: &Query) -> Flow {
        Flow::Continue(())
    }

    fn select(&mut self, _select: &Select) -> Flow {
        Flow::Continue(())
    }

    fn table_factor(&mut self, _factor: &TableFactor) -> Flow {
        Flow::Continue(())
    }

    fn expr(&mut self, _expr: &Expr) -> Flow {
        Flow::Continue(())
    }
}

/// Changes nodes; does nothing where it does not say what.
pub(crate) trait Change {
    fn query(&mut self, _query: &mut Query) -> Flow {
        Flow::Continue(())
    }

    fn after_query(&mut self, _query: &mut Query) -> Flow {
        Flow::Continue(())
    }

    fn select(&mut self, _select: &mut Select) -> Flow {
        Flow::Continue(())
    }

    fn table_factor(&mut self, _factor: &mut TableFactor) -> Flow {
        Flow::Continue(())
    }

    fn expr(&mut self, _expr: &mut Expr) -> Flow {
        Flow::Continue(())
    }

    fn after_expr(&mut self, _expr: &mut Expr) -> Flow {
        Flow::Continue(())
    }
}

/// Shows every node of a tree.
pub(crate) fn look(tree: &impl Visit, with: &mut dyn Look) -> Flow {
    tree.visit(&mut Looking(with))
}

/// Hands every node of a tree over to be changed.
pub(crate) fn change(tree: &mut impl VisitMut, with: &mut dyn Change) -> Flow {
    tree.visit(&mut Changing(with))
}

struct Looking<'a>(&'a mut dyn Look);

impl Visitor for Looking<'_> {
    type Break = QueryProblem;

    fn pre_visit_statement(&mut self, statement: &Statement) -> Flow {
        self.0.statement(statement)
    }

    fn pre_visit_query(&mut self, query: &Query) -> Flow {
        self.0.query(query)
    }

    fn post_visit_query(&mut self, query: &Query) -> Flow {
        self.0.after_query(query)
    }

    fn pre_visit_select(&mut self, select: &Select) -> Flow {
        self.0.select(select)
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Flow {
        self.0.table_factor(factor)
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        self.0.expr(expr)
    }
}

struct Changing<'a>(&'a mut dyn Change);

impl VisitorMut for Changing<'_> {
    type Break = QueryProblem;

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        self.0.query(query)
    }

    fn post_visit_query(&mut self, query: &mut Query) -> Flow {
        self.0.after_query(query)
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Flow {
        self.0.select(select)
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> Flow {
        self.0.table_factor(factor)
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        self.0.expr(expr)
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        self.0.after_expr(expr)
    }
}
