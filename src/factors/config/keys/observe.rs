//! Logs, metrics, errors, feature flags and who is called at night.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, BASE64, LOWER, URL64, UUID, WORD, alnum, hex, lower, run, url64};

keys! { OBSERVE:
    "datadog-api", "Datadog API key", "DD_API_KEY", ["datadog", "dd_api", "dd-api-key", "ddapi"], [hex(32)], "Datadog's documentation: API keys have 32 hexadecimal digits";
    "datadog-app", "Datadog application key", "DD_APP_KEY", ["datadog", "dd_app", "dd-application-key", "ddapp"], [hex(40)], "Datadog's documentation: application keys have 40 hexadecimal digits";
    "datadog-prefixed", "Datadog token", "DD_API_KEY", [], [Any(&["ddapp_", "ddpat_", "ddapi_"]), alnum(34)], "Datadog's documentation on prefixed keys";
    "newrelic-user", "New Relic user key", "NEW_RELIC_API_KEY", [], [Is("NRAK-"), run(super::shape::UPPER, 27)], "New Relic's documentation on API keys: NRAK- and 27 capitals and digits";
    "newrelic-admin", "New Relic admin key", "NEW_RELIC_API_KEY", [], [Any(&["NRAA-", "NRRA-", "NRSP-"]), Run(super::shape::ANY_HEX, 22, 42)], "New Relic's documentation on API keys";
    "newrelic-insert", "New Relic insert key", "NEW_RELIC_INSERT_KEY", [], [Any(&["NRII-", "NRIQ-"]), url64(32)], "New Relic's documentation on insert and query keys";
    "newrelic-browser", "New Relic browser key", "NEW_RELIC_BROWSER_KEY", [], [Is("NRJS-"), hex(19)], "New Relic's documentation on browser keys";
    "newrelic-license", "New Relic license key", "NEW_RELIC_LICENSE_KEY", [], [hex(36), Is("NRAL")], "New Relic's documentation: 40 characters that end in NRAL";
    "sentry-user", "Sentry user token", "SENTRY_AUTH_TOKEN", [], [Is("sntryu_"), hex(64)], "Sentry's documentation on auth tokens";
    "sentry-org", "Sentry organisation token", "SENTRY_AUTH_TOKEN", [], [Is("sntrys_eyJ"), Run(BASE64, 60, 400), Any(&["==_", "=_", "_"]), Run(BASE64, 40, 50)], "Sentry's documentation on auth tokens";
    "sentry-legacy", "Sentry token", "SENTRY_AUTH_TOKEN", ["sentry"], [hex(64)], "Sentry's documentation: 64 hexadecimal digits";
    "grafana-service", "Grafana service account token", "GRAFANA_TOKEN", [], [Is("glsa_"), alnum(32), Is("_"), run(super::shape::ANY_HEX, 8)], "Grafana's documentation on service account tokens";
    "grafana-cloud", "Grafana Cloud token", "GRAFANA_CLOUD_TOKEN", [], [Is("glc_"), Run(BASE64, 40, 400)], "Grafana Cloud's documentation on access policy tokens";
    "grafana-legacy", "Grafana API key", "GRAFANA_TOKEN", [], [Is("eyJrIjoi"), Run(ALNUM, 70, 400)], "Grafana's documentation on API keys: base64 of a JSON object that begins with k";
    "honeycomb", "Honeycomb key", "HONEYCOMB_API_KEY", ["honeycomb"], [alnum(22)], "Honeycomb's documentation: 22 letters and digits";
    "honeycomb-ingest", "Honeycomb ingest key", "HONEYCOMB_API_KEY", [], [Any(&["hcaik_", "hcbik_", "hcxik_", "hcalk_", "hcamk_"]), Run(LOWER, 58, 64)], "Honeycomb's documentation on key prefixes";
    "honeycomb-classic", "Honeycomb classic key", "HONEYCOMB_API_KEY", ["honeycomb", "hny_"], [hex(32)], "Honeycomb's documentation: classic keys have 32 hexadecimal digits";
    "pagerduty", "PagerDuty key", "PAGERDUTY_TOKEN", ["pagerduty", "pager_duty"], [Any(&["u+", "y_", "w_"]), url64(18)], "PagerDuty's documentation on REST API keys: 20 characters";
    "pagerduty-events", "PagerDuty integration key", "PAGERDUTY_ROUTING_KEY", ["pagerduty", "routing_key"], [hex(32)], "PagerDuty's documentation on integration keys: 32 hexadecimal digits";
    "opsgenie", "Opsgenie key", "OPSGENIE_API_KEY", ["opsgenie", "geniekey"], [run(UUID, 36)], "Opsgenie's documentation: a UUID";
    "rollbar", "Rollbar token", "ROLLBAR_ACCESS_TOKEN", ["rollbar"], [hex(32)], "Rollbar's documentation: 32 hexadecimal digits";
    "bugsnag", "Bugsnag key", "BUGSNAG_API_KEY", ["bugsnag"], [hex(32)], "Bugsnag's documentation: 32 hexadecimal digits";
    "honeybadger", "Honeybadger key", "HONEYBADGER_API_KEY", [], [Any(&["hbp_", "hbc_"]), Run(ALNUM, 30, 40)], "Honeybadger's documentation on API keys";
    "airbrake", "Airbrake key", "AIRBRAKE_PROJECT_KEY", ["airbrake"], [hex(32)], "Airbrake's documentation: 32 hexadecimal digits";
    "loggly", "Loggly token", "LOGGLY_TOKEN", ["loggly"], [run(UUID, 36)], "Loggly's documentation on customer tokens: a UUID";
    "logzio", "Logz.io token", "LOGZIO_TOKEN", ["logzio", "logz.io"], [run(ALNUM, 32)], "Logz.io's documentation: 32 letters";
    "sumologic", "Sumo Logic access key", "SUMOLOGIC_ACCESS_KEY", ["sumologic", "sumo_"], [alnum(64)], "Sumo Logic's documentation: 64 letters and digits";
    "dynatrace", "Dynatrace token", "DT_API_TOKEN", [], [Any(&["dt0c01.", "dt0s01.", "dt0s02.", "dt0s16."]), Run(super::shape::UPPER, 8, 24), Is("."), run(super::shape::UPPER, 64)], "Dynatrace's documentation on token formats: a public part of 24, a secret one of 64";
    "axiom", "Axiom token", "AXIOM_TOKEN", [], [Any(&["xaat-", "xapt-"]), run(UUID, 36)], "Axiom's documentation on tokens";
    "posthog-personal", "PostHog personal key", "POSTHOG_PERSONAL_API_KEY", [], [Is("phx_"), Run(URL64, 40, 50)], "PostHog's documentation on personal API keys";
    "amplitude", "Amplitude key", "AMPLITUDE_SECRET_KEY", ["amplitude"], [hex(32)], "Amplitude's documentation: 32 hexadecimal digits";
    "mixpanel", "Mixpanel secret", "MIXPANEL_API_SECRET", ["mixpanel"], [hex(32)], "Mixpanel's documentation: 32 hexadecimal digits";
    "segment", "Segment token", "SEGMENT_TOKEN", [], [Is("sgp_"), alnum(64)], "Segment's public API documentation";
    "segment-write", "Segment write key", "SEGMENT_WRITE_KEY", ["segment"], [alnum(32)], "Segment's documentation on write keys: 32 letters and digits";
    "launchdarkly-sdk", "LaunchDarkly SDK key", "LAUNCHDARKLY_SDK_KEY", [], [Any(&["sdk-", "api-", "mob-", "rel-"]), run(UUID, 36)], "LaunchDarkly's documentation on keys: a prefix and a UUID";
    "statsig", "Statsig secret", "STATSIG_SERVER_KEY", [], [Is("secret-"), alnum(43)], "Statsig's documentation on server keys";
    "configcat", "ConfigCat SDK key", "CONFIGCAT_SDK_KEY", [], [Is("configcat-sdk-1/"), url64(22), Is("/"), url64(22)], "ConfigCat's documentation on SDK keys";
    "uptimerobot", "UptimeRobot key", "UPTIMEROBOT_API_KEY", ["uptimerobot", "uptime_robot"], [Any(&["ur", "u", "m"]), Run(super::shape::DIGIT, 6, 10), Is("-"), Run(LOWER, 24, 32)], "UptimeRobot's API documentation";
    "betterstack", "Better Stack token", "BETTERSTACK_TOKEN", ["betterstack", "logtail", "betteruptime"], [alnum(24)], "Better Stack's documentation: 24 letters and digits";
    "lacework", "Lacework secret", "LW_API_SECRET", ["lacework", "lw_api_secret"], [Is("_"), hex(32)], "Lacework's documentation: an underscore and 32 hexadecimal digits";
    "checkly", "Checkly key", "CHECKLY_API_KEY", [], [Is("cu_"), hex(32)], "Checkly's documentation on API keys";
    "scout", "Scout key", "SCOUT_KEY", ["scout_key"], [lower(20)], "Scout's documentation on agent keys";
    "newrelic-license-eu", "New Relic license key", "NEW_RELIC_LICENSE_KEY", [], [Any(&["eu01xx"]), hex(30), Is("NRAL")], "New Relic's documentation on license keys: those of the EU begin with eu01xx";
    "pixie", "Pixie key", "PX_API_KEY", [], [Any(&["px-api-", "px-dep-"]), run(UUID, 36)], "Pixie's reference on API and deploy keys: px-api- and px-dep- with a UUID";
    "rootly", "Rootly key", "ROOTLY_API_KEY", [], [Is("rootly_"), hex(64)], "Rootly's API reference: rootly_ and 64 hexadecimal digits";
    "devcycle", "DevCycle server key", "DEVCYCLE_SERVER_SDK_KEY", [], [Is("dvc_server_"), Run(WORD, 16, 60)], "DevCycle's documentation on SDK keys: dvc_server_";
}
