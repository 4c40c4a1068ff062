//! Whether it is the process itself that answers at its port (FAULTS K16).
//!
//! The look reads the tables of the kernel, so it is done only after an answer that is well, and for one
//! life only until it was once found right. Where `/proc` shows too little, nobody is accused.

use crate::app::plan::TypeId;
use crate::supervisor::event::Id;
use crate::sys::ports::{Taker, taker};
use crate::sys::proc;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

/// What was found right.
#[derive(Debug, Default)]
pub struct Owners {
    /// The life, by its place in the formation and where it answers, so that it replaces the one before it.
    right: Mutex<HashMap<(TypeId, u16, SocketAddr), u32>>,
}

impl Owners {
    /// `Err` is who answers instead.
    pub fn check(&self, id: Id, peer: SocketAddr, roots: &[u32]) -> Result<(), String> {
        // Another machine's sockets are not in our tables.
        if !peer.ip().is_loopback() {
            return Ok(());
        }
        let place = (id.kind, id.index, peer);
        let right = || self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right().get(&place) == Some(&id.generation) {
            return Ok(());
        }
        match taker(peer, &family(roots)) {
            Taker::Family => {
                right().insert(place, id.generation);
                Ok(())
            }
            Taker::Stranger { pid, name } => {
                let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
                Err(format!("port {} is held by pid {pid} ({name})", peer.port()))
            }
            Taker::Unknown => Ok(()),
        }
    }
}

/// The roots and all below them.
fn family(roots: &[u32]) -> Vec<u32> {
    let mut family = roots.to_vec();
    for root in roots {
        let below = proc::descendants_of(root.cast_signed()).unwrap_or_default();
        family.extend(below.into_iter().map(i32::cast_unsigned));
    }
    family
}
