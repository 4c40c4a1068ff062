//! Later: doors.
