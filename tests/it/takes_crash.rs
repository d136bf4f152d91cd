//! The real program killed while somebody records: every acknowledged sample is there afterwards,
//! and the report appears once.

use crate::program::{Installation, Server};
use serde_json::json;

/// Samples of a block: 200 ms.
const BLOCK: usize = 3200;

fn block(number: u64) -> Vec<u8> {
    let sample = |n: usize| ((n as i64 * (number as i64 * 2 + 11)) % 8000) as i16;
    (0..BLOCK).flat_map(|n| sample(n).to_le_bytes()).collect()
}

fn send(server: &Server, id: &str, number: u64) -> Option<u64> {
    let path = format!("/api/recordings/{id}/blocks/{number}");
    let answer = server.try_bytes("ada", &path, block(number))?;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["next"].as_u64()
}

fn reports(server: &Server) -> usize {
    let list = server.get("ada", "/api/worklist").body;
    list["rows"].as_array().expect("rows").len()
}

#[test]
fn killed_while_recording_no_acknowledged_sample_is_lost_and_the_report_appears_once() {
    let site = Installation::new();
    let blocks = 40_u64;
    let mut sent = 0;
    let mut id = String::new();
    // Killed once in the middle of a block's commit, once after it, once from outside.
    let points: [&[(&str, &str)]; 3] = [
        &[("CHARTSCRIBE_CRASH_AT", "take-block-kept")],
        &[],
        &[("CHARTSCRIBE_CRASH_AT", "take-poured")],
    ];
    for (round, environment) in points.iter().enumerate() {
        let mut server = site.serve_with(environment);
        id = server.begin_recording("ada", "one", json!({"work_type": "PN"}));
        let wanted = server.get("ada", &format!("/api/recordings/{id}")).body["next"].as_u64();
        let wanted = wanted.expect("a number");
        assert!(
            wanted >= sent,
            "round {round}: {sent} blocks were acknowledged, {wanted} are there"
        );
        sent = wanted;
        let until = if round == 1 { 25 } else { blocks };
        while sent < until {
            match send(&server, &id, sent) {
                Some(next) => sent = next,
                None => break,
            }
        }
        if round == 2 {
            let path = format!("/api/recordings/{id}/finish");
            assert!(server.try_post("ada", &path, json!({"blocks": blocks})).is_none());
        }
        server.kill();
    }
    assert_eq!(sent, blocks);
    let server = site.serve();
    let path = format!("/api/recordings/{id}/finish");
    let received = server.post("ada", &path, json!({"blocks": blocks}));
    assert_eq!(received.status, 201, "{received:?}");
    assert_eq!(received.body["duration_ms"], blocks * 200);
    let again = server.post("ada", &path, json!({"blocks": blocks}));
    assert_eq!((again.status, &again.body["report"]), (200, &received.body["report"]));
    assert_eq!(reports(&server), 1);
}
