//! Content negotiation (RFC 9110, 12.5.1): which of what we can write the asker likes best. Pure.

/// Something that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// `application/json`.
    pub media: &'static str,
    /// What the parameters that choose between writings (`version`, `profile`) must be when they are named.
    pub parameter: Option<(&'static str, &'static str)>,
}

impl Offer {
    /// Without parameters.
    pub const fn new(media: &'static str) -> Self {
        Self { media, parameter: None }
    }

    /// With one.
    pub const fn with(media: &'static str, key: &'static str, value: &'static str) -> Self {
        Self { media, parameter: Some((key, value)) }
    }
}

/// The parameters that mean something; others (`charset`, `escaping`) change nothing for us.
const TELLING: [&str; 2] = ["version", "profile"];

/// The place of the offer that is liked best: by weight, then by how exactly it was named, then by the
/// asker's order, then by ours. Who likes none of them gets the first: a yes or no that was not
/// understood in its wrapping is better than a 406.
pub fn best(accept: &str, offers: &[Offer]) -> usize {
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::read).collect();
    let score = |offer: &Offer| {
        let fitting =
            ranges.iter().enumerate().filter_map(|(at, range)| Some((range.fits(offer)?, at, range)));
        // The most exact range speaks for the offer; of equal ones the first.
        let (exact, at, range) = fitting.max_by_key(|(exact, at, _)| (*exact, usize::MAX - at))?;
        (range.weight > 0).then_some((range.weight, exact, usize::MAX - at))
    };
    let scored = offers.iter().enumerate().filter_map(|(place, offer)| Some((score(offer)?, place)));
    scored.max_by_key(|(score, place)| (*score, usize::MAX - place)).map_or(0, |(_, place)| place)
}

/// One of the asker's likings.
struct Range<'a> {
    kind: &'a str,
    sub: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    /// In thousandths, as the RFC counts.
    weight: u16,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, sub) = parts.next()?.split_once('/')?;
        let mut range = Self { kind, sub, parameters: Vec::new(), weight: 1000 };
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            let (key, value) = (key.trim(), value.trim().trim_matches('"'));
            if key.eq_ignore_ascii_case("q") {
                range.weight = weight(value)?;
            } else if TELLING.iter().any(|telling| key.eq_ignore_ascii_case(telling)) {
                range.parameters.push((key, value));
            }
        }
        Some(range)
    }

    /// How exactly it names the offer, if it does.
    fn fits(&self, offer: &Offer) -> Option<usize> {
        let (kind, sub) = offer.media.split_once('/')?;
        let same = |asked: &str, is: &str| asked.eq_ignore_ascii_case(is);
        let exact = match (self.kind, self.sub) {
            ("*", "*") => 0,
            (asked, "*") if same(asked, kind) => 1,
            (asked, under) if same(asked, kind) && same(under, sub) => 2,
            _ => return None,
        };
        let as_offered = |(key, value): &(&str, &str)| {
            offer.parameter.is_some_and(|(offered, is)| same(key, offered) && same(value, is))
        };
        self.parameters.iter().all(as_offered).then_some(exact + self.parameters.len())
    }
}

/// `0.5` as 500; what is no weight makes its range void.
fn weight(text: &str) -> Option<u16> {
    let value: f32 = text.parse().ok()?;
    (0.0..=1.0).contains(&value).then(|| (value * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asker_gets_what_it_likes_best() {
        let health = [
            Offer::new("text/plain"),
            Offer::new("application/json"),
            Offer::new("application/health+json"),
            Offer::with("application/json", "profile", "microprofile"),
        ];
        let metrics = [
            Offer::with("text/plain", "version", "0.0.4"),
            Offer::with("application/openmetrics-text", "version", "1.0.0"),
        ];
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                          application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,\
                          text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        for (offers, accept, expect) in [
            (&health[..], "", 0),
            (&health, "*/*", 0),
            (&health, browser, 0),
            (&health, "image/png", 0),
            (&health, "nonsense", 0),
            (&health, "application/json", 1),
            (&health, "Application/JSON; charset=utf-8", 1),
            (&health, "application/*", 1),
            (&health, "text/plain;q=0.5, application/json", 1),
            (&health, "application/health+json", 2),
            (&health, "application/health+json, application/json", 2),
            (&health, "application/json, application/health+json", 1),
            (&health, "application/json;q=0.1, application/health+json;q=0.2", 2),
            (&health, "application/json;profile=microprofile", 3),
            (&health, "application/json; profile=\"MicroProfile\", text/plain;q=0.9", 3),
            (&health, "application/json;profile=other", 0),
            (&health, "text/*;q=0, application/health+json;q=0.001", 2),
            (&health, "*/*;q=0", 0),
            (&health, "application/json;q=2", 0),
            (&health, "application/json;q=x", 0),
            (&health, "application/json;q=NaN", 0),
            (&metrics, "", 0),
            (&metrics, "*/*", 0),
            (&metrics, prometheus, 1),
            (&metrics, "application/openmetrics-text", 1),
            (&metrics, "application/openmetrics-text;version=0.0.1", 0),
            (&metrics, "text/plain;version=0.0.4, application/openmetrics-text;q=0.5", 0),
        ] {
            assert_eq!(best(accept, offers), expect, "{accept}");
        }
    }
}
