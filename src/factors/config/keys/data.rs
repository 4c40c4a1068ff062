//! Databases as a service, secret stores, and what declares infrastructure.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, BASE64, BECH32, LOWER, URL64, WORD, alnum, hex, run, url64};

keys! { DATA:
    "databricks", "Databricks token", "DATABRICKS_TOKEN", [], [Any(&["dapi", "dose", "dkea"]), hex(32)], "Databricks' documentation on personal access tokens: dapi and 32 hexadecimal digits";
    "databricks-suffixed", "Databricks token", "DATABRICKS_TOKEN", [], [Is("dapi"), hex(32), Is("-"), Run(super::shape::DIGIT, 1, 2)], "Databricks' documentation on personal access tokens of Azure workspaces";
    "planetscale", "PlanetScale password", "PLANETSCALE_PASSWORD", [], [Any(&["pscale_pw_", "pscale_tkn_", "pscale_oauth_"]), Run(URL64, 32, 64)], "PlanetScale's documentation on prefixes of passwords, service tokens and OAuth tokens";
    "supabase", "Supabase token", "SUPABASE_ACCESS_TOKEN", [], [Any(&["sbp_"]), hex(40)], "Supabase's management API documentation";
    "supabase-secret", "Supabase secret key", "SUPABASE_SECRET_KEY", [], [Is("sb_secret_"), Run(URL64, 31, 40)], "Supabase's documentation on API keys";
    "neon", "Neon API key", "NEON_API_KEY", [], [Is("napi_"), Run(LOWER, 60, 70)], "Neon's documentation on API keys";
    "snowflake", "Snowflake password", "SNOWFLAKE_PASSWORD", ["snowflake"], [Is("ver:1-hint:"), Run(super::shape::DIGIT, 4, 20), Is("-ETMsDgAAA"), Run(BASE64, 80, 300)], "Snowflake's documentation on session tokens";
    "mongodb-atlas", "MongoDB Atlas service account secret", "MONGODB_ATLAS_CLIENT_SECRET", [], [Is("mdb_sa_sk_"), url64(40)], "MongoDB Atlas' documentation on service accounts";
    "upstash", "Upstash token", "UPSTASH_REDIS_REST_TOKEN", ["upstash"], [Is("A"), Run(BASE64, 50, 110), Any(&["==", "=", ""])], "Upstash's documentation on REST tokens";
    "aiven", "Aiven token", "AIVEN_TOKEN", [], [Is("aivenv1"), Run(BASE64, 200, 400)], "Aiven's documentation on authentication tokens";
    "confluent", "Confluent Cloud secret", "CONFLUENT_CLOUD_API_SECRET", ["confluent"], [run(BASE64, 64)], "Confluent Cloud's documentation: 64 characters of base64";
    "confluent-v2", "Confluent Cloud secret", "CONFLUENT_CLOUD_API_SECRET", [], [Is("cflt"), run(BASE64, 60)], "Confluent Cloud's documentation on secrets with a checksum";
    "influxdb", "InfluxDB token", "INFLUX_TOKEN", ["influx"], [run(URL64, 86), Is("==")], "InfluxDB's documentation on API tokens: 64 bytes as base64";
    "clickhouse", "ClickHouse Cloud key", "CLICKHOUSE_CLOUD_SECRET", [], [Is("4b1d"), alnum(38)], "ClickHouse Cloud's documentation on API keys";
    "fauna", "Fauna key", "FAUNA_SECRET", [], [Any(&["fnAE", "fnAF"]), Run(URL64, 36, 40)], "Fauna's documentation on secrets";
    "xata", "Xata key", "XATA_API_KEY", [], [Is("xau_"), alnum(40)], "Xata's documentation on API keys";
    "convex", "Convex deploy key", "CONVEX_DEPLOY_KEY", [], [Any(&["prod:", "preview:"]), Run(URL64, 8, 40), Is("|"), Run(BASE64, 60, 200)], "Convex' documentation on deploy keys";
    "dbt", "dbt Cloud token", "DBT_CLOUD_TOKEN", [], [Any(&["dbtc_", "dbtu_"]), Run(URL64, 36, 64)], "dbt Cloud's documentation on account tokens";
    "prisma", "Prisma Accelerate key", "DATABASE_URL", ["api_key"], [Is("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."), Run(URL64, 60, 600), Is("."), url64(43)], "Prisma's documentation on connection strings";
    "vault-service", "HashiCorp Vault token", "VAULT_TOKEN", [], [Is("hvs."), Run(URL64, 24, 200)], "Vault's documentation on token prefixes";
    "vault-batch", "HashiCorp Vault batch token", "VAULT_TOKEN", [], [Any(&["hvb.", "hvr."]), Run(URL64, 24, 400)], "Vault's documentation on token prefixes";
    "vault-legacy", "HashiCorp Vault token", "VAULT_TOKEN", ["vault"], [Is("s."), alnum(24)], "Vault's documentation: tokens before 1.10 are s. and 24 characters";
    "terraform-cloud", "Terraform Cloud token", "TFE_TOKEN", [], [alnum(14), Is(".atlasv1."), Run(URL64, 60, 70)], "HCP Terraform's documentation on API tokens: 14 characters, .atlasv1., 67 characters";
    "pulumi", "Pulumi token", "PULUMI_ACCESS_TOKEN", [], [Is("pul-"), hex(40)], "Pulumi's documentation: pul- and 40 hexadecimal digits";
    "doppler-personal", "Doppler token", "DOPPLER_TOKEN", [], [Any(&["dp.pt.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."]), Run(ALNUM, 40, 44)], "Doppler's documentation on token formats";
    "doppler-service", "Doppler service token", "DOPPLER_TOKEN", [], [Is("dp.st."), Run(super::shape::DOTTED, 40, 80)], "Doppler's documentation on token formats: dp.st., a config's name, 40 characters";
    "onepassword-service", "1Password service account token", "OP_SERVICE_ACCOUNT_TOKEN", [], [Is("ops_eyJ"), Run(URL64, 200, 2000)], "1Password's documentation on service accounts";
    "onepassword-secret-key", "1Password secret key", "OP_SECRET_KEY", [], [Is("A3-"), run(BECH32, 6), Is("-"), Run(BECH32, 6, 6), Is("-"), run(BECH32, 5), Is("-"), run(BECH32, 5), Is("-"), run(BECH32, 5), Is("-"), run(BECH32, 5)], "1Password's security white paper on the Secret Key";
    "age", "age secret key", "AGE_SECRET_KEY", [], [Is("AGE-SECRET-KEY-1"), run(BECH32, 58)], "age's specification: Bech32 with the prefix AGE-SECRET-KEY-";
    "minisign", "minisign secret key", "MINISIGN_SECRET_KEY", [], [Is("RWRTY0Iy"), Run(BASE64, 200, 208), Any(&["==", "=", ""])], "minisign's documentation of its file format";
    "age-plugin", "age post-quantum key", "AGE_SECRET_KEY", [], [Is("AGE-SECRET-KEY-PQ-1"), Run(BECH32, 40, 200)], "age's specification on post-quantum keys";
    "infisical", "Infisical token", "INFISICAL_TOKEN", [], [Is("st."), hex(24), Is("."), hex(32), Is("."), hex(32)], "Infisical's documentation on service tokens";
    "akeyless", "Akeyless access key", "AKEYLESS_ACCESS_KEY", ["akeyless"], [run(BASE64, 43), Is("=")], "Akeyless' documentation on API keys";
    "bitwarden", "Bitwarden access token", "BWS_ACCESS_TOKEN", [], [Is("0."), run(super::shape::UUID, 36), Is("."), alnum(30), Is(":"), run(BASE64, 22), Is("==")], "Bitwarden's documentation on Secrets Manager access tokens";
    "consul", "Consul token", "CONSUL_HTTP_TOKEN", ["consul"], [run(super::shape::UUID, 36)], "Consul's documentation on ACL tokens: a UUID";
    "nomad", "Nomad token", "NOMAD_TOKEN", ["nomad_token", "nomad_secret"], [run(super::shape::UUID, 36)], "Nomad's documentation on ACL tokens: a UUID";
    "tailscale", "Tailscale key", "TS_AUTHKEY", [], [Any(&["tskey-auth-", "tskey-api-", "tskey-client-", "tskey-webhook-", "tskey-scim-"]), Run(URL64, 20, 64)], "Tailscale's documentation on key prefixes";
    "wireguard", "WireGuard private key", "WG_PRIVATE_KEY", ["privatekey", "presharedkey"], [run(BASE64, 43), Is("=")], "WireGuard's manual of wg(8): 32 bytes as base64";
    "defined", "Defined Networking key", "DEFINED_NETWORKING_API_TOKEN", [], [Is("dnkey-"), Run(super::shape::UPPER, 26, 26), Is("-"), Run(super::shape::UPPER, 52, 52)], "Defined Networking's documentation: dnkey-, 26 and 52 characters";
    "kubernetes-bootstrap", "Kubernetes bootstrap token", "KUBEADM_TOKEN", ["bootstrap-token", "bootstrap_token"], [Run(LOWER, 6, 6), Is("."), Run(LOWER, 16, 16)], "Kubernetes' documentation on bootstrap tokens";
    "netbird", "NetBird token", "NB_API_TOKEN", [], [Is("nbp_"), alnum(36)], "NetBird's API documentation";
    "rancher", "Rancher token", "RANCHER_TOKEN", [], [Is("token-"), Run(LOWER, 5, 5), Is(":"), Run(LOWER, 54, 54)], "Rancher's documentation on API keys";
    "openshift", "OpenShift token", "OPENSHIFT_TOKEN", [], [Is("sha256~"), url64(43)], "OpenShift's documentation on OAuth access tokens";
    "kubeadm", "kubeadm join token", "KUBEADM_TOKEN", ["--token"], [Run(LOWER, 6, 6), Is("."), Run(LOWER, 16, 16)], "Kubernetes' documentation on bootstrap tokens: 6 and 16 small letters and digits";
    "splunk-hec", "Splunk HEC token", "SPLUNK_HEC_TOKEN", ["splunk"], [run(super::shape::UUID, 36)], "Splunk's documentation on the HTTP event collector: a UUID";
    "elastic", "Elastic API key", "ELASTIC_API_KEY", ["elastic"], [Run(WORD, 56, 60), Any(&["==", "="])], "Elasticsearch's documentation on API keys: base64 of id and key";
    "algolia", "Algolia key", "ALGOLIA_API_KEY", ["algolia"], [hex(32)], "Algolia's documentation: 32 hexadecimal digits";
    "typesense", "Typesense key", "TYPESENSE_API_KEY", ["typesense"], [alnum(32)], "Typesense's documentation on API keys";
}
