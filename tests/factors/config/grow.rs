//! Makes the values that the corpus names, from a seed.

/// A small generator of our own (xorshift64*), so that the same seed gives the same corpus with every version of everything.
pub struct Dice(u64);

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    fn of(&mut self, alphabet: &str, n: usize) -> String {
        let bytes = alphabet.as_bytes();
        (0..n).map(|_| char::from(bytes[self.below(bytes.len())])).collect()
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// `text` with every `{…}` of ours made; `${X}`, `{{x}}` and other braces stay.
    pub fn expand(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').map_or(rest.len(), |n| open + n);
            let Some(made) = rest.get(open + 1..close).and_then(|kind| self.make(kind)) else {
                out.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
                continue;
            };
            out.push_str(&rest[..open]);
            out.push_str(&made);
            rest = &rest[close + 1..];
        }
        out.push_str(rest);
        out.replace('⏎', "\n")
    }

    fn make(&mut self, kind: &str) -> Option<String> {
        match kind {
            "pw" => return Some(self.password()),
            "rnd" => return Some(self.of(&[LOWER, UPPER, DIGITS].concat(), 32)),
            "uuid" => return Some([8, 4, 4, 4, 12].map(|n| self.of("0123456789abcdef", n)).join("-")),
            "words" => return Some(["my", "secret", "api", "key"].join("-")),
            "basic" => return Some(base64(format!("admin:{}", self.password()).as_bytes(), true)),
            "jwt" => return Some(self.token()),
            _ => {}
        }
        let alphabet = match kind.chars().next()? {
            'a' => [LOWER, UPPER, DIGITS].concat(),
            'h' => "0123456789abcdef".to_owned(),
            'u' => [UPPER, DIGITS].concat(),
            'l' => [LOWER, DIGITS].concat(),
            'w' => [LOWER, UPPER, DIGITS, "-_"].concat(),
            'b' => [LOWER, UPPER, DIGITS, "+/"].concat(),
            'r' => [UPPER, "234567"].concat(),
            'd' => DIGITS.to_owned(),
            _ => return None,
        };
        let length = kind[1..].parse().ok()?;
        let made = self.of(&alphabet, length);
        // A dash or underscore at the end of a word of base64 is rare, and makes its end a matter of taste.
        Some(if kind.starts_with('w') {
            made.trim_matches(['-', '_']).to_owned()
                + &"k".repeat(length - made.trim_matches(['-', '_']).len())
        } else {
            made
        })
    }

    /// As people choose them: syllables, a digit or two, sometimes a capital or a sign.
    fn password(&mut self) -> String {
        let mut word: String = (0..2 + self.below(2))
            .map(|_| self.of("bdfgklmnprstvz", 1) + &self.of("aeiou", 1) + &self.of("klmnrst", 1))
            .collect();
        if self.below(2) == 0 {
            word = word[..1].to_uppercase() + &word[1..];
        }
        let sign = self.one_of(&["", "", "!", "_", "-"]);
        let digits = 2 + self.below(3);
        word + sign + &self.of("3456789", digits)
    }

    fn token(&mut self) -> String {
        let part = |text: &str| base64(text.as_bytes(), false);
        let payload = format!(
            r#"{{"sub":"{}","iat":17{},"role":"{}"}}"#,
            self.of(DIGITS, 12),
            self.of(DIGITS, 8),
            self.of(LOWER, 6)
        );
        [
            part(r#"{"alg":"HS256","typ":"JWT"}"#),
            part(&payload),
            self.of(&[LOWER, UPPER, DIGITS].concat(), 43),
        ]
        .join(".")
    }
}

fn base64(bytes: &[u8], padded: bool) -> String {
    let alphabet =
        if padded { [UPPER, LOWER, DIGITS, "+/"].concat() } else { [UPPER, LOWER, DIGITS, "-_"].concat() };
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for n in 0..=chunk.len() {
            out.push(char::from(alphabet.as_bytes()[(bits >> (18 - 6 * n) & 63) as usize]));
        }
        if padded {
            out.push_str(&"=".repeat(3 - chunk.len()));
        }
    }
    out
}
