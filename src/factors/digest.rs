//! Digests for fingerprints: SHA-256, plain and with a key (HMAC, RFC 2104).

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How many bytes a digest has.
pub const LENGTH: usize = 32;

/// Of several parts, each with its length in front, so that no two lists of parts are one text.
pub fn plain(parts: &[&[u8]]) -> [u8; LENGTH] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// The same for who knows the key.
pub fn keyed(key: &[u8; LENGTH], parts: &[&[u8]]) -> [u8; LENGTH] {
    hmac(key, |digest| {
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    })
}

fn hmac(key: &[u8; LENGTH], message: impl FnOnce(&mut Sha256)) -> [u8; LENGTH] {
    // A key is shorter than a block and is filled up with zeros.
    let padded = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let mut inner = Sha256::new();
    inner.update(padded(0x36));
    message(&mut inner);
    let mut outer = Sha256::new();
    outer.update(padded(0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

/// The first `digits` hexadecimal digits.
pub fn hex(bytes: &[u8], digits: usize) -> String {
    let mut text = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    text.truncate(digits);
    text
}

/// What `hex` has written, whole.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let digit = |byte: u8| (byte as char).to_digit(16);
    pairs
        .map(|pair| match pair {
            [high, low] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyed_digest_is_hmac_with_sha_256() {
        // The second case of RFC 4231; its key of four bytes is the same with zeros behind it.
        let mut key = [0; LENGTH];
        key[..4].copy_from_slice(b"Jefe");
        let digest = hmac(&key, |digest| digest.update(b"what do ya want for nothing?"));
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&digest, 64), expected);
    }

    #[test]
    fn parts_are_told_apart() {
        let key = [7; LENGTH];
        assert_ne!(keyed(&key, &[b"a", b"b"]), keyed(&key, &[b"ab", b""]));
        assert_ne!(plain(&[b"a", b"b"]), plain(&[b"ab", b""]));
    }

    #[test]
    fn hexadecimal_digits_can_be_read_again() {
        assert_eq!(hex(&[0, 0xab, 0xff], 6), "00abff");
        assert_eq!(unhex("00abFF"), Some(vec![0, 0xab, 0xff]));
        assert_eq!((unhex("0"), unhex("0g")), (None, None));
    }
}
