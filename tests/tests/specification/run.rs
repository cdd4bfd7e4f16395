//! One case, from its text to what it says must come out.

use crate::answers::{Answer, Value};
use crate::compiler::{Asked, Compiled, Ended};
use crate::embedded;
use crate::engines::{self, Load};
use crate::{claims, proofs, update};
use groma_tests::Outcome;
use groma_tests::case::{Case, Output, OutputKind, Question, Table};

/// Runs a case.
///
/// # Errors
/// Everything that is not as it says, in words.
pub(crate) fn case(case: &Case) -> Outcome {
    let compiled = Compiled::new(case);
    claims::check(case, &compiled.project)?;
    if !compiled.project.has_errors() {
        proofs::check(case, &compiled)?;
    }
    for output in &case.outputs {
        let place = || format!("{}:{}", case.document, output.fence.line - 1);
        self::output(case, &compiled, output).map_err(|problem| format!("{}: {problem}", place()))?;
    }
    Ok(())
}

fn output(case: &Case, compiled: &Compiled<'_>, output: &Output) -> Outcome {
    match &output.kind {
        OutputKind::Result(question) => result(case, compiled, output, question),
        OutputKind::Refused(question) => findings(output, &ask(compiled, question)?),
        OutputKind::Fails(arguments) => {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            findings(output, &compiled.command(&arguments)?)
        }
        OutputKind::Plan(question) => text(case, output, &Asked::new(compiled, question)?.plan()),
        OutputKind::Sql(name, question) => {
            let dialect = groma_sql::dialect(name).ok_or_else(|| format!("there is no dialect {name:?}"))?;
            text(case, output, &Asked::new(compiled, question)?.sql(dialect)?)
        }
        OutputKind::Graph => text(case, output, &compiled.command(&["graph", "--format", "mermaid"])?.answers),
        OutputKind::Format => {
            let [(_, written)] = case.texts().collect::<Vec<_>>()[..] else {
                return Err("formatting is compared for a case of one file".to_owned());
            };
            let formatted = groma_syntax::format(written).map_err(|findings| format!("{findings:?}"))?;
            text(case, output, &formatted)
        }
        // Compared with the findings themselves.
        OutputKind::Diagnostics => Ok(()),
    }
}

/// Compares a text with its fence, or writes it there.
fn text(case: &Case, output: &Output, actual: &str) -> Outcome {
    if update::is_on() {
        update::note(case, &output.fence, actual);
        return Ok(());
    }
    if output.fence.body == actual {
        return Ok(());
    }
    Err(format!("expected\n{}\nbut it is\n{actual}", output.fence.body))
}

/// Asks the embedded engine and every other that is there.
fn result(case: &Case, compiled: &Compiled<'_>, output: &Output, question: &Question) -> Outcome {
    let asked = Asked::new(compiled, question)?;
    let answer = ask_embedded(compiled, &asked)?;
    for name in engines::OTHERS {
        let dialect = groma_sql::dialect(name).ok_or_else(|| format!("there is no dialect {name:?}"))?;
        let statement = asked.sql(dialect)?;
        let Some(answers) = engines::run(name, &loads(case, compiled)?, std::slice::from_ref(&statement)) else {
            continue;
        };
        for other in answers? {
            let other = other.map_err(|problem| format!("{problem}\n{statement}"))?;
            answer
                .agrees(&other)
                .map_err(|problem| format!("datafusion and {name} disagree: {problem}\n{statement}"))?;
        }
    }
    if update::is_on() {
        let columns = match output.fence.body.lines().next() {
            Some(header) => Table::parse(header)?.columns,
            None => answer.usual_columns(),
        };
        update::note(case, &output.fence, &answer.table(&columns)?.to_fence());
        return Ok(());
    }
    answer.matches(&Table::parse(&output.fence.body)?)
}

fn ask_embedded(compiled: &Compiled<'_>, asked: &Asked) -> Outcome<Answer> {
    let dialect = groma_sql::dialect("datafusion").ok_or("there is no dialect for the embedded engine")?;
    let statement = asked.sql(dialect)?;
    let (_folder, sources) = compiled.on_disk()?;
    let engine = embedded::open(sources).map_err(|error| error.to_string())?;
    let batches = embedded::run(&engine, &statement).map_err(|error| format!("{error}\n{statement}"))?;
    let answer = embedded::answer(&batches)?;
    let nan = answer.rows.iter().flatten().any(|value| matches!(value, Value::Number(number) if !number.is_finite()));
    if nan { Err(format!("the answer holds a number that is none\n{statement}")) } else { Ok(answer) }
}

/// A command must end with the findings that the fence lists: a headline a line, after its code.
fn findings(output: &Output, ended: &Ended) -> Outcome {
    if ended.code == 0 {
        return Err(format!("it does not fail:\n{}", ended.answers));
    }
    let said = words(&ended.messages);
    let missing: Vec<&str> = output.fence.body.lines().filter(|line| !is_said(line, &said)).collect();
    if missing.is_empty() && output.fence.height > 0 {
        return Ok(());
    }
    Err(format!("not said: {}\nbut\n{}", missing.join("\n"), ended.messages))
}

/// Asks `groma query`, as anyone would.
///
/// # Errors
/// It cannot be started.
pub(crate) fn ask(compiled: &Compiled<'_>, question: &Question) -> Outcome<Ended> {
    let mut arguments = vec!["query".to_owned()];
    arguments.extend(compiled.asked_metrics(question));
    arguments.extend(question.by.iter().flat_map(|path| ["--by".to_owned(), path.clone()]));
    let options = [
        ("--grain", &question.grain),
        ("--from", &question.from),
        ("--to", &question.to),
        ("--where", &question.condition),
        ("--as-of", &question.as_of),
    ];
    for (option, value) in options {
        arguments.extend(value.iter().flat_map(|value| [option.to_owned(), value.clone()]));
    }
    arguments.extend(question.with.iter().map(|word| format!("--{word}")));
    compiled.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Whether a message, however it is wrapped, says a line: `error[code] headline`, or only the code.
fn is_said(line: &str, said: &str) -> bool {
    let (code, headline) = line.split_once(']').unwrap_or((line, ""));
    let code = code.rsplit('[').next().unwrap_or_default();
    said.contains(code) && said.contains(&words(headline))
}

/// The words of a text, without the marks of a frame.
fn words(text: &str) -> String {
    let marks = |character: char| matches!(character, '│' | '╭' | '╰' | '─' | '·' | '×' | '⚠' | '├' | '▶');
    text.split_whitespace().filter(|word| !word.chars().all(marks)).collect::<Vec<_>>().join(" ")
}

/// The data of a case for the engines beside the embedded one.
fn loads(case: &Case, compiled: &Compiled<'_>) -> Outcome<Vec<Load>> {
    compiled.tables().into_iter().map(|table| table.load(case)).collect()
}
