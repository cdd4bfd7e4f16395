//! "Did you mean".

use groma_model::check::nearest;

/// A help that names the nearest candidate, or else all of them if they are few, or else nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(found) = nearest(word, candidates.clone()) {
        return Some(format!("did you mean `{found}`?"));
    }
    let all: Vec<String> = candidates.into_iter().take(13).map(|name| format!("`{name}`")).collect();
    (!all.is_empty() && all.len() < 13).then(|| format!("it is one of {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_named_or_else_the_few() {
        assert_eq!(did_you_mean("timezon", ["project", "timezone"]).as_deref(), Some("did you mean `timezone`?"));
        assert_eq!(did_you_mean("kitten", ["day", "week"]).as_deref(), Some("it is one of `day`, `week`"));
        assert_eq!(did_you_mean("kitten", []), None);
    }
}
