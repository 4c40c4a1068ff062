//! URLs that are keys: whoever knows one may post.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, DIGIT, DOTTED, HEX, URL64, UUID, hex, lower, run};

keys! { WEBHOOKS:
    "slack-webhook", "Slack webhook URL", "SLACK_WEBHOOK_URL", [], [Is("hooks.slack.com/"), Any(&["services/", "workflows/"]), Run(ALNUM, 8, 14), Is("/"), Run(ALNUM, 8, 14), Is("/"), Run(ALNUM, 18, 30)], "Slack's documentation on incoming webhooks";
    "discord-webhook", "Discord webhook URL", "DISCORD_WEBHOOK_URL", [], [Any(&["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"]), Run(DIGIT, 17, 20), Is("/"), Run(URL64, 60, 80)], "Discord's documentation on webhooks: an id and a token of 68 characters";
    "teams-webhook", "Microsoft Teams webhook URL", "TEAMS_WEBHOOK_URL", [], [Is("webhook.office.com/webhookb2/"), run(UUID, 36), Is("@"), run(UUID, 36), Is("/IncomingWebhook/"), hex(32), Is("/"), run(UUID, 36)], "Microsoft's documentation on Teams connectors";
    "google-chat", "Google Chat webhook URL", "GOOGLE_CHAT_WEBHOOK_URL", [], [Is("chat.googleapis.com/v1/spaces/"), Run(URL64, 8, 14), Is("/messages?key="), Run(URL64, 30, 40), Is("&token="), Run(DOTTED, 30, 60)], "Google's documentation on Chat webhooks";
    "zapier-webhook", "Zapier webhook URL", "ZAPIER_WEBHOOK_URL", [], [Is("hooks.zapier.com/hooks/catch/"), Run(DIGIT, 5, 10), Is("/"), Run(ALNUM, 5, 10)], "Zapier's documentation on catch hooks";
    "ifttt", "IFTTT webhook URL", "IFTTT_KEY", [], [Is("maker.ifttt.com/trigger/"), Run(URL64, 1, 60), Any(&["/with/key/", "/json/with/key/"]), Run(URL64, 20, 44)], "IFTTT's documentation of its webhooks service";
    "make-webhook", "Make webhook URL", "MAKE_WEBHOOK_URL", [], [Any(&["hook.eu1.make.com/", "hook.eu2.make.com/", "hook.us1.make.com/", "hook.us2.make.com/", "hook.integromat.com/"]), Run(ALNUM, 32, 32)], "Make's documentation on custom webhooks";
    "feishu", "Feishu webhook URL", "FEISHU_WEBHOOK_URL", [], [Any(&["open.feishu.cn/open-apis/bot/v2/hook/", "open.larksuite.com/open-apis/bot/v2/hook/"]), run(UUID, 36)], "Feishu's documentation on custom bots";
    "dingtalk", "DingTalk robot URL", "DINGTALK_WEBHOOK_URL", [], [Is("oapi.dingtalk.com/robot/send?access_token="), Run(HEX, 64, 64)], "DingTalk's documentation on custom robots";
    "wecom", "WeCom robot URL", "WECOM_WEBHOOK_URL", [], [Is("qyapi.weixin.qq.com/cgi-bin/webhook/send?key="), run(UUID, 36)], "WeCom's documentation on group robots";
    "azure-sas-url", "Azure SAS signature", "AZURE_SAS_TOKEN", ["&sig=", "?sig="], [Run(super::shape::PERCENT, 43, 70)], "Azure's documentation on shared access signatures: sig is 32 bytes as base64, escaped";
    "webhook-site", "webhook.site URL", "WEBHOOK_URL", [], [Is("webhook.site/"), run(UUID, 36)], "webhook.site's documentation";
    "healthchecks", "Healthchecks ping URL", "HEALTHCHECKS_URL", [], [Is("hc-ping.com/"), run(UUID, 36)], "Healthchecks' documentation on ping URLs";
    "logicapp", "Azure Logic Apps URL", "LOGIC_APP_URL", [], [Is("logic.azure.com:443/workflows/"), hex(32), Is("/triggers/"), Run(URL64, 3, 40), Is("/paths/invoke?api-version="), Run(URL64, 10, 10), Is("&sp="), Run(super::shape::PERCENT, 3, 60), Is("&sv=1.0&sig="), Run(URL64, 40, 46)], "Azure's documentation on HTTP triggers of Logic Apps";
    "telegram-url", "Telegram bot URL", "TELEGRAM_BOT_TOKEN", [], [Is("api.telegram.org/bot"), Run(DIGIT, 8, 10), Is(":"), Run(URL64, 34, 36)], "Telegram's documentation of its Bot API: https://api.telegram.org/bot<token>/method";
    "teams-webhook-outlook", "Microsoft Teams webhook URL", "TEAMS_WEBHOOK_URL", [], [Any(&["outlook.office.com/webhook/", "outlook.office365.com/webhook/"]), run(UUID, 36), Is("@"), run(UUID, 36), Any(&["/IncomingWebhook/", "/JenkinsCI/"]), hex(32), Is("/"), run(UUID, 36)], "Microsoft's documentation on Office 365 connectors, before the host became webhook.office.com";
    "slack-trigger", "Slack workflow trigger URL", "SLACK_WEBHOOK_URL", [], [Is("hooks.slack.com/triggers/"), Run(ALNUM, 8, 14), Is("/"), Run(DIGIT, 10, 16), Is("/"), Run(ALNUM, 24, 40)], "Slack's documentation on workflows that begin with a webhook";
    "slack-workflow", "Slack workflow URL", "SLACK_WEBHOOK_URL", [], [Is("hooks.slack.com/workflows/"), Run(ALNUM, 8, 14), Is("/"), Run(ALNUM, 8, 14), Is("/"), Run(DIGIT, 10, 20), Is("/"), Run(ALNUM, 20, 40)], "Slack's documentation on workflows that begin with a webhook: four parts";
    "thingsboard", "ThingsBoard device URL", "THINGSBOARD_TOKEN", [], [Any(&["thingsboard.cloud/api/v1/", "thingsboard.io/api/v1/"]), lower(20)], "ThingsBoard's documentation of its HTTP device API: the access token stands in the path";
}
