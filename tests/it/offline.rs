//! The service without a network: a namespace that has a loopback interface and no route.
//!
//! Not for: which code may connect outwards at all (`layers.rs`).

use crate::program::Installation;
use crate::road::a_spoken_recording_becomes_a_signed_report_in_the_chart as whole_road;
use std::env;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

/// Tells the process in the namespace what it is; without it that test does nothing.
const INSIDE: &str = "CHARTSCRIBE_TEST_INSIDE";
const SCRIPT: &str = "ip link set lo up && exec \"$0\" --exact offline::inside_the_namespace";
/// TEST-NET-1, RFC 5737: nobody's.
const ELSEWHERE: ([u8; 4], u16) = ([192, 0, 2, 1], 80);

/// As root a network namespace alone; else with a user namespace, where the system allows it.
fn namespace(options: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(options).args(["sh", "-c"]);
    command
}

#[test]
fn inside_the_namespace() {
    if env::var_os(INSIDE).is_none() {
        return;
    }
    let routes = fs::read_to_string("/proc/self/net/route").expect("the kernel's routes");
    assert_eq!(routes.lines().count(), 1, "a heading and no route: {routes}");
    let elsewhere = SocketAddr::from(ELSEWHERE);
    assert!(TcpStream::connect_timeout(&elsewhere, Duration::from_secs(1)).is_err());
    whole_road();
}

#[test]
fn the_whole_road_works_without_a_route_to_anywhere() {
    let ways: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
    let works = |way: &&&[&str]| {
        let tried = namespace(way).arg("ip link set lo up").output();
        tried.is_ok_and(|output| output.status.success())
    };
    let Some(way) = ways.iter().find(works) else {
        // Said, and a failure where it must be possible: as root, and in continuous integration.
        let root = fs::metadata("/proc/self").is_ok_and(|own| {
            use std::os::unix::fs::MetadataExt;
            own.uid() == 0
        });
        assert!(!root && env::var_os("CI").is_none(), "no network namespace can be made here");
        eprintln!("not run: this account may not make a network namespace");
        return;
    };
    // Holds the engine for the process inside, which cannot see who else uses it.
    let _engine = Installation::new();
    let output = namespace(way)
        .arg(SCRIPT)
        .arg(env::current_exe().expect("this test binary"))
        .env(INSIDE, "1")
        .output()
        .expect("a process in the namespace");
    let (out, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{errors}");
    assert!(out.contains("1 passed"), "{out}");
}
