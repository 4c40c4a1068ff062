//! Clouds, hosts and what delivers their pages.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, BASE32, BASE64, DOTTED, URL64, UUID, WORD, alnum, hex, lower, run, url64};

keys! { CLOUD:
    "aws-access-key", "AWS access key ID", "AWS_ACCESS_KEY_ID", [], [Any(&["AKIA", "ASIA"]), run(BASE32, 16)], "AWS' IAM guide on unique identifiers: AKIA for long, ASIA for temporary keys, and the base32 that its account number fits into";
    "aws-other-id", "AWS bearer or role credential", "AWS_ACCESS_KEY_ID", [], [Any(&["ABIA", "ACCA"]), run(BASE32, 16)], "AWS' IAM guide on unique identifiers: ABIA for bearer tokens, ACCA for context-specific credentials";
    "aws-secret", "AWS secret access key", "AWS_SECRET_ACCESS_KEY", ["secret_access_key", "secretaccesskey", "aws_secret", "awssecret", "secret_key", "aws_sec"], [run(BASE64, 40)], "AWS' IAM guide on access keys: 40 characters of base64";
    "aws-session", "AWS session token", "AWS_SESSION_TOKEN", ["session_token", "sessiontoken", "security_token"], [Any(&["IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoGZXIvYXdz"]), Run(BASE64, 100, 2000)], "AWS' STS reference on temporary credentials";
    "aws-bedrock", "Amazon Bedrock API key", "AWS_BEARER_TOKEN_BEDROCK", [], [Any(&["ABSKQmVkcm9ja0FQSUtleS", "bedrock-api-key-"]), Run(BASE64, 100, 400)], "Amazon Bedrock's user guide on API keys";
    "aws-mws", "Amazon MWS token", "MWS_AUTH_TOKEN", [], [Is("amzn.mws."), run(UUID, 36)], "Amazon's MWS developer guide on authorization tokens";
    "gcp-api", "Google API key", "GOOGLE_API_KEY", [], [Is("AIza"), url64(35)], "Google Cloud's documentation on API keys: AIza and 35 characters";
    "gcp-oauth", "Google OAuth client secret", "GOOGLE_CLIENT_SECRET", [], [Is("GOCSPX-"), url64(28)], "Google's guide on OAuth client secrets";
    "gcp-access", "Google OAuth access token", "GOOGLE_ACCESS_TOKEN", [], [Is("ya29."), Run(URL64, 30, 400)], "Google's guide on OAuth access tokens";
    "gcp-refresh", "Google OAuth refresh token", "GOOGLE_REFRESH_TOKEN", [], [Is("1//0"), Run(URL64, 40, 120)], "Google's guide on OAuth refresh tokens";
    "gcp-hmac", "Google Cloud storage HMAC key", "GS_ACCESS_KEY_ID", [], [Any(&["GOOG1E"]), Run(super::shape::UPPER, 55, 55)], "Google Cloud Storage's documentation on HMAC keys of service accounts";
    "azure-storage", "Azure storage account key", "AZURE_STORAGE_KEY", ["accountkey", "account_key", "storage_key", "storagekey"], [run(BASE64, 86), Is("==")], "Azure's documentation on storage account keys: 64 bytes as base64";
    "azure-sas-key", "Azure shared access key", "AZURE_SHARED_ACCESS_KEY", ["sharedaccesskey", "shared_access_key"], [Run(BASE64, 43, 43), Is("=")], "Azure's documentation on Service Bus and Event Hubs connection strings: 32 bytes as base64";
    "azure-client-secret", "Microsoft Entra client secret", "AZURE_CLIENT_SECRET", ["client_secret", "clientsecret", "azure", "app_secret", "password", "secret"], [Run(ALNUM, 3, 3), Any(&["7Q~", "8Q~"]), Run(DOTTED, 31, 34)], "Microsoft's identity platform documentation on client secrets";
    "azure-devops", "Azure DevOps token", "AZURE_DEVOPS_PAT", [], [run(ALNUM, 76), Is("AZDO"), alnum(4)], "Azure DevOps' documentation on personal access tokens of 84 characters";
    "azure-function", "Azure Functions key", "AZURE_FUNCTION_KEY", ["x-functions-key", "functions_key", "?code=", "&code="], [run(URL64, 54), Is("==")], "Azure Functions' documentation on access keys";
    "azure-acr", "Azure container registry password", "ACR_PASSWORD", [], [run(ALNUM, 42), Is("+ACR"), alnum(6)], "Azure's documentation on secret identification marks (ACR)";
    "azure-cognitive", "Azure AI services key", "AZURE_OPENAI_API_KEY", ["azure_openai", "cognitive", "ocp-apim-subscription-key", "azure_api"], [hex(32)], "Azure's documentation on AI services keys: 32 hexadecimal digits";
    "digitalocean", "DigitalOcean token", "DIGITALOCEAN_TOKEN", [], [Any(&["dop_v1_", "doo_v1_", "dor_v1_"]), hex(64)], "DigitalOcean's API documentation: dop_v1_ and kin with 64 hexadecimal digits";
    "digitalocean-spaces", "DigitalOcean Spaces key", "SPACES_KEY", [], [Is("DO00"), run(super::shape::UPPER, 16)], "DigitalOcean's documentation on Spaces keys";
    "linode", "Linode token", "LINODE_TOKEN", ["linode"], [hex(64)], "Linode's API documentation: 64 hexadecimal digits";
    "vultr", "Vultr API key", "VULTR_API_KEY", ["vultr"], [run(super::shape::UPPER, 36)], "Vultr's API documentation: 36 capitals and digits";
    "hetzner", "Hetzner Cloud token", "HCLOUD_TOKEN", ["hcloud", "hetzner"], [alnum(64)], "Hetzner Cloud's API documentation: 64 letters and digits";
    "scaleway", "Scaleway secret key", "SCW_SECRET_KEY", ["scw_secret", "scaleway"], [run(UUID, 36)], "Scaleway's documentation on API keys: a UUID";
    "scaleway-access", "Scaleway access key", "SCW_ACCESS_KEY", [], [Is("SCW"), run(super::shape::UPPER, 17)], "Scaleway's documentation on API keys: SCW and 17 capitals and digits";
    "alibaba", "Alibaba Cloud access key ID", "ALIBABA_CLOUD_ACCESS_KEY_ID", [], [Is("LTAI"), Run(ALNUM, 16, 20)], "Alibaba Cloud's RAM documentation on AccessKey pairs";
    "alibaba-secret", "Alibaba Cloud access key secret", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", ["alibaba", "aliyun", "accesskeysecret", "access_key_secret"], [alnum(30)], "Alibaba Cloud's RAM documentation on AccessKey pairs: 30 letters and digits";
    "tencent", "Tencent Cloud secret ID", "TENCENTCLOUD_SECRET_ID", [], [Is("AKID"), alnum(32)], "Tencent Cloud's documentation on API keys";
    "ibm", "IBM Cloud API key", "IBMCLOUD_API_KEY", ["ibmcloud", "ibm_cloud", "ic_api_key", "watson"], [url64(44)], "IBM Cloud's IAM documentation: 44 characters";
    "yandex", "Yandex Cloud key", "YC_API_KEY", [], [Is("AQVN"), Run(URL64, 35, 38)], "Yandex Cloud's documentation on API keys";
    "yandex-iam", "Yandex IAM token", "YC_TOKEN", [], [Is("t1."), Run(URL64, 60, 1000), Is("."), Run(URL64, 80, 90)], "Yandex Cloud's documentation on IAM tokens";
    "heroku", "Heroku API key", "HEROKU_API_KEY", ["heroku"], [run(UUID, 36)], "Heroku's platform API reference: a UUID";
    "heroku-v2", "Heroku API key", "HEROKU_API_KEY", [], [Is("HRKU-"), Run(URL64, 36, 66)], "Heroku's changelog on prefixed tokens";
    "fly", "Fly.io token", "FLY_API_TOKEN", [], [Any(&["fo1_", "fm1_", "fm1a_", "fm1r_", "fm2_"]), Run(BASE64, 40, 2000)], "Fly's documentation on access tokens";
    "vercel", "Vercel token", "VERCEL_TOKEN", ["vercel"], [alnum(24)], "Vercel's REST API documentation: 24 letters and digits";
    "vercel-v2", "Vercel token", "VERCEL_TOKEN", [], [Any(&["vcp_", "vci_", "vca_", "vcr_", "vck_"]), Run(ALNUM, 50, 60)], "Vercel's documentation on prefixed tokens";
    "netlify", "Netlify token", "NETLIFY_AUTH_TOKEN", [], [Any(&["nfp_", "nfc_", "nfo_", "nfu_"]), Run(ALNUM, 36, 40)], "Netlify's documentation on prefixed personal access tokens";
    "netlify-plain", "Netlify token", "NETLIFY_AUTH_TOKEN", ["netlify"], [Run(URL64, 40, 46)], "Netlify's API documentation on tokens without a prefix";
    "render", "Render API key", "RENDER_API_KEY", [], [Is("rnd_"), Run(ALNUM, 28, 36)], "Render's API documentation";
    "railway", "Railway token", "RAILWAY_TOKEN", ["railway"], [run(UUID, 36)], "Railway's documentation on tokens: a UUID";
    "cloudflare", "Cloudflare API token", "CLOUDFLARE_API_TOKEN", ["cloudflare", "cf_api", "cf_token"], [url64(40)], "Cloudflare's API documentation: 40 characters";
    "cloudflare-global", "Cloudflare global API key", "CLOUDFLARE_API_KEY", ["cloudflare", "x-auth-key", "cf_api"], [hex(37)], "Cloudflare's API documentation: 37 hexadecimal digits";
    "cloudflare-origin", "Cloudflare origin CA key", "CLOUDFLARE_ORIGIN_CA_KEY", [], [Is("v1.0-"), hex(24), Is("-"), hex(146)], "Cloudflare's documentation on origin CA keys";
    "cloudflare-v2", "Cloudflare token", "CLOUDFLARE_API_TOKEN", [], [Any(&["cfut_", "cfat_", "cfk_"]), Run(ALNUM, 40, 60)], "Cloudflare's documentation on prefixed tokens";
    "fastly", "Fastly token", "FASTLY_API_TOKEN", ["fastly"], [url64(32)], "Fastly's API documentation: 32 characters";
    "akamai", "Akamai access token", "AKAMAI_ACCESS_TOKEN", [], [Any(&["akab-", "akaa-"]), lower(16), Is("-"), lower(16)], "Akamai's documentation on EdgeGrid credentials";
    "bunny", "bunny.net key", "BUNNY_API_KEY", ["bunny"], [run(UUID, 36)], "bunny.net's API documentation: a UUID";
    "upcloud", "UpCloud token", "UPCLOUD_TOKEN", [], [Is("ucat_"), Run(ALNUM, 26, 40)], "UpCloud's API documentation";
    "ovh", "OVHcloud application secret", "OVH_APPLICATION_SECRET", ["ovh"], [lower(32)], "OVHcloud's API guide: 32 small letters and digits";
    "exoscale", "Exoscale API key", "EXOSCALE_API_KEY", [], [Is("EXO"), hex(24)], "Exoscale's documentation: EXO and 24 hexadecimal digits";
    "oracle", "Oracle Cloud auth token", "OCI_AUTH_TOKEN", ["oci_auth_token", "ocir_password"], [Run(WORD, 20, 20)], "Oracle Cloud's documentation on auth tokens";
}
