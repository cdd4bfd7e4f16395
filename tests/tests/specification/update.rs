//! Fences written anew: `GROMA_UPDATE=1` puts what comes out where it was expected.

use groma_tests::case::Case;
use groma_tests::markdown::{self, Fence};
use groma_tests::{Outcome, repository};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

/// What is to be written, by document.
static NOTED: Mutex<BTreeMap<String, Vec<(Fence, String)>>> = Mutex::new(BTreeMap::new());

/// Whether fences are rewritten instead of compared.
pub(crate) fn is_on() -> bool {
    env::var("GROMA_UPDATE").as_deref() == Ok("1")
}

/// Remembers a fence's new body.
pub(crate) fn note(case: &Case, fence: &Fence, body: &str) {
    let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    noted.entry(case.document.clone()).or_default().push((fence.clone(), body.to_owned()));
}

/// Writes all that was remembered.
pub(crate) fn write() -> Outcome {
    let noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    let root = repository::root();
    for (path, changes) in &*noted {
        let changed: Vec<_> = changes
            .iter()
            .filter(|(fence, body)| fence.body != *body)
            .map(|(fence, body)| (fence, body.clone()))
            .collect();
        if !changed.is_empty() {
            println!("{path}: {} fences written anew", changed.len());
            let text = markdown::replace(&repository::read(&root, path)?, changed);
            fs::write(root.join(path), text).map_err(|error| format!("{path}: {error}"))?;
        }
    }
    Ok(())
}
