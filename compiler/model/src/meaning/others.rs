//! What declarations mean that are no metrics.

use super::{FORM, Meaning, Subject, digest, written};
use crate::canonical::{Form, Forms};
use crate::check::declare::Declared;
use crate::graph::Node;
use crate::model::{CustomerId, FunctionId, Model, SourceId};
use crate::schema::{KINDS, Kind};
use std::collections::BTreeSet;

/// All of them that are not broken. Of the standard library, functions only: its rules are chosen by the manifest.
pub(super) fn of(model: &Model) -> Vec<(Subject, Meaning)> {
    let order: Vec<Node> = model.graph.in_order().into_iter().flatten().collect();
    let forms = Forms::of(model, Form::Two, &order);
    let functions = functions(model, &order);
    let broken = broken(model);
    let mut found = Vec::new();
    for kind in KINDS.iter().map(|schema| schema.kind).filter(|kind| *kind != Kind::Metric) {
        for (at, declared) in model.declarations.of(kind).iter().enumerate() {
            let subject = (kind, declared.name.clone());
            let is_chosen = declared.standard && kind != Kind::Function;
            if is_chosen || declared.item.broken || broken.contains(&subject) {
                continue;
            }
            let own = written::direct(model, kind, declared);
            let direct = digest(&format!("direct({FORM},{},{own})", kind.word()));
            let whole = whole(&forms, &functions, (kind, at), declared)
                .map_or(direct, |form| digest(&format!("whole({FORM},{form})")));
            let meaning =
                Meaning { direct, whole, pieces: Vec::new(), sealed: Vec::new(), cells: super::Cells::default() };
            found.push((subject, meaning));
        }
    }
    found
}

/// What reaches numbers; none where nothing does, or where it is what is written.
fn whole(forms: &Forms<'_>, functions: &[String], (kind, at): (Kind, usize), declared: &Declared) -> Option<String> {
    let model = forms.model();
    Some(match kind {
        Kind::Source => forms.of_source(SourceId::at(at)),
        Kind::Customer => forms.of_customer(CustomerId::at(at)),
        Kind::Segment => forms.of_segment(model.segments.get(at)?),
        Kind::Survey => {
            // Which invitations are its own is only in the metrics that it declares.
            let invites = written::key(model, kind, declared, "invites_where");
            format!("{}{invites}", forms.of_survey(model.surveys.get(at)?))
        }
        Kind::Window => forms.of_window(model.windows.get(at)?),
        Kind::Function => functions.get(at)?.clone(),
        Kind::Exception => {
            let exception = model.exceptions.get(at)?;
            match exception.restates {
                None => forms.of_exception(exception),
                Some(_) => return None,
            }
        }
        _ => return None,
    })
}

/// Of each function, its body with the functions that it calls.
fn functions(model: &Model, order: &[Node]) -> Vec<String> {
    let mut forms = vec![String::new(); model.functions.len()];
    let declared = model.declarations.of(Kind::Function);
    for node in order {
        let Node::Function(id) = node else { continue };
        let Some(own) = declared.get(id.index()) else { continue };
        let known = |name: &str| {
            let called: FunctionId = model.names.function(name, own.standard)?;
            let form = forms.get(called.index()).cloned().filter(|form| !form.is_empty())?;
            let parameters = declared.get(called.index())?.item.params.iter();
            Some(written::Known { form, parameters: parameters.map(|parameter| parameter.name.text.clone()).collect() })
        };
        let form = Form::Two.sealed(&written::resolved(model, Kind::Function, own, &known));
        forms[id.index()] = form;
    }
    forms
}

/// The declarations in which something was reported.
fn broken(model: &Model) -> BTreeSet<Subject> {
    let sources = model.sources.iter().map(|source| (Kind::Source, &source.header));
    let customers = model.customers.iter().map(|customer| (Kind::Customer, &customer.header));
    let segments = model.segments.iter().map(|segment| (Kind::Segment, &segment.header));
    let surveys = model.surveys.iter().map(|survey| (Kind::Survey, &survey.header));
    let teams = model.teams.iter().map(|team| (Kind::Team, &team.header));
    let functions = model.functions.iter().map(|function| (Kind::Function, &function.header));
    let windows = model.windows.iter().map(|window| (Kind::Window, &window.header));
    let regions = model.regions.iter().map(|region| (Kind::Region, &region.header));
    let examples = model.examples.iter().map(|example| (Kind::Example, &example.header));
    let exceptions = model.exceptions.iter().map(|exception| (Kind::Exception, &exception.header));
    let records = model.records.iter().map(|record| (record.kind, &record.header));
    let data = sources.chain(customers).chain(segments).chain(surveys).chain(functions).chain(windows);
    let all = data.chain(teams).chain(regions).chain(examples).chain(exceptions).chain(records);
    all.filter(|(_, header)| header.broken).map(|(kind, header)| (kind, header.name.clone())).collect()
}
