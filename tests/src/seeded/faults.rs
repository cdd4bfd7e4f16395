//! What can be planted in the seeded project, and what must be found then.

mod debt;
mod law;
mod lifecycle;
mod partners;
mod people;
mod privacy;
mod reading;
mod survey;

/// A fault: small edits of the clean project, and everything that must be found because of them.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// What is wrong, in words.
    pub name: &'static str,
    pub edits: &'static [Edit],
    pub findings: &'static [Expected],
}

/// A change of one file.
#[derive(Debug, Clone, Copy)]
pub enum Edit {
    /// A text that stands there once, and what stands there instead.
    Replace(&'static str, &'static str, &'static str),
    /// More text at the end of a file, which may be a new one.
    Append(&'static str, &'static str),
}

/// A finding: its code, its file, a text that stands once there and ends on its line, and a part of its headline.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    pub code: &'static str,
    pub path: &'static str,
    pub on: &'static str,
    pub headline: &'static str,
}

/// All of them.
pub fn all() -> Vec<Fault> {
    [
        people::FAULTS,
        survey::FAULTS,
        lifecycle::FAULTS,
        debt::FAULTS,
        privacy::FAULTS,
        partners::FAULTS,
        law::FAULTS,
        reading::FAULTS,
    ]
    .concat()
}

const fn find(code: &'static str, path: &'static str, on: &'static str, headline: &'static str) -> Expected {
    Expected { code, path, on, headline }
}

impl Edit {
    /// Makes the change.
    ///
    /// # Errors
    /// The text to replace is not there, or more than once.
    pub fn apply(&self, files: &mut Vec<(String, String)>) -> Result<(), String> {
        match *self {
            Edit::Append(path, text) => match files.iter_mut().find(|(name, _)| name == path) {
                Some((_, file)) => {
                    file.push('\n');
                    file.push_str(text);
                }
                None => files.push((path.to_owned(), text.to_owned())),
            },
            Edit::Replace(path, old, new) => {
                let file = files.iter_mut().find(|(name, _)| name == path);
                let (_, file) = file.ok_or_else(|| format!("there is no {path}"))?;
                match file.matches(old).count() {
                    1 => *file = file.replacen(old, new, 1),
                    times => return Err(format!("{path} has `{old}` {times} times")),
                }
            }
        }
        Ok(())
    }
}

impl Expected {
    /// The line it is on.
    ///
    /// # Errors
    /// The text of its line is not there, or more than once.
    pub fn line(&self, files: &[(String, String)]) -> Result<usize, String> {
        let file = files.iter().find(|(name, _)| name == self.path);
        let (_, file) = file.ok_or_else(|| format!("there is no {}", self.path))?;
        match file.matches(self.on).count() {
            1 => Ok(file.split_inclusive(self.on).next().unwrap_or_default().matches('\n').count() + 1),
            times => Err(format!("{} has `{}` {times} times", self.path, self.on)),
        }
    }
}
