"""Text while speaking, measured on this machine:
live.py PROGRAM MODEL [SPEAKERS] [RECORDING or FOLDER or SECONDS…]

Starts a server on an empty site and lets one person dictate, then four at the same time (or as
many as are named), each as fast as they speak, over the channel that the page uses and with its
blocks. Says how long after the end of a phrase its final text was there, how far partial text was
behind, and whether a sample was lost. Figures of processor time stand beside those of the clock:
on a machine that does something else as well, only they can be compared. Of a folder its
recordings are taken in order, up to SECONDS of sound if a number is given.

Needs `websocket-client`, which `make bench-live` installs.
"""

import array
import ctypes
import http.client
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import websocket

HERE = pathlib.Path(__file__).parent
OWN = [HERE.parent / "tests/data/reports/progress-note.flac"]
RATE = 16_000
"""As in `dictate/capture.ts`."""
BLOCK_SECONDS = 0.1
"""After a recording: longer than the pause that ends a phrase."""
GAP_SECONDS = 1.5
"""A pause that no listener takes for part of a phrase."""
PATIENCE_SECONDS = 20
"""So long the words of the last phrase are waited for."""
PAUSE_SECONDS = 0.7
"""Louder than this is speech: 1 % of full scale."""
SPEECH = 327
GOALS = {"final, median": 1.2, "final, 95th percentile": 2.5, "partial behind, median": 1.0}
SLOWEST = 5
"""So many of the slowest phrases are named."""


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
        else:
            sys.exit("bench: the server did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def call(self, path, body, key=None):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
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
        self.waiting, self.partial, self.kept, self.began = [], None, 0, 0.0

    def run(self):
        begun = self.server.call("/api/recordings", '{"work_type": "PN"}', key=str(uuid.uuid4()))
        path = f"/api/recordings/{begun['recording']}"
        if begun["live"]:
            time.sleep(8)  # the model is loaded while the speaker gets ready
        channel = websocket.create_connection(
            f"ws://{self.server.address}{path}/stream",
            header=[f"Authorization: Bearer {self.server.token}"], suppress_origin=True,
        )
        self.waiting, self.began = list(self.ends), time.monotonic()
        listener = threading.Thread(target=self.listen, args=[channel], daemon=True)
        listener.start()
        blocks = self.speak(channel)
        while self.kept < len(self.samples) or self.is_behind(time.monotonic() - self.began):
            if not listener.is_alive():
                raise RuntimeError("the server closed the channel")
            time.sleep(0.05)
        received = self.server.call(f"{path}/finish", json.dumps({"blocks": blocks}))
        self.kept_ms = received["duration_ms"]
        channel.close()

    def speak(self, channel):
        """Sends the blocks as fast as they are spoken; answers how many."""
        block, count = int(RATE * BLOCK_SECONDS), 0
        for at in range(0, len(self.samples), block):
            due = self.began + (count + 1) * BLOCK_SECONDS
            time.sleep(max(0.0, due - time.monotonic()))
            samples = self.samples[at:at + block].tobytes()
            channel.send_binary(count.to_bytes(8, "little") + samples)
            count += 1
        return count

    def listen(self, channel):
        """Notes what the server says, until the channel is closed."""
        while True:
            try:
                said = json.loads(channel.recv())
            except (websocket.WebSocketException, OSError, ValueError):
                return
            if said["type"] == "text":
                self.note(time.monotonic() - self.began, said)
            elif said["type"] == "kept":
                self.kept = said["samples"]
            elif said["type"] == "refused":
                return

    def is_behind(self, now):
        """Whether words are still on their way, after all was said."""
        return self.had_text and bool(self.waiting) and now < self.ends[-1] + PATIENCE_SECONDS

    def note(self, now, text):
        self.had_text = True
        while self.waiting and text["through_ms"] / 1000 >= self.waiting[0]:
            self.finals.append((now - self.waiting[0], self.waiting.pop(0)))
        if text["partial"] and text["partial"] != self.partial:
            self.partial = text["partial"]
            self.behind.append(now - text["heard_ms"] / 1000)

    def lost_ms(self):
        return math.ceil(len(self.samples) * 1000 / RATE) - self.kept_ms


def share(figures, part):
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * part))]


def main():
    program, model, *rest = sys.argv[1:]
    counts = [int(rest.pop(0))] if rest and rest[0].isdigit() else [1, 4]
    recordings = chosen(rest) or [samples_of(path) for path in OWN]
    lost = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(os.path.abspath(program), model, scratch)
        try:
            for count in counts:
                # Several at once are measured by one recording: it is about the samples.
                lost += measure(server, recordings if count == 1 else recordings[:4], count)
        finally:
            server.process.terminate()
            server.process.wait()
    sys.exit(1 if lost >= 1 else 0)


def chosen(words):
    """The recordings of files and folders, up to a number of seconds."""
    seconds = next((int(word) for word in words if word.isdigit()), None)
    paths = []
    for path in (pathlib.Path(word) for word in words if not word.isdigit()):
        paths += sorted(path.glob("*.flac")) if path.is_dir() else [path]
    recordings, total = [], 0.0
    for path in paths:
        if seconds is not None and total >= seconds:
            break
        recordings.append(samples_of(path))
        total += len(recordings[-1]) / RATE
    return recordings


def measure(server, recordings, speakers):
    """Lets them speak and says what was measured; returns the milliseconds that were lost."""
    people = [Speaker(server, recordings) for _ in range(speakers)]
    began, cpu = time.monotonic(), cpu_of(server.process.pid)
    for person in people:
        person.start()
    for person in people:
        person.join()
    took, used = time.monotonic() - began, cpu_of(server.process.pid) - cpu
    with_text = [person for person in people if person.had_text]
    finals = [final for person in with_text for final in person.finals]
    behind = [seconds for person in with_text for seconds in person.behind]
    lost = sum(abs(person.lost_ms()) for person in people)
    print(f"{speakers} speakers for {took:.0f} s, {len(with_text)} with text, {lost:.0f} ms of audio lost")
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"processor time of server and engines: {used:.0f} s, load of the machine {load}")
    if finals and behind:
        waits = [wait for wait, _ in finals]
        measured = {
            "final, median": share(waits, 0.5),
            "final, 95th percentile": share(waits, 0.95),
            "partial behind, median": share(behind, 0.5),
        }
        for name, seconds in measured.items():
            print(f"  {name}: {seconds:.2f} s (goal {GOALS[name]:.1f} s)")
        print(f"  of {len(finals)} phrases' ends and {len(behind)} partial texts")
        slowest = sorted(finals, reverse=True)[:SLOWEST]
        print("  slowest: " + ", ".join(f"{wait:.1f} s at {end:.1f} s" for wait, end in slowest))
    return lost


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
