"""Seconds and memory of a release build on this machine: measure.py PROGRAM MODEL

Transcribes the demonstration's spoken dictation, then starts a server on an empty site.
"""

import json
import os
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

RECORDING = pathlib.Path(__file__).parent.parent / "src/demo/dictation.flac"
START_MAX_SECONDS = 30


def transcribe(program, model):
    command = [program, "transcribe", "--plain", "--format", "json", "--model", model]
    began = time.monotonic()
    done = subprocess.run([*command, str(RECORDING)], check=True, stdout=subprocess.PIPE)
    seconds = time.monotonic() - began
    # Of all processes that ended, the speech child among them, the largest.
    peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    spoken = json.loads(done.stdout)["audio_ms"] / 1000
    print(f"transcribe {spoken:.1f} s with {model}: {seconds:.1f} s, at most {peak_kib // 1024} MiB")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(program, scratch):
    place = ["--data", f"{scratch}/data", "--key-file", f"{scratch}/site.key"]
    subprocess.run([program, "init", *place], check=True, stdout=subprocess.DEVNULL)
    address = f"127.0.0.1:{free_port()}"
    began = time.monotonic()
    server = subprocess.Popen([program, "serve", *place, "--listen", address])
    try:
        while not page(f"http://{address}/sign-in"):
            if server.poll() is not None or time.monotonic() - began > START_MAX_SECONDS:
                sys.exit("bench: the server did not show its first page")
            time.sleep(0.005)
        print(f"first page: {time.monotonic() - began:.2f} s after the start")
        time.sleep(2)  # what the start needed is given back
        status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
        kib = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
        print(f"idle server: {kib // 1024} MiB")
    finally:
        server.terminate()
        server.wait()


def page(address):
    try:
        return urllib.request.urlopen(address, timeout=5).status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


if __name__ == "__main__":
    program, model = os.path.abspath(sys.argv[1]), sys.argv[2]
    transcribe(program, model)
    with tempfile.TemporaryDirectory() as scratch:
        serve(program, scratch)
