//! The pack for a review: what a period's numbers are, how they stand against the last period and their targets, who answers for
//! them, and what is open.

use crate::{Cell, Goal, Metric};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

/// The numbers of a period, for those who review them.
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    pub project: String,
    /// The name of the period.
    pub period: String,
    /// `1 July 2026 to 30 September 2026`.
    pub days: String,
    /// The day on which it is reported.
    pub report: Option<String>,
    /// The period that was reviewed before, by its name.
    pub previous: Option<String>,
    /// The local time from which on nothing was read, and its zone.
    pub as_of: Option<String>,
    pub zone: String,
    /// The commit of the definitions; none where they are not committed.
    pub commit: Option<String>,
    /// The data is made up, in the project's own words.
    pub synthetic: Option<String>,
    /// How the definitions stand still, in a sentence; none where they do not.
    pub frozen: Option<String>,
    /// Where changes of definitions were looked for, in a sentence.
    pub compared: String,
    pub numbers: Vec<Number>,
}

/// A metric in a review.
#[derive(Debug, Clone, Serialize)]
pub struct Number {
    pub metric: Metric,
    /// The cell of the period, or of the last shorter one within it; none where there is none.
    pub cell: Option<Cell>,
    /// The interval as people read it: `40.1 to 45.0 points`.
    pub interval: Option<String>,
    /// The change since the last period and what it tells, in words.
    pub verdict: String,
    pub goal: Option<Goal>,
    /// `reached`, `missed`, or why that cannot be said.
    pub reached: Option<String>,
    /// What its definition changed in since the last review, one sentence each.
    pub changes: Vec<String>,
    /// What is still to be answered about it, one sentence each.
    pub questions: Vec<String>,
}

/// The pack as one HTML document that needs no network and no JavaScript.
///
/// # Errors
/// The template does not fit: a mistake of this crate.
pub fn review_html(review: &Review) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("review.html", include_str!("../templates/review.html"))?;
    environment.get_template("review.html")?.render(Serde(review))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(name: &str) -> Review {
        let metric = Metric {
            name: name.to_owned(),
            label: name.to_owned(),
            doc: Some("What people say.".to_owned()),
            unit: None,
            factor: 1.0,
            better: None,
            definition: vec!["Measure: count()".to_owned()],
            version: 1,
            hash: "ab".repeat(32),
            owner: None,
            status: "active",
            exceptions: vec!["EXC-1 leaves out two accounts".to_owned()],
            freshness: Vec::new(),
        };
        let number = Number {
            metric,
            cell: None,
            interval: None,
            verdict: "no number to compare".to_owned(),
            goal: None,
            reached: None,
            changes: vec!["restating: `where` is another".to_owned()],
            questions: vec!["Nobody answers for it.".to_owned()],
        };
        Review {
            project: "shop".to_owned(),
            period: "2026-Q3".to_owned(),
            days: "1 July 2026 to 30 September 2026".to_owned(),
            report: None,
            previous: None,
            as_of: None,
            zone: "UTC".to_owned(),
            commit: None,
            synthetic: None,
            frozen: None,
            compared: "There is no earlier period.".to_owned(),
            numbers: vec![number],
        }
    }

    #[test]
    fn what_a_project_says_is_text() {
        let page = review_html(&review("<script>alert(1)</script>")).unwrap();
        assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;"), "{page}");
    }

    #[test]
    fn nothing_is_left_out() {
        let page = review_html(&review("nps")).unwrap();
        for said in ["EXC-1", "restating", "Nobody answers", "no number to compare", "2026-Q3", &"ab".repeat(6)] {
            assert!(page.contains(said), "{said} in {page}");
        }
        assert_eq!(page, review_html(&review("nps")).unwrap());
    }
}
