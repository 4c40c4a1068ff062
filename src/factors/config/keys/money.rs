//! Shops and payments.

use super::keys;
use super::shape::Part::{Any, Is, Run};
use super::shape::{ALNUM, LOWER, URL64, UUID, WORD, alnum, hex, lower, run, url64};

keys! { MONEY:
    "stripe", "Stripe secret key", "STRIPE_SECRET_KEY", [], [Is("sk_live_"), Run(ALNUM, 16, 247)], "Stripe's documentation on API keys: sk_live_";
    "stripe-test", "Stripe test key", "STRIPE_SECRET_KEY", [], [Is("sk_test_"), Run(ALNUM, 16, 247)], "Stripe's documentation on API keys: sk_test_";
    "stripe-restricted", "Stripe restricted key", "STRIPE_SECRET_KEY", [], [Any(&["rk_live_", "rk_test_"]), Run(ALNUM, 16, 247)], "Stripe's documentation on restricted keys";
    "stripe-webhook", "Stripe webhook secret", "STRIPE_WEBHOOK_SECRET", [], [Is("whsec_"), Run(super::shape::BASE64, 32, 64)], "Stripe's documentation on webhook signing secrets";
    "square", "Square access token", "SQUARE_ACCESS_TOKEN", [], [Is("EAAA"), url64(60)], "Square's documentation on access tokens: EAAA and 60 characters";
    "square-legacy", "Square access token", "SQUARE_ACCESS_TOKEN", [], [Is("sq0atp-"), url64(22)], "Square's documentation on access tokens";
    "square-secret", "Square application secret", "SQUARE_APPLICATION_SECRET", [], [Is("sq0csp-"), url64(43)], "Square's documentation on OAuth secrets";
    "paypal", "PayPal client secret", "PAYPAL_CLIENT_SECRET", ["paypal"], [Is("E"), url64(79)], "PayPal's REST documentation: 80 characters that begin with E";
    "braintree", "Braintree access token", "BRAINTREE_ACCESS_TOKEN", [], [Is("access_token$"), Any(&["production", "sandbox"]), Is("$"), Run(LOWER, 16, 16), Is("$"), hex(32)], "Braintree's documentation on access tokens";
    "plaid", "Plaid secret", "PLAID_SECRET", ["plaid"], [hex(30)], "Plaid's API documentation: 30 hexadecimal digits";
    "plaid-token", "Plaid access token", "PLAID_ACCESS_TOKEN", [], [Any(&["access-sandbox-", "access-development-", "access-production-"]), run(UUID, 36)], "Plaid's API documentation on access tokens";
    "coinbase", "Coinbase key", "COINBASE_API_SECRET", ["coinbase"], [Run(URL64, 64, 64)], "Coinbase's API documentation: 64 characters";
    "binance", "Binance key", "BINANCE_API_SECRET", ["binance"], [alnum(64)], "Binance's API documentation: 64 letters and digits";
    "kraken", "Kraken private key", "KRAKEN_API_SECRET", ["kraken"], [Run(super::shape::BASE64, 86, 86), Is("==")], "Kraken's REST documentation: 64 bytes as base64";
    "kucoin", "KuCoin secret", "KUCOIN_API_SECRET", ["kucoin"], [run(UUID, 36)], "KuCoin's API documentation: a UUID";
    "bittrex", "Bittrex secret", "BITTREX_API_SECRET", ["bittrex"], [hex(32)], "Bittrex' API documentation: 32 hexadecimal digits";
    "etherscan", "Etherscan key", "ETHERSCAN_API_KEY", ["etherscan", "bscscan", "polygonscan"], [run(super::shape::UPPER, 34)], "Etherscan's documentation: 34 capitals and digits";
    "infura", "Infura key", "INFURA_API_KEY", ["infura"], [hex(32)], "Infura's documentation: 32 hexadecimal digits";
    "alchemy", "Alchemy key", "ALCHEMY_API_KEY", ["alchemy.com/v2/", "alchemyapi.io/v2/", "alchemy_"], [Run(URL64, 32, 32)], "Alchemy's documentation: 32 characters in the URL";
    "ethereum", "Ethereum private key", "ETH_PRIVATE_KEY", ["private_key", "privatekey", "deployer", "mnemonic_key"], [Is("0x"), run(super::shape::ANY_HEX, 64)], "Ethereum's yellow paper: 32 bytes, written with 0x";
    "shopify", "Shopify access token", "SHOPIFY_ACCESS_TOKEN", [], [Is("shpat_"), run(super::shape::ANY_HEX, 32)], "Shopify's documentation on access tokens: shpat_ and 32 hexadecimal digits";
    "shopify-custom", "Shopify custom app token", "SHOPIFY_ACCESS_TOKEN", [], [Any(&["shpca_", "shppa_"]), run(super::shape::ANY_HEX, 32)], "Shopify's changelog on token prefixes";
    "shopify-secret", "Shopify shared secret", "SHOPIFY_API_SECRET", [], [Is("shpss_"), run(super::shape::ANY_HEX, 32)], "Shopify's changelog on token prefixes";
    "shippo", "Shippo token", "SHIPPO_API_TOKEN", [], [Any(&["shippo_live_", "shippo_test_"]), run(super::shape::ANY_HEX, 40)], "Shippo's documentation on authentication";
    "easypost", "EasyPost key", "EASYPOST_API_KEY", [], [Any(&["EZAK", "EZTK"]), alnum(54)], "EasyPost's documentation on API keys";
    "flutterwave", "Flutterwave secret key", "FLW_SECRET_KEY", [], [Any(&["FLWSECK_TEST-", "FLWSECK-"]), Run(LOWER, 32, 40), Any(&["-X", ""])], "Flutterwave's documentation on API keys";
    "paystack", "Paystack secret key", "PAYSTACK_SECRET_KEY", [], [Any(&["sk_live_", "sk_test_"]), hex(40)], "Paystack's documentation on API keys";
    "razorpay", "Razorpay key", "RAZORPAY_KEY_ID", [], [Any(&["rzp_live_", "rzp_test_"]), alnum(14)], "Razorpay's documentation on API keys";
    "adyen", "Adyen API key", "ADYEN_API_KEY", [], [Is("AQE"), Run(super::shape::BASE64, 100, 250), Is("-"), Run(super::shape::BASE64, 20, 60), Any(&["==-", "=-", "-"]), Run(super::shape::BASE64, 8, 40)], "Adyen's documentation on API credentials";
    "gocardless", "GoCardless token", "GOCARDLESS_ACCESS_TOKEN", [], [Any(&["live_", "sandbox_"]), Run(URL64, 40, 40)], "GoCardless' API documentation on access tokens";
    "mollie", "Mollie key", "MOLLIE_API_KEY", [], [Any(&["live_", "test_"]), alnum(30)], "Mollie's documentation on API keys: 30 letters and digits";
    "paddle", "Paddle key", "PADDLE_API_KEY", [], [Any(&["pdl_live_apikey_", "pdl_sdbx_apikey_"]), Run(WORD, 49, 60)], "Paddle's documentation on API keys";
    "duffel", "Duffel token", "DUFFEL_ACCESS_TOKEN", [], [Any(&["duffel_live_", "duffel_test_"]), url64(43)], "Duffel's documentation on access tokens";
    "finicity", "Finicity token", "FINICITY_APP_KEY", ["finicity"], [hex(32)], "Finicity's documentation";
    "recharge", "Recharge token", "RECHARGE_API_TOKEN", [], [Any(&["sk_1x1_", "sk_2x2_", "sk_1x3_", "sk_3x3_"]), hex(64)], "Recharge's documentation on API tokens";
    "woocommerce", "WooCommerce secret", "WC_CONSUMER_SECRET", [], [Is("cs_"), hex(40)], "WooCommerce's REST documentation: cs_ and 40 hexadecimal digits";
    "avalara", "Avalara key", "AVALARA_LICENSE_KEY", ["avalara", "avatax"], [run(super::shape::UPPER, 16)], "Avalara's documentation on license keys";
    "bigcommerce", "BigCommerce token", "BIGCOMMERCE_ACCESS_TOKEN", ["bigcommerce"], [lower(31)], "BigCommerce's documentation: 31 small letters and digits";
    "xendit", "Xendit secret key", "XENDIT_SECRET_KEY", [], [Any(&["xnd_production_", "xnd_development_"]), Run(ALNUM, 50, 80)], "Xendit's documentation on API keys: xnd_production_ and xnd_development_";
    "asaas", "Asaas key", "ASAAS_API_KEY", [], [Any(&["$aact_prod_", "$aact_hmlg_"]), Run(URL64, 20, 400)], "Asaas' documentation on authentication: keys begin with $aact_prod_ or $aact_hmlg_";
    "polar", "Polar token", "POLAR_ACCESS_TOKEN", [], [Any(&["polar_oat_", "polar_pat_", "polar_at_", "polar_rt_"]), Run(ALNUM, 30, 100)], "Polar's documentation on organisation, personal and OAuth access tokens";
    "mercury", "Mercury token", "MERCURY_API_TOKEN", [], [Any(&["mercury_production_", "mercury_sandbox_"]), Run(WORD, 40, 80)], "Mercury's API documentation: secret-token:mercury_production_, ending in yrucrem";
    "ramp", "Ramp client secret", "RAMP_CLIENT_SECRET", [], [Is("ramp_sec_"), alnum(48)], "Ramp's developer documentation: ramp_sec_ and 48 letters and digits";
}
