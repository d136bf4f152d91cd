//! The licences of everything that is linked into the program or builds it.
//!
//! Not for: their texts, which `make dist` puts beside the program.
//!
//! Invariant: nothing needs a licence that binds the whole program (GPL, AGPL and their kin).

use std::process::Command;

/// Licences that ask for a notice, or that bind only their own files (MPL-2.0).
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "blessing",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

#[test]
fn every_dependency_has_a_licence_that_leaves_the_program_ours() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--all-features"])
        .args(["--filter-platform", &platform])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    assert!(packages.len() > 100, "cargo named {} packages", packages.len());
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !is_allowed(package["license"].as_str().unwrap_or_default()))
        .map(|package| {
            format!("{} {}: {}", package["name"], package["version"], package["license"])
        })
        .collect();
    assert!(refused.is_empty(), "\n{}\n", refused.join("\n"));
}

/// What the bundle of the pages was built from, and what the pages say of it.
#[test]
fn the_pages_name_every_package_they_hold_and_none_binds_the_program() {
    let ui = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/ui");
    let read = |name: &str| std::fs::read_to_string(ui.join(name)).expect("`make ui` was run");
    let lock: serde_json::Value =
        serde_json::from_str(&read("package-lock.json")).expect("npm writes JSON");
    let packages = lock["packages"].as_object().expect("a list of packages");
    let notices = read("dist/notices.txt");
    let named: Vec<&str> =
        notices.split(&"-".repeat(72)).filter_map(|notice| notice.trim().lines().next()).collect();
    assert!(named.len() >= 10, "{named:?}");
    for line in named {
        let (package, licence) = line.rsplit_once(" (").expect("a licence");
        let (name, version) = package.rsplit_once(' ').expect("a version");
        assert!(is_allowed(licence.trim_end_matches(')')), "{line}");
        let locked = &packages[&format!("node_modules/{name}")];
        assert_eq!(locked["version"], version, "{name} is not the one that is pinned");
    }
    let script = read("dist/app.js");
    assert!(script.contains("cm-editor") && notices.contains("Marijn Haverbeke"));
    let refused: Vec<&String> = packages
        .iter()
        .filter(|(path, _)| !path.is_empty())
        .filter(|(_, package)| !is_allowed(package["license"].as_str().unwrap_or_default()))
        .map(|(path, _)| path)
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
}

/// Whether an SPDX expression (or the old form with a slash) can be met by allowed licences.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    let met = |either: &str| either.split(" OR ").any(|name| ALLOWED.contains(&name.trim()));
    plain.split(" AND ").all(met)
}

#[test]
fn one_allowed_choice_is_enough_and_every_part_of_a_sum_must_be_allowed() {
    for allowed in ["MIT", "MIT/Apache-2.0", "MIT OR LGPL-2.1-or-later", "(MIT OR X) AND ISC"] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in ["", "GPL-3.0-only", "AGPL-3.0-or-later OR X", "MIT AND GPL-2.0", "LGPL-3.0"] {
        assert!(!is_allowed(refused), "{refused}");
    }
}
