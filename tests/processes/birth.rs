//! The birth contract: what a process finds, and what is said when there is none.
