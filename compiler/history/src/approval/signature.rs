//! The SSH signature beside a statement, as far as it must be understood to say why it does not count.
//!
//! Whether it belongs to the bytes is ssh-keygen's to say; here it only tells its namespace and its key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
const MAGIC: &[u8] = b"SSHSIG";

/// What a signature says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The public key, as it stands in base64 in a line of `allowed_signers`, decoded.
    pub key: Vec<u8>,
    /// What it was made for.
    pub namespace: String,
    /// `sha512` or `sha256`.
    pub hash: String,
}

impl Signature {
    /// Reads an armored signature.
    ///
    /// # Errors
    /// What is wrong with it, in words that go on from "the signature".
    pub fn read(text: &[u8]) -> Result<Self, &'static str> {
        let text = std::str::from_utf8(text).map_err(|_| "is no text")?;
        let inner = text.trim().strip_prefix(BEGIN).and_then(|text| text.strip_suffix(END));
        let inner = inner.ok_or("does not stand between `-----BEGIN SSH SIGNATURE-----` and its end")?;
        let packed: String = inner.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(packed).map_err(|_| "is not in base64")?;
        let rest = bytes.strip_prefix(MAGIC).ok_or("is no signature of SSH")?;
        let (version, mut rest) = number(rest).ok_or("is cut off")?;
        if version != 1 {
            return Err("is of a version that is not known");
        }
        let mut field = || -> Result<&[u8], &'static str> {
            let (field, left) = field(rest).ok_or("is cut off")?;
            rest = left;
            Ok(field)
        };
        let key = field()?.to_vec();
        let namespace = String::from_utf8(field()?.to_vec()).map_err(|_| "has a namespace that is no text")?;
        let _reserved = field()?;
        let hash = String::from_utf8(field()?.to_vec()).map_err(|_| "has a hash that is no text")?;
        if !matches!(hash.as_str(), "sha256" | "sha512") {
            return Err("is over a hash that is not known");
        }
        let _signature = field()?;
        Ok(Self { key, namespace, hash })
    }
}

/// A number of four bytes, and what follows.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}

/// A field that begins with its length, and what follows.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// The key of a public key's base64, decoded; none if it is none.
pub(crate) fn key(packed: &str) -> Option<Vec<u8>> {
    STANDARD.decode(packed).ok().filter(|key| field(key).is_some_and(|(kind, _)| !kind.is_empty()))
}
