//! The one diagnostic type, and the codes it carries.

use crate::source::Span;

/// How much a finding weighs: errors stop a run, warnings do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    /// The word people and machines read.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A permanent name for one kind of finding, such as `time/naive-timestamp`. Declared as a constant beside its rule and
/// listed in its crate's `CODES`; its page is `docs/diagnostics/<area>/<name>.md`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `area/name`.
    pub id: &'static str,
    pub severity: Severity,
    /// One line: what the finding says in general.
    pub summary: &'static str,
}

impl Code {
    /// A code for findings that stop a run.
    pub const fn error(id: &'static str, summary: &'static str) -> Self {
        Self { id, severity: Severity::Error, summary }
    }

    /// A code for findings that do not.
    pub const fn warning(id: &'static str, summary: &'static str) -> Self {
        Self { id, severity: Severity::Warning, summary }
    }

    /// A finding of this kind with its headline: what is wrong with the number, on one line that stands alone.
    pub fn finding(&'static self, headline: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: self,
            severity: self.severity,
            headline: headline.into(),
            primary: None,
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }
}

/// A place and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A change that a machine may apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Edit>,
}

/// One replacement of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: &'static Code,
    pub severity: Severity,
    /// Stands alone on one line.
    pub headline: String,
    /// Where it is. Only findings about a whole project (it is empty, say) have no place.
    pub primary: Option<Label>,
    /// Further places, also in other files.
    pub labels: Vec<Label>,
    /// An action that makes it right.
    pub help: Option<String>,
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Sets the place the finding is about.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says the smallest change that makes it right.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Offers a replacement of one span that a machine may apply.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// Whether it stops a run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The order in which findings are shown: by file, place, code, then words.
    pub fn sort_key(&self) -> (Option<Span>, &'static str, &str) {
        (self.primary.as_ref().map(|label| label.span), self.code.id, &self.headline)
    }
}
