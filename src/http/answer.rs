//! From a request to its answer, without waiting for anybody: the board is read, nothing is asked. Pure
//! but for that.

use super::board::Board;
use super::body::{self, Detail, Form};
use super::guard::{Door, Refusal};
use super::metrics;
use super::verdict::{Question, Verdict};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use std::net::IpAddr;

/// What every answer carries: it is for nobody but the asker, is not what it does not say it is, and may
/// load, run or be framed by nothing.
const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// What an answer is made from.
pub struct Desk {
    /// What is.
    pub board: Board,
    /// Who may ask.
    pub door: Door,
    /// Where it listens.
    pub address: IpAddr,
}

impl Desk {
    /// The answer to a request.
    pub fn answer(&self, request: &Parts) -> Response<Full<Bytes>> {
        if let Err(refusal) = self.door.admit(request, self.address) {
            return refused(refusal);
        }
        let query = Query::read(request.uri.query().unwrap_or_default());
        let Some(path) = Path::read(request.uri.path()) else { return not_found() };
        let question = match path {
            Path::Metrics => {
                let view = self.board.read_measured();
                let form = metrics::Form::choose(&accepted(&request.headers));
                return varied(reply(StatusCode::OK, form.media(), metrics::write(&view, form)));
            }
            Path::Health(question) => question,
        };
        let view = self.board.read();
        let Some(mut verdict) = Verdict::new(&view, &question) else { return not_found() };
        for name in &query.excluded {
            verdict.exclude(name);
        }
        let detail = match (self.door.knows(&request.headers), query.is_verbose) {
            (false, _) => Detail::Word,
            (true, false) => Detail::Checks,
            (true, true) => Detail::Verbose,
        };
        let form = Form::choose(query.format, &accepted(&request.headers));
        let status = if verdict.is_yes() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        varied(reply(status, form.media(), body::write(form, detail, &question, &verdict, &view)))
    }
}

/// What can be asked for.
#[derive(Debug, PartialEq, Eq)]
enum Path {
    Health(Question),
    Metrics,
}

impl Path {
    fn read(path: &str) -> Option<Self> {
        Some(match path {
            "/livez" | "/health/live" => Self::Health(Question::Live),
            "/readyz" | "/health/ready" => Self::Health(Question::Ready(None)),
            "/startupz" | "/health/startup" => Self::Health(Question::Startup),
            "/metrics" => Self::Metrics,
            // Names are letters, digits, `_`, `-` and a point: nothing that needs to be decoded.
            path => {
                let name = path.strip_prefix("/readyz/").or_else(|| path.strip_prefix("/health/ready/"))?;
                Self::Health(Question::Ready(Some(name.to_owned())))
            }
        })
    }
}

/// What comes after the question mark; what is unknown there is nobody's business.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query<'a> {
    is_verbose: bool,
    excluded: Vec<&'a str>,
    format: Option<&'a str>,
}

impl<'a> Query<'a> {
    fn read(query: &'a str) -> Self {
        let mut read = Self::default();
        for part in query.split('&') {
            match part.split_once('=').unwrap_or((part, "")) {
                ("verbose", value) => read.is_verbose = !["0", "false"].contains(&value),
                ("exclude", name) => read.excluded.push(name),
                ("format", name) => read.format = Some(name),
                _ => {}
            }
        }
        read
    }
}

/// All `Accept` headers as one, as RFC 9110 joins them.
fn accepted(headers: &HeaderMap) -> String {
    let told: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    told.join(",")
}

fn reply(status: StatusCode, media: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.extend(ALWAYS);
    response
}

fn varied(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    response
}

fn not_found() -> Response<Full<Bytes>> {
    reply(StatusCode::NOT_FOUND, Form::Text.media(), "there is nothing of that name\n".into())
}

fn refused(refusal: Refusal) -> Response<Full<Bytes>> {
    let mut response = reply(refusal.status, Form::Text.media(), format!("{}\n", refusal.why));
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    // What may follow on this connection, a body above all, is not read.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
