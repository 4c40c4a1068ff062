//! Memory that is no longer needed goes back, so that a supervisor at rest is as small as what it does.

use nix::libc::{self, c_int, c_void, dl_phdr_info, size_t};
use std::ffi::CStr;
use std::time::Duration;

/// A start is over when nothing has happened for so long. What it needed is not given back before: the first lines would
/// only fetch it again, and be late by as much.
pub const START: Duration = Duration::from_millis(100);

/// Gives back what only the start needed: the pages of code, ours and the libraries', which come back one by one as they are
/// used again, and what the allocator holds and nobody uses.
pub fn forget_the_start() {
    // SAFETY: the callback keeps to what the C library hands it.
    unsafe { libc::dl_iterate_phdr(Some(forget_code), std::ptr::null_mut()) };
    #[cfg(target_env = "gnu")]
    // SAFETY: it only gives back what is free.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// For each object that was loaded.
extern "C" fn forget_code(object: *mut dl_phdr_info, _: size_t, _: *mut c_void) -> c_int {
    // SAFETY: the C library hands us one of its own, with as many headers as it says, and a name.
    let (base, headers, name) = unsafe {
        let object = &*object;
        let headers = std::slice::from_raw_parts(object.dlpi_phdr, usize::from(object.dlpi_phnum));
        (object.dlpi_addr, headers, CStr::from_ptr(object.dlpi_name))
    };
    // The kernel's own, which is no file.
    if name.to_bytes().starts_with(b"linux-") {
        return 0;
    }
    for header in headers {
        // What may be written to may have been changed by the loader, and would lose that.
        if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W == 0 {
            let page = rustix::param::page_size();
            let begin = (base + header.p_vaddr) as usize;
            let end = begin + header.p_memsz as usize;
            let first = begin / page * page;
            // SAFETY: pages of a file that nobody writes to: who reads them again gets the same.
            unsafe { libc::madvise(first as *mut c_void, end - first, libc::MADV_DONTNEED) };
        }
    }
    0
}
