//! How many requests one address may send.
//!
//! Not for: failed sign-ins, which `workflow/sign_in.rs` counts, or the size of a body.
//!
//! Invariant: an address that sends faster than its allowance is told to wait and costs no more
//! than that. The machine's own addresses have none: a proxy or its operator is there.

use super::error::ApiError;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Requests a second that an address may go on sending. A page at work sends one or two; a ward
/// behind one address has some dozens of them.
const PER_SECOND: f64 = 50.0;
/// Requests at once: a page is about ten.
const AT_ONCE: f64 = 200.0;
/// Addresses remembered; beyond that, the full ones are forgotten first.
const MAX_ADDRESSES: usize = 10_000;

#[derive(Clone, Default)]
pub struct Traffic {
    left: Arc<Mutex<HashMap<IpAddr, Allowance>>>,
}

/// What is left of an address's allowance.
struct Allowance {
    left: f64,
    at: Instant,
}

impl Traffic {
    /// Takes one request out of an address's allowance, if there is one left.
    fn admits(&self, address: IpAddr, now: Instant) -> bool {
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_ADDRESSES {
            all.retain(|_, allowance| allowance.now(now) < AT_ONCE);
        }
        if all.len() >= MAX_ADDRESSES {
            all.clear();
        }
        let allowance = all.entry(address).or_insert(Allowance { left: AT_ONCE, at: now });
        allowance.left = allowance.now(now);
        allowance.at = now;
        let admits = allowance.left >= 1.0;
        if admits {
            allowance.left -= 1.0;
        }
        admits
    }
}

impl Allowance {
    fn now(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left + passed * PER_SECOND).min(AT_ONCE)
    }
}

pub async fn limit(State(traffic): State<Traffic>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    match peer.filter(|address| !address.is_loopback()) {
        Some(address) if !traffic.admits(address, Instant::now()) => {
            ApiError::TooMany.into_response()
        }
        _ => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_address_has_its_allowance_back_as_time_passes_and_others_keep_theirs() {
        let traffic = Traffic::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let start = Instant::now();
        let admitted = (0..500).filter(|_| traffic.admits(one, start)).count();
        assert_eq!(admitted as f64, AT_ONCE);
        assert!(traffic.admits(other, start));
        let later = start + Duration::from_secs(1);
        let admitted = (0..500).filter(|_| traffic.admits(one, later)).count();
        assert_eq!(admitted as f64, PER_SECOND);
    }

    #[test]
    fn no_number_of_addresses_fills_the_memory() {
        let traffic = Traffic::default();
        let start = Instant::now();
        for n in 0..3 * MAX_ADDRESSES as u32 {
            assert!(traffic.admits(IpAddr::from(n.to_be_bytes()), start));
        }
        assert!(traffic.left.lock().expect("no panic").len() <= MAX_ADDRESSES);
    }
}
