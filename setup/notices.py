"""Prints the licence texts of the crates that are linked into the program, each text once."""

import collections
import json
import pathlib
import subprocess

FEATURES = "microphone"
TARGET = "x86_64-unknown-linux-gnu"
# Works of others that are in the sources themselves.
CARRIED = (("Silero VAD 6.2.3, weights", "src/audio/silero/LICENSE"),)


def linked(metadata):
    """The packages reached from ours over ordinary dependencies, build and test ones left out,
    but with the -src crates, which are C sources to build from."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    todo, seen = [metadata["resolve"]["root"]], set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for dep in nodes[node]["deps"]:
            ordinary = any(kind["kind"] is None for kind in dep["dep_kinds"])
            if ordinary or dep["name"].endswith("_src"):
                todo.append(dep["pkg"])
    seen.discard(metadata["resolve"]["root"])
    return [package for package in metadata["packages"] if package["id"] in seen]


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    # These crates carry C code, with its licence in a folder below.
    find = folder.rglob if package["name"].endswith(("-sys", "-src")) else folder.glob
    for pattern in ("LICEN[CS]E*", "COPYING*", "NOTICE*", "UNLICENSE*"):
        for path in sorted(find(pattern)):
            if path.is_file():
                yield path.read_text(encoding="utf-8", errors="replace").strip()


def main():
    command = ["cargo", "metadata", "--format-version", "1", "--features", FEATURES]
    command += ["--filter-platform", TARGET, "--locked"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    holders = collections.defaultdict(list)
    print("Chartscribe contains these works of others:\n")
    for package in sorted(linked(metadata), key=lambda each: (each["name"], each["version"])):
        name = f"{package['name']} {package['version']}"
        print(f"{name}: {package['license'] or 'see its licence file'}, {package['repository']}")
        for text in texts(package):
            holders[text].append(name)
    for name, path in CARRIED:
        print(f"{name}: MIT")
        holders[pathlib.Path(path).read_text(encoding="utf-8").strip()].append(name)
    for text, names in holders.items():
        print(f"\n{'-' * 80}\n{', '.join(names)}\n\n{text}")


if __name__ == "__main__":
    main()
