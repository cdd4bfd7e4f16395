//! Text with places where a line may break, in the manner of Wadler's "A prettier printer".

/// Text with places where a line may break.
#[derive(Clone)]
pub(crate) enum Doc {
    Text(String),
    /// A space, or a new line where its group does not fit on one.
    Line,
    /// Nothing, or a new line where its group does not fit on one.
    SoftLine,
    /// Always a new line.
    HardLine,
    All(Vec<Doc>),
    /// Parts with the same between each two.
    Joined(Vec<Doc>, Box<Doc>),
    /// New lines inside start further in.
    Indented(Box<Doc>),
    /// On one line where it fits.
    Group(Box<Doc>),
    /// On one line, unless a line must be new.
    Flat(Box<Doc>),
}

impl Doc {
    pub(crate) fn text(text: &str) -> Self {
        Doc::Text(text.to_owned())
    }

    pub(crate) fn group(parts: Vec<Doc>) -> Self {
        Doc::Group(Box::new(Doc::All(parts)))
    }

    pub(crate) fn indented(parts: Vec<Doc>) -> Self {
        Doc::Indented(Box::new(Doc::All(parts)))
    }
}

const INDENT: usize = 2;

/// Lines do not start further in than this, however deep they are.
const DEEPEST: usize = 60;

/// What is still to be written: how far in, whether on one line, and what.
type Todo<'d> = (usize, bool, &'d Doc);

/// The text, with lines no wider than this where it can be helped.
pub(crate) fn write(doc: &Doc, width: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    let mut todo: Vec<Todo<'_>> = vec![(0, false, doc)];
    while let Some((indent, flat, doc)) = todo.pop() {
        match doc {
            Doc::Text(part) => {
                text.push_str(part);
                column = match part.rsplit_once('\n') {
                    Some((_, last)) => last.chars().count(),
                    None => column + part.chars().count(),
                };
            }
            Doc::Line if flat => {
                text.push(' ');
                column += 1;
            }
            Doc::SoftLine if flat => {}
            Doc::Line | Doc::SoftLine | Doc::HardLine => {
                text.push('\n');
                text.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            }
            Doc::Group(inner) => {
                let flat = flat || fits(width.saturating_sub(column), inner, &todo);
                todo.push((indent, flat, inner));
            }
            other => push(&mut todo, indent, flat, other),
        }
    }
    text
}

/// The parts of a document, so that the first is popped first.
fn push<'d>(todo: &mut Vec<Todo<'d>>, indent: usize, flat: bool, doc: &'d Doc) {
    match doc {
        Doc::All(parts) => todo.extend(parts.iter().rev().map(|part| (indent, flat, part))),
        Doc::Joined(parts, between) => {
            for (place, part) in parts.iter().enumerate().rev() {
                todo.push((indent, flat, part));
                if place > 0 {
                    todo.push((indent, flat, between));
                }
            }
        }
        Doc::Indented(inner) => todo.push(((indent + INDENT).min(DEEPEST), flat, inner)),
        Doc::Flat(inner) => todo.push((indent, true, inner)),
        other => todo.push((indent, flat, other)),
    }
}

/// Whether a group fits on the rest of the line, together with what follows it up to the next place to break.
fn fits(room: usize, group: &Doc, after: &[Todo<'_>]) -> bool {
    let mut room = room;
    let mut todo = vec![(0, true, group)];
    let mut rest = after.iter().rev();
    loop {
        let (indent, flat, doc) = match todo.pop() {
            Some(next) => next,
            None => match rest.next() {
                Some(next) => *next,
                None => return true,
            },
        };
        match doc {
            Doc::Text(part) => match room.checked_sub(part.chars().count()) {
                Some(left) if !part.contains('\n') => room = left,
                _ => return false,
            },
            Doc::Line | Doc::SoftLine if !flat => return true,
            Doc::SoftLine => {}
            Doc::Line => match room.checked_sub(1) {
                Some(left) => room = left,
                None => return false,
            },
            Doc::HardLine => return !flat,
            Doc::Group(inner) => todo.push((indent, flat, inner)),
            other => push(&mut todo, indent, flat, other),
        }
    }
}
