//! Mail, messages and calls.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, DIGIT, HEX, URL64, UUID, WORD, alnum, hex, lower, run, url64};

keys! { TALK:
    "slack-bot", "Slack bot token", "SLACK_BOT_TOKEN", [], [Is("xoxb-"), Run(DIGIT, 8, 14), Is("-"), Run(URL64, 16, 60)], "Slack's documentation on token types: xoxb-";
    "slack-user", "Slack user token", "SLACK_USER_TOKEN", [], [Any(&["xoxp-", "xoxe.xoxp-", "xoxe.xoxb-"]), Run(URL64, 24, 200)], "Slack's documentation on token types: xoxp-, and xoxe. before tokens that rotate";
    "slack-refresh", "Slack refresh token", "SLACK_REFRESH_TOKEN", [], [Is("xoxe-"), Run(DIGIT, 1, 2), Is("-"), Run(ALNUM, 100, 200)], "Slack's documentation on token rotation";
    "slack-legacy", "Slack workspace token", "SLACK_TOKEN", [], [Any(&["xoxa-", "xoxr-", "xoxo-", "xoxs-", "xoxc-", "xoxd-", "xoxe-"]), Run(URL64, 16, 200)], "Slack's documentation on legacy and session tokens";
    "slack-app", "Slack app-level token", "SLACK_APP_TOKEN", [], [Is("xapp-"), Run(DIGIT, 1, 2), Is("-"), Run(super::shape::UPPER, 8, 14), Is("-"), Run(DIGIT, 9, 14), Is("-"), Run(HEX, 32, 70)], "Slack's documentation on app-level tokens: xapp-";
    "discord-bot", "Discord bot token", "DISCORD_TOKEN", ["discord", "token", ".run(", ".login("], [Any(&["M", "N", "O"]), Run(URL64, 23, 27), Is("."), url64(6), Is("."), Run(URL64, 27, 38)], "Discord's documentation: the id as base64, the time, a digest";
    "discord-mfa", "Discord token", "DISCORD_TOKEN", [], [Is("mfa."), url64(84)], "Discord's documentation on accounts with two factors";
    "discord-secret", "Discord client secret", "DISCORD_CLIENT_SECRET", ["discord"], [url64(32)], "Discord's documentation on OAuth2: 32 characters";
    "telegram", "Telegram bot token", "TELEGRAM_BOT_TOKEN", [], [Run(DIGIT, 8, 10), Is(":AA"), Run(URL64, 32, 33)], "Telegram's bot documentation: the bot's number, a colon, 34 or 35 characters that begin with AA";
    "twilio-key", "Twilio API key", "TWILIO_API_KEY", [], [Is("SK"), hex(32)], "Twilio's documentation on API keys: SK and 32 hexadecimal digits";
    "twilio-token", "Twilio auth token", "TWILIO_AUTH_TOKEN", ["twilio", "account_token"], [hex(32)], "Twilio's documentation on auth tokens: 32 hexadecimal digits";
    "sendgrid", "SendGrid key", "SENDGRID_API_KEY", [], [Is("SG."), url64(22), Is("."), url64(43)], "SendGrid's documentation: SG., 22 characters, a dot, 43 characters";
    "mailgun", "Mailgun key", "MAILGUN_API_KEY", [], [Is("key-"), lower(32)], "Mailgun's documentation on private keys: key- and 32 characters";
    "mailgun-v2", "Mailgun key", "MAILGUN_API_KEY", ["mailgun"], [hex(32), Is("-"), hex(8), Is("-"), hex(8)], "Mailgun's documentation on API keys: 32, 8 and 8 hexadecimal digits";
    "mailgun-public", "Mailgun validation key", "MAILGUN_PUBLIC_KEY", [], [Is("pubkey-"), hex(32)], "Mailgun's documentation on validation keys";
    "mailchimp", "Mailchimp key", "MAILCHIMP_API_KEY", [], [hex(32), Is("-us"), Run(DIGIT, 1, 2)], "Mailchimp's documentation: 32 hexadecimal digits and the data centre";
    "mandrill", "Mandrill key", "MANDRILL_API_KEY", ["mandrill"], [Any(&["md-", ""]), url64(22)], "Mandrill's documentation: 22 characters";
    "postmark", "Postmark token", "POSTMARK_SERVER_TOKEN", ["postmark"], [run(UUID, 36)], "Postmark's documentation: a UUID";
    "brevo", "Brevo key", "BREVO_API_KEY", [], [Any(&["xkeysib-", "xsmtpsib-"]), hex(64), Is("-"), alnum(16)], "Brevo's documentation on API and SMTP keys";
    "mailjet", "Mailjet secret", "MAILJET_SECRET_KEY", ["mailjet", "mj_apikey"], [hex(32)], "Mailjet's documentation: 32 hexadecimal digits";
    "resend", "Resend key", "RESEND_API_KEY", [], [Is("re_"), alnum(8), Is("_"), alnum(24)], "Resend's documentation on API keys";
    "sparkpost", "SparkPost key", "SPARKPOST_API_KEY", ["sparkpost"], [hex(40)], "SparkPost's documentation: 40 hexadecimal digits";
    "mailersend", "MailerSend token", "MAILERSEND_API_KEY", [], [Is("mlsn."), Run(ALNUM, 60, 70)], "MailerSend's documentation on API tokens";
    "customerio", "Customer.io key", "CUSTOMERIO_API_KEY", ["customerio", "customer_io"], [hex(32)], "Customer.io's documentation: 32 hexadecimal digits";
    "klaviyo", "Klaviyo key", "KLAVIYO_API_KEY", [], [Is("pk_"), hex(34)], "Klaviyo's documentation on private keys: pk_ and 34 hexadecimal digits";
    "nylas", "Nylas key", "NYLAS_API_KEY", [], [Is("nyk_"), Run(WORD, 62, 70)], "Nylas' documentation on API keys";
    "vonage", "Vonage secret", "VONAGE_API_SECRET", ["vonage", "nexmo"], [alnum(16)], "Vonage's documentation on API secrets";
    "messagebird", "MessageBird key", "MESSAGEBIRD_API_KEY", ["messagebird", "message_bird"], [alnum(25)], "MessageBird's documentation: 25 letters and digits";
    "plivo", "Plivo token", "PLIVO_AUTH_TOKEN", ["plivo"], [Run(ALNUM, 40, 56)], "Plivo's documentation on auth tokens";
    "telnyx", "Telnyx key", "TELNYX_API_KEY", [], [Is("KEY0"), Run(ALNUM, 30, 34), Is("_"), alnum(22)], "Telnyx' documentation on API keys";
    "onesignal", "OneSignal key", "ONESIGNAL_API_KEY", [], [Any(&["os_v2_app_", "os_v2_org_"]), Run(super::shape::LOWER, 90, 110)], "OneSignal's documentation on keys of the second version";
    "fcm", "Firebase server key", "FCM_SERVER_KEY", [], [Is("AAAA"), url64(7), Is(":APA91b"), Run(URL64, 130, 140)], "Firebase Cloud Messaging's documentation on server keys";
    "twitch", "Twitch token", "TWITCH_OAUTH_TOKEN", [], [Is("oauth:"), lower(30)], "Twitch's documentation on chat: oauth: and 30 small letters and digits";
    "twitch-secret", "Twitch client secret", "TWITCH_CLIENT_SECRET", ["twitch"], [lower(30)], "Twitch's documentation: 30 small letters and digits";
    "zoom", "Zoom secret", "ZOOM_CLIENT_SECRET", ["zoom"], [alnum(32)], "Zoom's documentation on client secrets: 32 letters and digits";
    "pusher", "Pusher secret", "PUSHER_SECRET", ["pusher"], [hex(20)], "Pusher's documentation: 20 hexadecimal digits";
    "ably", "Ably key", "ABLY_API_KEY", ["ably"], [Run(ALNUM, 6, 7), Is("."), url64(6), Is(":"), url64(43)], "Ably's documentation: the app, the key's name, a colon, 43 characters";
    "pubnub", "PubNub secret key", "PUBNUB_SECRET_KEY", [], [Is("sec-c-"), Run(ALNUM, 48, 64)], "PubNub's documentation on secret keys: sec-c-";
    "pubnub-publish", "PubNub publish key", "PUBNUB_PUBLISH_KEY", [], [Is("pub-c-"), run(UUID, 36)], "PubNub's documentation on publish keys: pub-c- and a UUID";
    "mattermost", "Mattermost token", "MATTERMOST_TOKEN", ["mattermost"], [lower(26)], "Mattermost's documentation: 26 small letters and digits";
    "pushover", "Pushover token", "PUSHOVER_TOKEN", ["pushover"], [alnum(30)], "Pushover's documentation: 30 letters and digits";
    "sendbird", "Sendbird token", "SENDBIRD_API_TOKEN", ["sendbird"], [hex(40)], "Sendbird's documentation: 40 hexadecimal digits";
    "courier", "Courier key", "COURIER_AUTH_TOKEN", [], [Any(&["pk_prod_", "dk_prod_", "pk_test_"]), Run(super::shape::UPPER, 28, 28)], "Courier's documentation on API keys";
    "novu", "Novu key", "NOVU_SECRET_KEY", ["novu"], [hex(32)], "Novu's documentation on secret keys: 32 hexadecimal digits";
    "gc-notify", "GC Notify key", "NOTIFY_API_KEY", [], [Is("gcntfy-"), Run(WORD, 1, 60), Is("-"), run(UUID, 36), Is("-"), run(UUID, 36)], "GC Notify's documentation on API keys: the name, the service's UUID, the secret's UUID";
}
