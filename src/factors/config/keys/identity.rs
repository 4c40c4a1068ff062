//! Who signs in, and what is signed.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, BASE64, DOTTED, URL64, alnum, hex, url64};

keys! { IDENTITY:
    "okta", "Okta API token", "OKTA_API_TOKEN", ["okta", "ssws"], [Is("00"), url64(40)], "Okta's documentation: 00 and 40 characters";
    "auth0", "Auth0 client secret", "AUTH0_CLIENT_SECRET", ["auth0"], [url64(64)], "Auth0's documentation on client secrets: 64 characters";
    "clerk", "Clerk secret key", "CLERK_SECRET_KEY", [], [Any(&["sk_live_", "sk_test_"]), alnum(40)], "Clerk's documentation on API keys";
    "workos", "WorkOS key", "WORKOS_API_KEY", [], [Any(&["sk_test_a2V5", "sk_live_a2V5"]), Run(ALNUM, 40, 120)], "WorkOS' API reference";
    "jumpcloud", "JumpCloud key", "JUMPCLOUD_API_KEY", ["jumpcloud"], [Any(&["jca_"]), Run(ALNUM, 36, 40)], "JumpCloud's documentation on API keys";
    "onelogin", "OneLogin client secret", "ONELOGIN_CLIENT_SECRET", ["onelogin"], [hex(64)], "OneLogin's API documentation: 64 hexadecimal digits";
    "duo", "Duo secret key", "DUO_SKEY", ["skey", "duo_secret"], [alnum(40)], "Duo's documentation of integrations: 40 letters and digits";
    "authress", "Authress access key", "AUTHRESS_ACCESS_KEY", [], [Any(&["sc_", "ext_", "scauth_", "authress_"]), Run(ALNUM, 5, 30), Is("."), Run(ALNUM, 4, 6), Is("."), Any(&["acc-", "acc_"]), Run(URL64, 10, 32), Is("."), Run(BASE64, 30, 120)], "Authress' documentation on service clients";
    "stytch", "Stytch secret", "STYTCH_SECRET", [], [Any(&["secret-test-", "secret-live-"]), Run(URL64, 36, 40), Any(&["=", ""])], "Stytch's API reference";
    "recaptcha", "reCAPTCHA secret key", "RECAPTCHA_SECRET_KEY", ["recaptcha", "captcha"], [Is("6L"), url64(38)], "Google's reCAPTCHA documentation: 6L and 38 characters";
    "turnstile", "Turnstile secret key", "TURNSTILE_SECRET_KEY", [], [Is("0x4AAAAAAA"), Run(URL64, 20, 30)], "Cloudflare's Turnstile documentation on secret keys";
    "hcaptcha", "hCaptcha secret", "HCAPTCHA_SECRET", [], [Is("ES_"), hex(32)], "hCaptcha's documentation on secrets";
    "facebook-app", "Facebook app secret", "FACEBOOK_APP_SECRET", ["facebook", "fb_app", "fb_secret", "fbapp", "fbconnect"], [hex(32)], "Meta's documentation on app secrets: 32 hexadecimal digits";
    "facebook-token", "Facebook access token", "FACEBOOK_ACCESS_TOKEN", [], [Any(&["EAACEdEose0cBA", "EAAG", "EAAJ", "EAAC", "EAAB", "EAAM"]), Run(ALNUM, 80, 400)], "Meta's documentation on access tokens";
    "facebook-app-token", "Facebook app token", "FACEBOOK_ACCESS_TOKEN", ["facebook", "fb_", "access_token="], [Run(super::shape::DIGIT, 15, 16), Any(&["|", "%7C"]), url64(27)], "Meta's documentation on app access tokens: the id, a bar, 27 characters";
    "instagram", "Instagram token", "INSTAGRAM_ACCESS_TOKEN", [], [Is("IGQV"), Run(URL64, 80, 400)], "Meta's Instagram documentation";
    "twitter-bearer", "Twitter bearer token", "TWITTER_BEARER_TOKEN", [], [Is("AAAAAAAAAAAAAAAAAAAA"), Run(super::shape::PERCENT, 60, 140)], "X's developer documentation on bearer tokens";
    "twitter-token", "Twitter access token", "TWITTER_ACCESS_TOKEN", ["twitter", "access_token", "oauth_token"], [Run(super::shape::DIGIT, 15, 20), Is("-"), alnum(27)], "X's developer documentation on access tokens: the user's number, a dash";
    "twitter-token-40", "Twitter access token", "TWITTER_ACCESS_TOKEN", ["twitter", "access_token", "oauth_token"], [Run(super::shape::DIGIT, 7, 20), Is("-"), alnum(40)], "X's developer documentation on access tokens: the user's number, a dash, 40 characters";
    "twitter-secret", "Twitter API secret", "TWITTER_API_SECRET", ["twitter"], [alnum(50)], "X's developer documentation on API keys: 50 letters and digits";
    "twitter-token-secret", "Twitter token secret", "TWITTER_ACCESS_TOKEN_SECRET", ["twitter", "token_secret"], [alnum(45)], "X's developer documentation: 45 letters and digits";
    "linkedin", "LinkedIn client secret", "LINKEDIN_CLIENT_SECRET", [], [Is("WPL_AP1."), alnum(16), Is("."), Run(BASE64, 6, 12), Any(&["==", "=", ""])], "LinkedIn's documentation on client secrets";
    "linkedin-legacy", "LinkedIn client secret", "LINKEDIN_CLIENT_SECRET", ["linkedin"], [alnum(16)], "LinkedIn's documentation: 16 letters and digits";
    "spotify", "Spotify client secret", "SPOTIFY_CLIENT_SECRET", ["spotify"], [hex(32)], "Spotify's documentation: 32 hexadecimal digits";
    "reddit", "Reddit client secret", "REDDIT_CLIENT_SECRET", ["reddit"], [url64(30)], "Reddit's documentation on OAuth2 apps";
    "line", "LINE channel token", "LINE_CHANNEL_ACCESS_TOKEN", ["line_channel", "linebot"], [Run(BASE64, 150, 200), Any(&["=", ""])], "LINE's Messaging API documentation";
    "wechat", "WeChat app secret", "WECHAT_APP_SECRET", ["wechat", "weixin", "wx_"], [hex(32)], "WeChat's documentation on AppSecret: 32 hexadecimal digits";
    "adobe", "Adobe client secret", "ADOBE_CLIENT_SECRET", [], [Is("p8e-"), url64(32)], "Adobe's documentation on credentials: p8e- and 32 characters";
    "salesforce", "Salesforce session", "SALESFORCE_ACCESS_TOKEN", [], [Is("00D"), alnum(12), Is("!"), Run(DOTTED, 80, 260)], "Salesforce's documentation on session ids: the organisation, an exclamation mark";
    "zoho", "Zoho token", "ZOHO_REFRESH_TOKEN", [], [Is("1000."), hex(32), Is("."), hex(32)], "Zoho's OAuth documentation";
    "onfido", "Onfido token", "ONFIDO_API_TOKEN", [], [Any(&["api_live.", "api_live_us.", "api_live_ca.", "api_sandbox.", "api_sandbox_us.", "api_sandbox_ca."]), Run(DOTTED, 20, 80)], "Onfido's API reference on tokens: api_live or api_sandbox, the region, a dot";
    "persona", "Persona key", "PERSONA_API_KEY", [], [Any(&["persona_production_", "persona_sandbox_"]), Run(URL64, 20, 80)], "Persona's documentation on API keys";
    "pinterest", "Pinterest token", "PINTEREST_ACCESS_TOKEN", [], [Any(&["pina_", "pinr."]), Run(URL64, 40, 200)], "Pinterest's developer documentation: access tokens begin with pina_, refresh tokens with pinr.";
    "unkey", "Unkey root key", "UNKEY_ROOT_KEY", [], [Is("unkey_"), Run(ALNUM, 20, 32)], "Unkey's documentation on root keys";
}
