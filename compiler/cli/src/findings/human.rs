//! Findings for people, drawn by miette: the one place that implements its `Diagnostic`.

use super::{Findings, counted};
use groma_model::{Diagnostic, FileId, Label, Severity, Span};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};
use std::fmt::{self, Display, Formatter};

/// Findings as a text with a newline at its end; nothing for none.
pub fn render(findings: &Findings<'_>, columns: usize, color: bool) -> String {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(columns.clamp(40, 140))
        .with_links(false)
        .with_show_related_as_nested(true);
    let mut text = String::new();
    for diagnostic in findings.diagnostics {
        let report = Report::of(findings, diagnostic);
        if handler.render_report(&mut text, &report).is_err() {
            text.push_str(&diagnostic.headline);
        }
        text.push('\n');
    }
    if let Some(code) = findings.diagnostics.first().map(|finding| finding.code.id) {
        text.push_str(&format!("`groma explain {code}` says more.\n"));
    }
    text
}

/// One line that counts: `2 errors, 1 warning in 14 files; 3 waivers in force, 1 ends within 30 days`.
pub fn summary(findings: &Findings<'_>, files: usize) -> String {
    let [errors, warnings] = [Severity::Error, Severity::Warning].map(|severity| findings.count(severity));
    let parts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| counted(number, noun))
        .collect();
    let waivers = findings.aside.and_then(|aside| aside.summary());
    let waivers = waivers.map(|waivers| format!("; {waivers}")).unwrap_or_default();
    format!("{} in {}{waivers}", parts.join(", "), counted(files, "file"))
}

/// A finding as miette sees it.
struct Report<'a> {
    headline: &'a str,
    code: Option<&'static str>,
    severity: miette::Severity,
    help: Option<&'a str>,
    text: Option<Text<'a>>,
    /// All in the one text; the first is the primary one.
    labels: Vec<&'a Label>,
    related: Vec<Report<'a>>,
}

impl<'a> Report<'a> {
    fn of(findings: &Findings<'a>, diagnostic: &'a Diagnostic) -> Self {
        let home = diagnostic.primary.as_ref().map(|label| label.span.file);
        let (here, elsewhere): (Vec<&Label>, Vec<&Label>) =
            diagnostic.labels.iter().partition(|label| Some(label.span.file) == home);
        Self {
            headline: &diagnostic.headline,
            code: Some(diagnostic.code.id),
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            help: diagnostic.help.as_deref(),
            text: home.map(|file| Text::of(findings, file)),
            labels: diagnostic.primary.iter().chain(here).collect(),
            related: elsewhere.into_iter().map(|label| Self::related(findings, label)).collect(),
        }
    }

    /// A label in another file becomes a small report of its own.
    fn related(findings: &Findings<'a>, label: &'a Label) -> Self {
        Self {
            headline: &label.text,
            code: None,
            severity: miette::Severity::Advice,
            help: None,
            text: Some(Text::of(findings, label.span.file)),
            labels: vec![label],
            related: Vec::new(),
        }
    }
}

impl miette::Diagnostic for Report<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn Display + 'b>> {
        self.code.map(|code| Box::new(code) as Box<dyn Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn Display + 'b>> {
        self.help.map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labeled = |(position, label): (usize, &&Label)| {
            // The headline of a related report is its label's text already.
            let text = (!label.text.is_empty() && self.code.is_some()).then(|| label.text.clone());
            let place = place(label.span);
            if position == 0 {
                LabeledSpan::new_primary_with_span(text, place)
            } else {
                LabeledSpan::new_with_span(text, place)
            }
        };
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().enumerate().map(labeled)) as Box<_>)
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn miette::Diagnostic> + 'b>> {
        let related = self.related.iter().map(|report| report as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<_>)
    }
}

impl std::error::Error for Report<'_> {}

impl Display for Report<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(self.headline)
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(self.headline)
    }
}

fn place(span: Span) -> SourceSpan {
    let (start, end) = (span.start as usize, span.end as usize);
    SourceSpan::new(start.into(), end.saturating_sub(start))
}

/// The text of a file, with its path; miette's own would copy it for every finding.
struct Text<'a> {
    path: String,
    text: &'a str,
}

impl<'a> Text<'a> {
    fn of(findings: &Findings<'a>, file: FileId) -> Self {
        Self { path: findings.path(file), text: &findings.sources.file(file).text }
    }
}

impl SourceCode for Text<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let read = self.text.read_span(span, lines_before, lines_after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            read.data(),
            *read.span(),
            read.line(),
            read.column(),
            read.line_count(),
        )))
    }
}
