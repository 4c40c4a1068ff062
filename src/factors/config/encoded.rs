//! What hides in base64: tokens that say what they are, and a user with a password.

use std::ops::Range;

use memchr::memchr;

use super::keys::shape::URL64;
use super::values;

/// Either alphabet, with or without padding; nothing else may be in it.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let (mut bits, mut have, mut out) = (0u32, 0, Vec::with_capacity(text.len() * 3 / 4));
    for byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
    Some(out)
}

/// `user:password` as HTTP's basic scheme (RFC 7617) and Docker's `auth` encode it, with a password that could be one.
pub fn is_basic(text: &[u8]) -> bool {
    base64(text).is_some_and(|plain| {
        let password = memchr(b':', &plain).map_or(&b""[..], |colon| &plain[colon + 1..]);
        let stands_in = values::is_placeholder(password) || values::is_filled_in(password);
        !password.is_empty() && !stands_in && plain.iter().all(|b| (0x20..0x7f).contains(b))
    })
}

/// A bot's token whose first dot is at `dot`, as Discord's reference shows it: the bot's number as base64, a time, a digest.
/// Only digits make a number, so no other word need stand near it.
pub fn discord(text: &[u8], dot: usize) -> Option<Range<usize>> {
    let run = |bytes: &mut dyn Iterator<Item = &u8>| bytes.take_while(|b| URL64.has(**b)).take(60).count();
    if text.get(dot + 7) != Some(&b'.') || run(&mut text[dot + 1..].iter()) != 6 {
        return None;
    }
    let (id, digest) = (run(&mut text[..dot].iter().rev()), run(&mut text[dot + 8..].iter()));
    if !(23..=27).contains(&id) || !(27..=38).contains(&digest) {
        return None;
    }
    let number = base64(&text[dot - id..dot])?;
    number.iter().all(u8::is_ascii_digit).then_some(dot - id..dot + 8 + digest)
}

/// A token of three parts that begins at `at` (RFC 7519), its header and payload JSON objects, its header naming how it is signed.
pub fn jwt(text: &[u8], at: usize) -> Option<Range<usize>> {
    let mut end = at;
    let mut part = || {
        let length =
            text.get(end..).unwrap_or_default().iter().take(8 << 10).take_while(|b| URL64.has(**b)).count();
        let range = end..end + length;
        end = range.end + 1;
        range
    };
    let (header, payload) = (part(), part());
    if text.get(header.end) != Some(&b'.') || text.get(payload.end) != Some(&b'.') {
        return None;
    }
    let signature = part();
    if signature.len() < 20 {
        return None;
    }
    let header: serde_json::Value = serde_json::from_slice(&base64(&text[header])?).ok()?;
    let signed = header.get("alg").and_then(|alg| alg.as_str()).is_some_and(|alg| alg != "none");
    let payload = base64(&text[payload])?;
    let example = memchr::memmem::find(&payload, b"John Doe").is_some();
    (signed && payload.first() == Some(&b'{') && !example).then_some(at..signature.end)
}
