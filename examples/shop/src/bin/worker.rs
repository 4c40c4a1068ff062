//! The worker: takes one order after the other. One that it cannot finish in time it puts back.

use shop::{name, orders::Orders, orders::Taken, say, setting, stop::Stop};
use std::time::Duration;
use std::{io, process};

/// How long to look away when there is no order.
const PAUSE: Duration = Duration::from_millis(500);

fn main() -> io::Result<()> {
    let stop = Stop::on_request()?;
    let orders = Orders::open()?;
    let labour = Duration::from_millis(setting("JOB_MS", 500));
    say(format_args!("waiting for orders as {}, pid {}", name(), process::id()));
    for number in 1.. {
        let Some(order) = next(&orders, &stop)? else { break };
        say(format_args!("job {number}: {}", order.task));
        if stop.wait_for(labour) {
            say(format_args!("stopping: job {number} goes back to the queue"));
            order.put_back()?;
            return Ok(());
        }
        order.done()?;
        say(format_args!("job {number}: done"));
    }
    say("stopping: nothing in hand");
    Ok(())
}

/// The next order, or `None` when it is time to leave.
fn next(orders: &Orders, stop: &Stop) -> io::Result<Option<Taken>> {
    loop {
        if let Some(order) = orders.take()? {
            return Ok(Some(order));
        }
        if stop.wait_for(PAUSE) {
            return Ok(None);
        }
    }
}
