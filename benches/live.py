"""Text while speaking, measured on this machine: live.py PROGRAM MODEL [SPEAKERS] [RECORDING…]

Starts a server on an empty site and lets several people dictate at the same time, each as fast as
they speak. Says how long after the end of a phrase its final text was there, how far partial text
was behind, and whether a sample was lost. Figures of processor time stand beside those of the
clock: on a machine that does something else as well, only they can be compared.
"""

import array
import ctypes
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import uuid

HERE = pathlib.Path(__file__).parent
OWN = [HERE.parent / "tests/data/reports/progress-note.flac"]
RATE = 16_000
BLOCK_SECONDS = 0.1
"""After a recording: longer than the pause that ends a phrase."""
GAP_SECONDS = 1.5
"""A pause that no listener takes for part of a phrase."""
PAUSE_SECONDS = 0.7
"""Louder than this is speech: 1 % of full scale."""
SPEECH = 327
GOALS = {"final, median": 1.2, "final, 95th percentile": 2.5, "partial behind, median": 1.0}


class Info(ctypes.Structure):
    """SF_INFO of libsndfile, which comes with PulseAudio."""

    _fields_ = [
        ("frames", ctypes.c_int64), ("samplerate", ctypes.c_int), ("channels", ctypes.c_int),
        ("format", ctypes.c_int), ("sections", ctypes.c_int), ("seekable", ctypes.c_int),
    ]


def samples_of(path):
    """The samples of a mono recording of 16 kHz."""
    library = ctypes.CDLL("libsndfile.so.1")
    library.sf_open.restype = ctypes.c_void_p
    info = Info()
    read = 0x10
    file = library.sf_open(str(path).encode(), read, ctypes.byref(info))
    if not file or (info.samplerate, info.channels) != (RATE, 1):
        sys.exit(f"bench: {path} is no mono recording of {RATE} Hz")
    samples = (ctypes.c_short * info.frames)()
    library.sf_readf_short(ctypes.c_void_p(file), samples, ctypes.c_int64(info.frames))
    library.sf_close(ctypes.c_void_p(file))
    return array.array("h", samples)


class Server:
    def __init__(self, program, model, scratch):
        self.environment = dict(
            os.environ,
            CHARTSCRIBE_DATA=f"{scratch}/data",
            CHARTSCRIBE_KEY_FILE=f"{scratch}/site.key",
        )
        run = lambda *args, **more: subprocess.run(
            [program, *args], check=True, env=self.environment, stdout=subprocess.PIPE, text=True, **more
        ).stdout
        run("init")
        run("user", "add", "ada", "--roles", "author", "--display-name=Ada", "--password-stdin",
            input="a password for the bench")
        self.token = run("user", "token", "ada", "--scopes", "dictate").strip()
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--model", model],
            env=self.environment, stderr=subprocess.PIPE, text=True,
        )
        for line in self.process.stderr:
            if "listening on http://" in line:
                self.address = line.split("http://")[1].strip()
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def connect(self):
        return http.client.HTTPConnection(self.address, timeout=60)

    def call(self, connection, path, body, key=None, kind="application/json"):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        if key:
            headers["Idempotency-Key"] = key
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {text[:200]}")
        return json.loads(text)


class Speaker(threading.Thread):
    """Speaks the recordings one after the other and notes when their words came back."""

    def __init__(self, server, recordings):
        super().__init__()
        self.server = server
        self.samples = array.array("h")
        self.ends = []
        for recording in recordings:
            self.samples.extend(recording)
            self.samples.extend(array.array("h", bytes(2 * int(GAP_SECONDS * RATE))))
        loud = 0
        for at, sample in enumerate(self.samples):
            if abs(sample) > SPEECH:
                if loud and at - loud > PAUSE_SECONDS * RATE:
                    self.ends.append(loud / RATE)
                loud = at
        self.ends.append(loud / RATE)
        self.finals, self.behind, self.kept_ms, self.had_text = [], [], 0, False

    def run(self):
        connection = self.server.connect()
        begun = self.server.call(connection, "/api/recordings", '{"work_type": "PN"}', key=str(uuid.uuid4()))
        path = f"/api/recordings/{begun['recording']}"
        if begun["live"]:
            time.sleep(8)  # the model is loaded while the speaker gets ready
        block = int(RATE * BLOCK_SECONDS)
        began, number, waiting = time.monotonic(), 0, list(self.ends)
        last_partial = None
        for at in range(0, len(self.samples), block):
            due = began + (at + block) / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            answer = self.server.call(
                connection, f"{path}/blocks/{number}", self.samples[at:at + block].tobytes(),
                kind="application/octet-stream",
            )
            number += 1
            now, text = time.monotonic() - began, answer["text"]
            if not text:
                continue
            self.had_text = True
            while waiting and text["through_ms"] / 1000 >= waiting[0]:
                self.finals.append(now - waiting.pop(0))
            if text["partial"] and text["partial"] != last_partial:
                last_partial = text["partial"]
                self.behind.append(now - text["heard_ms"] / 1000)
        received = self.server.call(connection, f"{path}/finish", json.dumps({"blocks": number}))
        self.kept_ms = received["duration_ms"]

    def lost_ms(self):
        return len(self.samples) * 1000 / RATE - self.kept_ms


def share(figures, part):
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * part))]


def main():
    program, model = os.path.abspath(sys.argv[1]), sys.argv[2]
    speakers = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    files = [pathlib.Path(name) for name in sys.argv[4:]] or OWN
    recordings = [samples_of(path) for path in files]
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(program, model, scratch)
        try:
            people = [Speaker(server, recordings) for _ in range(speakers)]
            began, cpu = time.monotonic(), cpu_of(server.process.pid)
            for person in people:
                person.start()
            for person in people:
                person.join()
            took, used = time.monotonic() - began, cpu_of(server.process.pid) - cpu
        finally:
            server.process.terminate()
            server.process.wait()
    with_text = [person for person in people if person.had_text]
    finals = [seconds for person in with_text for seconds in person.finals]
    behind = [seconds for person in with_text for seconds in person.behind]
    lost = sum(abs(person.lost_ms()) for person in people)
    print(f"{speakers} speakers for {took:.0f} s, {len(with_text)} with text, {lost:.0f} ms of audio lost")
    print(f"processor time of server and engines: {used:.0f} s, load of the machine {os.getloadavg()[0]:.1f}")
    if finals and behind:
        measured = {
            "final, median": share(finals, 0.5),
            "final, 95th percentile": share(finals, 0.95),
            "partial behind, median": share(behind, 0.5),
        }
        for name, seconds in measured.items():
            print(f"  {name}: {seconds:.2f} s (goal {GOALS[name]:.1f} s)")
        print(f"  of {len(finals)} phrases' ends and {len(behind)} partial texts")
    sys.exit(1 if lost >= 1 else 0)


def cpu_of(pid):
    """Seconds of processor time of a process and its children so far."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid or stat.parent.name == str(pid):
            total += int(fields[11]) + int(fields[12])
    return total / ticks


if __name__ == "__main__":
    main()
