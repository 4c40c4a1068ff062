//! What has the shape of a key and is no secret: samples that a provider prints itself, and keys that are meant to be seen.
//!
//! Samples are known by digest, so that this table holds no key; those that say `EXAMPLE` need no row here.

use sha2::{Digest, Sha256};

/// The first eight bytes of SHA-256 of each sample.
const SAMPLES: &[u64] = &[
    // Firebase: keys of the tests and samples in its own SDKs' repositories.
    0x2037_abca_ffb2_b777,
    0x3f37_0c9d_d822_5c63,
    0xe4a5_542b_b7fd_7b67,
    0xa19f_89ab_3555_eac1,
    0x0b47_6bdf_9acf_2123,
    0xeb54_0d2b_6ee2_a0a4,
    0x37f8_f09b_df12_c2f2,
    0x8731_261c_b72d_8626,
    0x49f7_77db_995e_8260,
    0x27a9_a429_31df_f7eb,
    0xdc0f_cf04_6c61_640c,
    0x4c98_242d_cadc_8b29,
    0xea9b_b108_2cf9_5663,
    0x3a8b_61d0_f636_b007,
    0xa6c8_14bc_555a_e62c,
    // Stripe: the test keys that its API reference and its quickstarts print to readers who are not signed in.
    0x2caf_c097_0149_a84f,
    0xf2d6_ca16_5150_33e5,
    0x7e8d_e44e_a9ec_f6d5,
    0x2d1f_7723_aabc_5c7a,
    // Microsoft: the keys of the storage emulator (Azurite) and of the Cosmos DB emulator, the same in every installation.
    0x0011_cc25_eb43_2071,
    0xaa65_4743_9583_c3a2,
    // Google: the reCAPTCHA pair for automated tests, which lets everybody pass.
    0x03b9_70ed_8171_d73b,
    0xf5e9_5c99_5463_5b65,
    // GitHub: the token in its documentation of OAuth's answer.
    0xbc3a_e723_f57c_6b9e,
];

/// Beginnings of keys that their providers document as public: they are of use to a page, and stand in it.
const PUBLIC: &[&str] = &[
    // Stripe and Clerk, publishable keys.
    "pk_live_",
    "pk_test_",
    // Supabase, publishable keys.
    "sb_publishable_",
    // Mapbox, public tokens: a JSON object with the user's name first.
    "pk.eyJ1Ijoi",
    // PostHog, project keys.
    "phc_",
];

/// A provider published this very key as a sample.
pub fn is_sample(value: &[u8]) -> bool {
    let digest: [u8; 32] = Sha256::digest(value).into();
    let first = digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    SAMPLES.contains(&first)
}

/// Made to be published by whoever got it.
pub fn is_public(value: &[u8]) -> bool {
    PUBLIC.iter().any(|prefix| value.starts_with(prefix.as_bytes()) && value.len() >= prefix.len() + 16)
}
