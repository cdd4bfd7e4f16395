//! `approvals/allowed_signers`: whose key is whose, and when. The form is OpenSSH's; ssh-keygen reads the very same file.

use super::signature;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Whose key is whose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signers {
    pub lines: Vec<Signer>,
    /// Lines that are neither a signer nor a comment: number from 1, and what is wrong with them.
    pub malformed: Vec<(usize, String)>,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The number of the line, from 1.
    pub line: usize,
    /// Addresses, with `*` and `?`; one after `!` is left out.
    pub principals: Vec<String>,
    /// The public key, decoded.
    pub key: Vec<u8>,
    /// What the key may sign; anything without.
    pub namespaces: Option<Vec<String>>,
    pub valid_after: Option<Timestamp>,
    pub valid_before: Option<Timestamp>,
    /// It is no person's key but one that certifies theirs.
    pub is_authority: bool,
}

impl Signers {
    /// Reads the file.
    pub fn read(text: &str) -> Self {
        let mut signers = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match Signer::read(line_number, line) {
                Ok(signer) => signers.lines.push(signer),
                Err(problem) => signers.malformed.push((line_number, problem)),
            }
        }
        signers
    }

    /// The lines that list a key for an address.
    pub fn of<'s>(&'s self, address: &'s str, key: &'s [u8]) -> impl Iterator<Item = &'s Signer> {
        self.lines.iter().filter(move |signer| signer.key == key && signer.is_for(address))
    }

    /// The addresses that a key is listed for, without patterns.
    pub fn addresses<'s>(&'s self, key: &'s [u8]) -> impl Iterator<Item = &'s str> {
        let plain = |address: &&String| !address.contains(['*', '?', '!']);
        let lines = self.lines.iter().filter(move |signer| signer.key == key);
        lines.flat_map(move |signer| signer.principals.iter().filter(plain)).map(String::as_str)
    }
}

impl Signer {
    fn read(line: usize, text: &str) -> Result<Self, String> {
        let mut words = words(text).ok_or("a quote is not closed")?.into_iter();
        let principals = words.next().ok_or("there is nothing in it")?;
        let principals = principals.trim_matches('"').split(',').map(str::to_owned).collect();
        let mut signer = Self {
            line,
            principals,
            key: Vec::new(),
            namespaces: None,
            valid_after: None,
            valid_before: None,
            is_authority: false,
        };
        let mut word = words.next().ok_or("there is no key in it")?;
        if !is_key_type(&word) {
            signer.options(&word)?;
            word = words.next().ok_or("there is no key in it")?;
        }
        if !is_key_type(&word) {
            return Err(format!("`{word}` is no type of a key, such as `ssh-ed25519`"));
        }
        let packed = words.next().ok_or("there is no key behind its type")?;
        signer.key = signature::key(&packed).ok_or("what stands behind the key's type is no key")?;
        Ok(signer)
    }

    /// `namespaces="…",valid-after="…",cert-authority`
    fn options(&mut self, text: &str) -> Result<(), String> {
        for option in split(text, ',') {
            let (name, value) =
                option.split_once('=').map_or((option, ""), |(name, value)| (name, value.trim_matches('"')));
            match name.to_ascii_lowercase().as_str() {
                "cert-authority" => self.is_authority = true,
                "namespaces" => self.namespaces = Some(value.split(',').map(str::to_owned).collect()),
                "valid-after" => self.valid_after = Some(time(value)?),
                "valid-before" => self.valid_before = Some(time(value)?),
                _ => return Err(format!("`{name}` is no option")),
            }
        }
        Ok(())
    }

    /// Whether it lists its key for an address.
    pub fn is_for(&self, address: &str) -> bool {
        let mut listed = false;
        for pattern in &self.principals {
            match pattern.strip_prefix('!') {
                Some(pattern) if matches(pattern, address) => return false,
                Some(_) => {}
                None => listed |= matches(pattern, address),
            }
        }
        listed
    }

    /// Whether its key may sign for a namespace.
    pub fn may_sign(&self, namespace: &str) -> bool {
        self.namespaces.as_ref().is_none_or(|all| all.iter().any(|pattern| matches(pattern, namespace)))
    }
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-", "rsa-"].iter().any(|start| word.starts_with(start))
}

/// Words, of which one in quotes may hold blanks.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for one in text.chars() {
        quoted ^= one == '"';
        if one.is_whitespace() && !quoted {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        } else {
            word.push(one);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    (!quoted).then_some(words)
}

/// Parts between separators that do not stand in quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let at = move |one: char| {
        quoted ^= one == '"';
        one == separator && !quoted
    };
    text.split(at).collect()
}

/// `20260701`, `202607011200`, `20260701120000`, each perhaps with a `Z`: in UTC, as ssh-keygen is told too.
fn time(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is no time such as `20260701`");
    let digits = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("0").parse::<i8>().map_err(|_| wrong());
    let year = digits.get(..4).unwrap_or_default().parse().map_err(|_| wrong())?;
    let time = DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0);
    let zoned = time.ok().and_then(|time| time.to_zoned(TimeZone::UTC).ok());
    zoned.map(|zoned| zoned.timestamp()).ok_or_else(wrong)
}

/// Whether a pattern with `*` and `?` is a text, whatever the case of its letters.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (lower(pattern), lower(text));
    // The place of the last `*`, and how much of the text it was taken to stand for.
    let (mut star, mut at, mut here) = (None, 0, 0);
    while here < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(one) if *one == '?' || *one == text[here] => {
                at += 1;
                here += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = place + 1;
                    here = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|one| *one == '*')
}

fn lower(text: &str) -> Vec<char> {
    text.chars().map(|one| one.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAICgvwSmPZuNQRuA0oegxu3qWSKtmIiZZ58XqNPB3KWVu";

    #[test]
    fn lines_are_read_as_ssh_keygen_reads_them() {
        let text = format!(
            "# people\n\nada@shop.example ssh-ed25519 {KEY} Ada\n\
             bo@shop.example,*@guest.example namespaces=\"git,approval.groma\",valid-after=\"20260101\",valid-before=\"202607011200Z\" ssh-ed25519 {KEY}\n\
             cy@shop.example\n\
             di@shop.example valid-after=\"soon\" ssh-ed25519 {KEY}\n\
             ed@shop.example ssh-ed25519 AAAA\n"
        );
        let signers = Signers::read(&text);
        assert_eq!(signers.lines.iter().map(|signer| signer.line).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(signers.malformed.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5, 6, 7]);
        let second = &signers.lines[1];
        assert!(second.may_sign("git") && !second.may_sign("file") && signers.lines[0].may_sign("file"));
        assert_eq!(second.valid_after.unwrap().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(second.valid_before.unwrap().to_string(), "2026-07-01T12:00:00Z");
        let key = signature::key(KEY).unwrap();
        assert_eq!(signers.of("Someone@guest.example", &key).count(), 1);
        assert_eq!(signers.of("someone@shop.example", &key).count(), 0);
        assert_eq!(signers.addresses(&key).collect::<Vec<_>>(), ["ada@shop.example", "bo@shop.example"]);
    }

    #[test]
    fn patterns_match_as_shells_do() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("?", "", false),
            ("a?c", "ABC", true),
            ("*a*b*", "xaxbx", true),
            ("ab", "abc", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
