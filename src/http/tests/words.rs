//! An answer in each of its forms, to the letter.

use super::super::board::View;
use super::super::body::{self, Detail, Form};
use super::super::verdict::{Question, Verdict};
use super::*;
use hyper::Request;
use serde_json::Value;

const READY: Question = Question::Ready(None);

fn written(view: &View, form: Form, detail: Detail, question: &Question) -> String {
    body::write(form, detail, question, &Verdict::new(view, question).unwrap(), view)
}

fn shop_with_release() -> View {
    board(State { release: Some("v42".into()), ..shop() }).read()
}

#[test]
fn text_is_a_word_and_a_line_for_each_check() {
    let failed = Row { state: "failed", reason: "no such\r\nfile\u{1b}[0m".into(), ..row("job", 1, None) };
    let odd = board(state(vec![], vec![failed])).read();
    let shop = shop_with_release();
    for (view, detail, question, expect) in [
        (&shop, Detail::Word, READY, "not ready\n"),
        (&shop, Detail::Checks, READY, "not ready\n"),
        (
            &shop,
            Detail::Verbose,
            READY,
            "[+]supervisor ok\n[+]formation ok\n[+]web.1 ok\n[-]web.2 connection refused\n\
             [+]worker.1 ok\nnot ready\n",
        ),
        (&shop, Detail::Verbose, Question::Live, "[+]supervisor ok\nok\n"),
        (
            &shop,
            Detail::Verbose,
            Question::Startup,
            "[+]supervisor ok\n[+]startup took 0.1 s\n[+]web.1 ok\n[+]web.2 ok\n[+]worker.1 ok\nok\n",
        ),
        // A reason stays on its line, and a terminal is left alone.
        (&odd, Detail::Verbose, READY, "[+]supervisor ok\n[+]formation ok\n[!]job.1 no such  file [0m\nok\n"),
    ] {
        assert_eq!(written(view, Form::Text, detail, &question), expect, "{detail:?} {question:?}");
    }
    let mut verdict = Verdict::new(&shop, &READY).unwrap();
    verdict.exclude("web.2");
    let text = body::write(Form::Text, Detail::Verbose, &READY, &verdict, &shop);
    assert!(text.contains("[+]web.2 excluded\n") && text.ends_with("\nok\n"), "{text}");
}

#[test]
fn json_says_what_is_known_of_each_instance() {
    let view = shop_with_release();
    assert_eq!(written(&view, Form::Json, Detail::Word, &READY), "{\"status\":\"not ready\",\"ok\":false}\n");
    let body: Value = serde_json::from_str(&written(&view, Form::Json, Detail::Checks, &READY)).unwrap();
    assert_eq!(
        body["checks"][3].to_string(),
        "{\"name\":\"web.2\",\"ok\":false,\"status\":\"fail\",\"reason\":\"connection refused\",\
         \"type\":\"web\",\"state\":\"running\",\"ready\":false,\"started\":null,\"live\":null,\
         \"restarts\":2,\"pid\":null}"
    );
    assert_eq!(body["checks"][4]["pid"], 4711);
}

/// The rules of draft-inadarei-api-health-check-06, sections 3 and 4, as far as this room uses them.
fn follows_the_draft(text: &str) -> Value {
    let body: Value = serde_json::from_str(text).unwrap();
    let allowed = ["status", "releaseId", "output", "checks"];
    let checked = |status: &Value, output: &Value| {
        let status = status.as_str().unwrap();
        assert!(["pass", "warn", "fail"].contains(&status), "{text}");
        assert!(status != "pass" || output.is_null(), "output beside pass: {text}");
    };
    assert!(body.as_object().unwrap().keys().all(|key| allowed.contains(&key.as_str())), "{text}");
    checked(&body["status"], &body["output"]);
    for list in body["checks"].as_object().into_iter().flat_map(|checks| checks.values()) {
        for check in list.as_array().unwrap() {
            checked(&check["status"], &check["output"]);
        }
    }
    body
}

#[test]
fn health_json_follows_its_draft() {
    let view = shop_with_release();
    let text = written(&view, Form::Health, Detail::Word, &READY);
    assert_eq!(text, "{\"status\":\"fail\"}\n");
    let body = follows_the_draft(&written(&view, Form::Health, Detail::Checks, &READY));
    assert_eq!(body["releaseId"], "v42");
    assert_eq!(body["output"], "web.2: connection refused");
    assert_eq!(
        body["checks"]["web.2:state"].to_string(),
        "[{\"status\":\"fail\",\"componentId\":\"web.2\",\"componentType\":\"component\",\
         \"observedValue\":\"running\",\"output\":\"connection refused\"}]"
    );
    let failed = Row { state: "failed", ..row("job", 1, None) };
    for (state, status) in [
        (state(vec![], vec![row("job", 1, None)]), "pass"),
        (state(vec![], vec![failed]), "warn"),
        (State { phase: Phase::Stopping, ..state(vec![], vec![]) }, "fail"),
    ] {
        let view = board(state).read();
        let body = follows_the_draft(&written(&view, Form::Health, Detail::Checks, &READY));
        assert_eq!(body["status"], status);
        assert!(body["releaseId"].is_null());
    }
}

/// `MicroProfile` Health 4.0, section 4: `status` and `checks`, always; of a check `name` and `status`, and
/// `data` when there is some.
#[test]
fn micro_profile_has_its_two_words() {
    let up = |ready: &[Option<bool>]| {
        let rows: Vec<Row> = ready.iter().zip(1..).map(|(ready, index)| row("web", index, *ready)).collect();
        board(state(vec![kind("web", ready.len() as u16, true)], rows)).read()
    };
    for (ready, expect) in [
        (&[][..], "UP"),
        (&[Some(true)], "UP"),
        (&[Some(false)], "DOWN"),
        (&[None], "DOWN"),
        (&[Some(true), Some(true)], "UP"),
        (&[Some(true), Some(false)], "DOWN"),
        (&[Some(false), Some(true)], "DOWN"),
        (&[Some(false), Some(false)], "DOWN"),
    ] {
        let text = written(&up(ready), Form::MicroProfile, Detail::Checks, &READY);
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body["status"], expect, "{ready:?}");
        let checks = body["checks"].as_array().unwrap();
        assert_eq!(checks.len(), ready.len() + 2);
        for check in checks {
            assert!(check["name"].is_string() && ["UP", "DOWN"].contains(&check["status"].as_str().unwrap()));
        }
        let text = written(&up(ready), Form::MicroProfile, Detail::Word, &READY);
        assert_eq!(text, format!("{{\"status\":\"{expect}\",\"checks\":[]}}\n"));
    }
    let text = written(&shop_with_release(), Form::MicroProfile, Detail::Checks, &READY);
    let one = "{\"name\":\"web.2\",\"status\":\"DOWN\",\"data\":{\"reason\":\"connection refused\",\
               \"state\":\"running\",\"restarts\":2}}";
    assert!(text.contains(one), "{text}");
}

#[test]
fn the_form_is_the_asker_s_choice() {
    let desk = desk(board(shop()));
    for (target, accept, expect) in [
        ("/readyz", "", "text/plain; charset=utf-8"),
        ("/readyz", "application/json", "application/json"),
        ("/readyz", "application/health+json", "application/health+json"),
        ("/readyz", "application/json; profile=microprofile", "application/json"),
        ("/readyz?format=microprofile", "", "application/json"),
        ("/readyz?format=health", "text/plain", "application/health+json"),
        ("/readyz?format=json", "", "application/json"),
        ("/readyz?format=nonsense", "", "text/plain; charset=utf-8"),
        ("/metrics", "", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "/metrics",
            "application/openmetrics-text;version=1.0.0",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
    ] {
        let request = Request::get(target).header("host", "localhost").header("accept", accept);
        let answer = desk.answer(&request.body(()).unwrap().into_parts().0);
        assert_eq!(answer.headers()["content-type"], expect, "{target} {accept}");
        assert_eq!(answer.headers()["vary"], "accept");
    }
}
