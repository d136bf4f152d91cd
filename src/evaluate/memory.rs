//! How much memory a process has needed at most.
//!
//! Not for: limits.
//!
//! Invariant: asking has no effect; where the system does not say, the answer is none.

use std::fs;

/// The most memory that the process had resident so far, in KiB (`VmHWM` of proc(5)); none where
/// there is no such file, as on other systems than Linux.
pub fn peak_kib(process: u32) -> Option<u64> {
    peak_of(&fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_from_the_status() {
        let status = "Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t    4812 kB\nVmRSS:\t 12 kB\n";
        assert_eq!(peak_of(status), Some(4812));
        assert_eq!(peak_of("Name:\tx\n"), None);
    }
}
