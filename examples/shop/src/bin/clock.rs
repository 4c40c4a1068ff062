//! The clock: every few seconds it asks for something to be done, and leaves the doing to the worker.

use shop::{name, orders::Orders, say, setting, stop::Stop};
use std::time::Duration;
use std::{io, process};

fn main() -> io::Result<()> {
    let stop = Stop::on_request()?;
    let orders = Orders::open()?;
    let period = Duration::from_secs(setting("TICK_SECONDS", 5));
    say(format_args!("ticking every {} s as {}, pid {}", period.as_secs(), name(), process::id()));
    for tick in 1.. {
        if stop.wait_for(period) {
            break;
        }
        say(format_args!("tick {tick}"));
        orders.put(&format!("count the shelves (tick {tick})"))?;
    }
    say("stopping");
    Ok(())
}
