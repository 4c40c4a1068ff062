//! Later: scrape.
