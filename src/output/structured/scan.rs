//! Reads one JSON object (RFC 8259), strictly and in a single pass, and notes where the names and values of its
//! top level lie. It builds no values: what is passed through is copied as it was written.

/// The deepest nesting that is read. `serde_json` reads 127, and a value may end up one deeper with us.
pub const DEPTH: u32 = 120;

/// A part of the text that was scanned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The bytes it stands for.
    pub fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.end as usize]
    }
}

/// A name with its value.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// As written, without its quotes.
    pub raw_name: Span,
    /// As written.
    pub value: Span,
    /// The name without escapes, in [`Fields::decoded`], when it has any.
    decoded: Option<Span>,
    /// No field before has this name.
    pub is_first: bool,
    /// The next field of the same name; 0 when there is none, for nobody comes before the first.
    again: u32,
    /// Of a first field: the last one of the same name so far.
    tail: u32,
}

impl Field {
    /// Name, colon and value, as written.
    pub fn whole(self, text: &[u8]) -> &[u8] {
        &text[self.raw_name.start as usize - 1..self.value.end as usize]
    }
}

/// The fields of an object; memory that is used again for the next one.
#[derive(Debug, Default)]
pub struct Fields {
    list: Vec<Field>,
    /// Open addressing: number of a first field plus 1, or 0.
    table: Vec<u32>,
    decoded: Vec<u8>,
}

impl Fields {
    /// Reads `text`, which is valid UTF-8. False when it is not exactly one object, and then nothing is known.
    pub fn scan(&mut self, text: &[u8]) -> bool {
        self.list.clear();
        self.decoded.clear();
        let mut reader = Reader { text, at: 0 };
        let sound = self.object(&mut reader).is_some();
        if sound {
            self.link(text);
        }
        sound
    }

    /// Every field, in its order.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.list.iter()
    }

    /// The name of a field without quotes and escapes.
    pub fn name<'a>(&'a self, text: &'a [u8], field: &Field) -> &'a [u8] {
        match field.decoded {
            Some(span) => span.of(&self.decoded),
            None => field.raw_name.of(text),
        }
    }

    /// The next field of the same name.
    pub fn again(&self, field: &Field) -> Option<&Field> {
        (field.again > 0).then(|| &self.list[field.again as usize])
    }

    fn object(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        reader.space();
        reader.expect(b'{')?;
        reader.space();
        if reader.eat(b'}') {
            reader.space();
            return reader.is_at_end().then_some(());
        }
        loop {
            let start = reader.at + 1;
            let escaped = reader.name()?;
            let raw_name = span(start, escaped.end);
            let decoded = escaped.is_escaped.then(|| {
                let from = self.decoded.len();
                unescape(raw_name.of(reader.text), &mut self.decoded);
                span(from, self.decoded.len())
            });
            let start = reader.at;
            reader.value()?;
            let value = span(start, reader.at);
            self.list.push(Field { raw_name, value, decoded, is_first: true, again: 0, tail: 0 });
            reader.space();
            match reader.next()? {
                b',' => reader.space(),
                b'}' => break,
                _ => return None,
            }
        }
        reader.space();
        reader.is_at_end().then_some(())
    }

    /// Chains fields of one name, so that none is lost or written twice.
    fn link(&mut self, text: &[u8]) {
        let size = (self.list.len() * 2).next_power_of_two();
        self.table.clear();
        self.table.resize(size, 0);
        for number in 0..self.list.len() {
            let name = self.name(text, &self.list[number]);
            let mut slot = hash(name) as usize & (size - 1);
            let first = loop {
                match self.table[slot] {
                    0 => break None,
                    taken => {
                        let first = taken as usize - 1;
                        if self.name(text, &self.list[first]) == name {
                            break Some(first);
                        }
                    }
                }
                slot = (slot + 1) & (size - 1);
            };
            match first {
                None => {
                    self.table[slot] = number as u32 + 1;
                    self.list[number].tail = number as u32;
                }
                Some(first) => {
                    self.list[number].is_first = false;
                    let tail = std::mem::replace(&mut self.list[first].tail, number as u32);
                    self.list[tail as usize].again = number as u32;
                }
            }
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}

/// Spreads names over the table; a word at a time, for this is done for every name of every line.
fn hash(name: &[u8]) -> u64 {
    let mut hash = name.len() as u64;
    let mut mix = |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (words, rest) = name.as_chunks::<8>();
    for word in words {
        mix(u64::from_le_bytes(*word));
    }
    let mut word = [0; 8];
    word[..rest.len()].copy_from_slice(rest);
    mix(u64::from_le_bytes(word));
    hash >> 32
}

/// Where a string ended, its quote not counted.
struct Text {
    end: usize,
    is_escaped: bool,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A name and its colon, up to the value.
    fn name(&mut self) -> Option<Text> {
        self.expect(b'"')?;
        let name = self.string()?;
        self.space();
        self.expect(b':')?;
        self.space();
        Some(name)
    }

    /// One value, however deep; without recursion, so the stack has no say in it.
    fn value(&mut self) -> Option<()> {
        // One bit for each open container, the innermost the lowest: 1 for an object.
        let mut open: u128 = 0;
        let mut depth = 0;
        loop {
            let begins = self.next()?;
            match begins {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    let is_object = begins == b'{';
                    self.space();
                    if !self.eat(if is_object { b'}' } else { b']' }) {
                        depth += 1;
                        if depth >= DEPTH {
                            return None;
                        }
                        open = open << 1 | u128::from(is_object);
                        if is_object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                b'-' | b'0'..=b'9' => self.number(begins)?,
                _ => return None,
            }
            // A value has ended; with it perhaps those around it.
            loop {
                if depth == 0 {
                    return Some(());
                }
                self.space();
                let is_object = open & 1 == 1;
                match self.next()? {
                    b',' => {
                        self.space();
                        if is_object {
                            self.name()?;
                        }
                        break;
                    }
                    b'}' if is_object => {}
                    b']' if !is_object => {}
                    _ => return None,
                }
                open >>= 1;
                depth -= 1;
            }
        }
    }

    fn word(&mut self, rest: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(rest).then(|| self.at += rest.len())
    }

    /// A number whose first byte is read.
    fn number(&mut self, begins: u8) -> Option<()> {
        let first = if begins == b'-' { self.next()? } else { begins };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.eat(b'.') {
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Some(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Option<()> {
        let from = self.at;
        self.digits();
        (self.at > from).then_some(())
    }

    /// A string whose first quote is read.
    fn string(&mut self) -> Option<Text> {
        let mut is_escaped = false;
        loop {
            self.at += clean(&self.text[self.at..]);
            match self.next()? {
                b'"' => return Some(Text { end: self.at - 1, is_escaped }),
                b'\\' => {
                    is_escaped = true;
                    self.escape()?;
                }
                _ => return None,
            }
        }
    }

    /// An escape whose backslash is read. Half of a surrogate pair stands for no character, so it is refused.
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.hex()? {
                0xd800..=0xdbff => {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    (0xdc00..=0xdfff).contains(&self.hex()?).then_some(())
                }
                0xdc00..=0xdfff => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        hex(digits)
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| Some(sum << 4 | char::from(digit).to_digit(16)?))
}

/// How many bytes from the beginning may stand in a JSON string as they are.
pub fn clean(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    /// The high bit of the lowest byte that is zero, and perhaps of some above it.
    fn zero(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & HIGH
    }
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let found = control | zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    bytes.len() - rest.len() + found.unwrap_or(rest.len())
}

/// Adds the text that the inside of a sound JSON string stands for.
pub fn unescape(mut raw: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(b'\\', raw) {
        out.extend_from_slice(&raw[..at]);
        let simple = match raw[at + 1] {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit = |from: usize| raw.get(from..from + 4).and_then(hex).unwrap_or_default();
                let (code, length) = match unit(at + 2) {
                    high @ 0xd800..=0xdbff => {
                        let low = unit(at + 8);
                        (0x1_0000 + ((high - 0xd800) << 10) + low.saturating_sub(0xdc00), 12)
                    }
                    code => (code, 6),
                };
                let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                raw = &raw[at + length..];
                continue;
            }
            itself => itself,
        };
        out.push(simple);
        raw = &raw[at + 2..];
    }
    out.extend_from_slice(raw);
}

/// The inside of a value that is a string.
pub fn string(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}
