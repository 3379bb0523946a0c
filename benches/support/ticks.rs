//! Processor time, as the kernel counts it.

use std::fs;

/// A field of `/proc/PID/stat`, counted from the state: `utime` and `stime` of the children that have
/// ended.
pub(crate) const OF_CHILDREN: usize = 13;

/// Seconds of processor time, of user and system, from such a field and the next.
pub(crate) fn ticks(process: &str, field: usize) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name stands in parentheses, and may hold blanks.
    let (_, rest) = text.rsplit_once(") ").unwrap();
    let fields = rest.split(' ').skip(field).take(2);
    let ticks: u64 = fields.map(|field| field.parse::<u64>().unwrap()).sum();
    ticks as f64 / 100.0
}
