//! Which tables a query names, and which of the names are its own.

use sqlparser::ast::{Cte, Expr, Ident, ObjectName, Query, TableAlias, TableFactor, Value};

use super::Replacements;
use crate::visit::{Change, Flow, change};
use crate::{build, literal};

/// The tables a query reads, each once, in the order of the text.
pub(super) fn free_tables(query: &mut Query) -> Vec<String> {
    let mut tables: Vec<String> = Vec::new();
    let mut collect = |name: &mut ObjectName, _: &mut Option<TableAlias>| {
        let name = dotted(name);
        if !tables.contains(&name) {
            tables.push(name);
        }
    };
    let mut names = Names { frames: vec![], each_free: &mut collect, rename: &mut |_| None };
    let _ = change(query, &mut names);
    tables
}

/// Replaces a query's free tables, and gives its own names that are taken outside others, which start with that name.
pub(super) fn replace(query: &mut Query, own: &str, tables: &Replacements<'_>, taken: &[&str]) {
    let mut new_names: Vec<String> = taken.iter().map(|name| name.to_lowercase()).collect();
    for (_, parts) in tables {
        if let [single] = parts.as_slice() {
            new_names.push(single.to_lowercase());
        }
    }
    let mut rename = |name: &Ident| fresh(own, name, &mut new_names);
    let mut replace = |name: &mut ObjectName, alias: &mut Option<TableAlias>| {
        let written = dotted(name);
        if let Some((_, parts)) = tables.iter().find(|(table, _)| *table == written) {
            keep_alias(name, alias);
            *name = build::object(parts);
        }
    };
    let mut names = Names { frames: vec![], each_free: &mut replace, rename: &mut rename };
    let _ = change(query, &mut names);
    let _ = change(query, &mut Expressions { tables });
}

/// A name that is not taken, where this one is.
fn fresh(own: &str, name: &Ident, taken: &mut Vec<String>) -> Option<Ident> {
    if !taken.contains(&name.value.to_lowercase()) {
        return None;
    }
    let plain = format!("{own}_{}", name.value);
    let numbered = (2..).map(|number| format!("{plain}_{number}"));
    let free = [plain.clone()].into_iter().chain(numbered).find(|name| !taken.contains(&name.to_lowercase()))?;
    taken.push(free.to_lowercase());
    Some(build::name(&free))
}

/// Columns go on to find a table under the name it had.
fn keep_alias(name: &ObjectName, alias: &mut Option<TableAlias>) {
    if alias.is_none() {
        *alias = last(name).map(|ident| build::alias(ident.clone()));
    }
}

/// The parts of a name as written, without quotes, between dots.
pub(super) fn dotted(name: &ObjectName) -> String {
    let parts: Vec<&str> = name.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.as_str()).collect();
    parts.join(".")
}

/// The last part of a name.
pub(super) fn last(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(|part| part.as_ident())
}

/// What names are compared by: in lower case unless quoted.
pub(super) fn key(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// A query's own names, while its parts are visited.
struct Frame {
    recursive: bool,
    own: Vec<OwnName>,
}

struct OwnName {
    key: String,
    renamed: Option<Ident>,
    /// Where its query is in memory: it is known only after that, unless recursive.
    body: *const Query,
    known: bool,
}

struct Names<'f> {
    frames: Vec<Frame>,
    each_free: &'f mut dyn FnMut(&mut ObjectName, &mut Option<TableAlias>),
    rename: &'f mut dyn FnMut(&Ident) -> Option<Ident>,
}

impl Names<'_> {
    fn own(&mut self, cte: &mut Cte) -> OwnName {
        let key = key(&cte.alias.name);
        let renamed = (self.rename)(&cte.alias.name);
        if let Some(new) = &renamed {
            cte.alias.name = new.clone();
        }
        OwnName { key, renamed, body: &raw const *cte.query, known: false }
    }

    fn find(&self, name: &ObjectName) -> Option<&OwnName> {
        let [part] = name.0.as_slice() else {
            return None;
        };
        let key = key(part.as_ident()?);
        let visible = |frame: &'_ Frame, own: &OwnName| own.key == key && (own.known || frame.recursive);
        self.frames.iter().rev().find_map(|frame| frame.own.iter().rev().find(|own| visible(frame, own)))
    }
}

impl Change for Names<'_> {
    fn query(&mut self, query: &mut Query) -> Flow {
        let mut frame = Frame { recursive: false, own: vec![] };
        if let Some(with) = &mut query.with {
            frame.recursive = with.recursive;
            frame.own = with.cte_tables.iter_mut().map(|cte| self.own(cte)).collect();
        }
        self.frames.push(frame);
        Flow::Continue(())
    }

    fn after_query(&mut self, query: &mut Query) -> Flow {
        self.frames.pop();
        if let Some(frame) = self.frames.last_mut() {
            let body: *const Query = query;
            frame.own.iter_mut().filter(|own| std::ptr::eq(own.body, body)).for_each(|own| own.known = true);
        }
        Flow::Continue(())
    }

    fn table_factor(&mut self, factor: &mut TableFactor) -> Flow {
        if let TableFactor::Table { name, alias, args: None, .. } = factor {
            match self.find(name).map(|own| own.renamed.clone()) {
                None => (self.each_free)(name, alias),
                Some(None) => {}
                Some(Some(new)) => {
                    keep_alias(name, alias);
                    *name = ObjectName::from(vec![new]);
                }
            }
        }
        Flow::Continue(())
    }
}

/// Columns that name their table with its schema, and texts that our printer would spoil.
struct Expressions<'a> {
    tables: &'a Replacements<'a>,
}

impl Change for Expressions<'_> {
    fn after_expr(&mut self, expr: &mut Expr) -> Flow {
        match expr {
            Expr::CompoundIdentifier(parts) => {
                for length in 2..parts.len() {
                    let prefix: Vec<&str> = parts.iter().take(length).map(|ident| ident.value.as_str()).collect();
                    if self.tables.iter().any(|(table, _)| *table == prefix.join(".")) {
                        parts.drain(..length - 1);
                        break;
                    }
                }
            }
            Expr::Value(value) => {
                if let Value::SingleQuotedString(text) = &value.value
                    && (text.contains("''") || text.contains("\\'"))
                {
                    *expr = Expr::Nested(Box::new(literal::text(text)));
                }
            }
            _ => {}
        }
        Flow::Continue(())
    }
}
