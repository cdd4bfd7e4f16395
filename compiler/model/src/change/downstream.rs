//! What is built from a declaration and shown to somebody: metrics, and what names them.

use super::view::View;
use crate::graph::{Link, Node};
use crate::meaning::Subject;
use crate::model::{MetricId, Model};
use crate::reading::GoalOf;
use crate::schema::Kind;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who names which declaration.
pub(super) struct Downstream {
    named: BTreeMap<Subject, BTreeSet<Subject>>,
    /// The metrics of each exception.
    exceptions: BTreeMap<Subject, Vec<MetricId>>,
}

impl Downstream {
    pub(super) fn of(model: &Model) -> Self {
        let mut all = Self { named: BTreeMap::new(), exceptions: BTreeMap::new() };
        let metric = |id: MetricId| (Kind::Metric, model.metric(id).header.name.clone());
        for example in &model.examples {
            let by = (Kind::Example, example.header.name.clone());
            example.metrics.iter().for_each(|id| all.name(metric(*id), &by));
        }
        for link in &model.links {
            let by = (Kind::Link, link.header.name.clone());
            link.leading.iter().chain(&link.outcome).for_each(|id| all.name(metric(*id), &by));
        }
        for exception in &model.exceptions {
            let by = (Kind::Exception, exception.header.name.clone());
            exception.metrics.iter().for_each(|(id, _)| all.name(metric(*id), &by));
            all.exceptions.insert(by, exception.metrics.iter().map(|(id, _)| *id).collect());
        }
        for waiver in &model.waivers {
            let by = (Kind::Waiver, waiver.header.name.clone());
            waiver.on.iter().for_each(|(kind, name, _)| all.name((*kind, name.clone()), &by));
        }
        for period in &model.periods {
            let by = (Kind::Period, period.header.name.clone());
            period.metrics.iter().for_each(|(id, _)| all.name(metric(*id), &by));
        }
        for dashboard in &model.dashboards {
            let by = (Kind::Dashboard, dashboard.header.name.clone());
            for tile in &dashboard.tiles {
                tile.metrics.iter().for_each(|(id, _)| all.name(metric(*id), &by));
                if let Some(GoalOf::Declared(at)) = tile.goal {
                    all.name((Kind::Goal, model.goals[at].header.name.clone()), &by);
                }
            }
        }
        for alert in &model.alerts {
            all.name(metric(alert.metric), &(Kind::Alert, alert.header.name.clone()));
        }
        for goal in &model.goals {
            all.name(metric(goal.metric), &(Kind::Goal, goal.header.name.clone()));
        }
        for region in &model.regions {
            let by = (Kind::Region, region.header.name.clone());
            region.adapts.iter().for_each(|adaptation| all.name(metric(adaptation.metric), &by));
        }
        all
    }

    fn name(&mut self, subject: Subject, by: &Subject) {
        self.named.entry(subject).or_default().insert(by.clone());
    }

    /// What is shown of a declaration, through others too; sorted.
    pub(super) fn from(&self, view: &View<'_>, subject: &Subject) -> Vec<Subject> {
        let mut found: BTreeSet<Subject> = self.named.get(subject).into_iter().flatten().cloned().collect();
        let mut seen: BTreeSet<Node> = BTreeSet::new();
        let mut open: VecDeque<Node> = view.node(subject).into_iter().collect();
        open.extend(self.exceptions.get(subject).into_iter().flatten().map(|id| Node::Metric(*id)));
        while let Some(node) = open.pop_front() {
            if !seen.insert(node) {
                continue;
            }
            if let Node::Metric(_) = node {
                let metric = view.subject(node);
                found.extend(self.named.get(&metric).into_iter().flatten().cloned());
                found.insert(metric);
            }
            for (user, link, _) in view.models().flat_map(|model| model.graph().used_by(node)) {
                // A segment speaks of its customer; a column that refers to one does not.
                let speaks = link == Link::Uses || matches!(user, Node::Segment(_));
                // A customer only offers its segments; who uses one says so.
                let offers = matches!((user, node), (Node::Customer(_), Node::Segment(_)));
                if speaks && !offers {
                    open.push_back(user);
                }
            }
        }
        found.remove(subject);
        found.into_iter().collect()
    }
}
