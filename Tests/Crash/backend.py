"""A backend in a process of its own that knows which items it has said yes to, and is in changing moods.

The process obeys lines on its standard input and answers each with a line of JSON.
"""

import collections
import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Interop")]

import grpc  # noqa: E402
import numbered  # noqa: E402
from process import free_port  # noqa: E402
from sinks import Answer, GRPCSink, HTTPSink  # noqa: E402

RETRYABLE = (429, 502, 503, 504)
PERMANENT = (400, 401, 403, 404, 408, 413, 500)
_CODES = grpc.StatusCode
#: What gRPC says where HTTP has a status.
GRPC_CODES = {
    400: _CODES.INVALID_ARGUMENT, 401: _CODES.UNAUTHENTICATED, 403: _CODES.PERMISSION_DENIED,
    404: _CODES.UNIMPLEMENTED, 408: _CODES.FAILED_PRECONDITION, 413: _CODES.RESOURCE_EXHAUSTED,
    429: _CODES.RESOURCE_EXHAUSTED, 500: _CODES.INTERNAL, 502: _CODES.UNAVAILABLE, 503: _CODES.UNAVAILABLE,
    504: _CODES.DEADLINE_EXCEEDED,
}
#: ok, down (nothing listens), slow, flapping (up and down many times a second), refusing (every second request,
#: with all codes after which one tries again), rejecting (every fourth request, with all codes that are for good),
#: or one status.
MOODS = ("ok", "down", "slow", "flapping", "refusing", "rejecting")


class Recorder:
    """What the process has been told to do and has seen."""

    def __init__(self, kind, port):
        self.kind, self.port = kind, port
        self.lock = threading.Lock()  # of the server
        self.record = threading.Lock()
        self.mood = "ok"
        self.counts = collections.Counter()
        self.news = []
        self.altered = []
        self.answered = collections.Counter()
        self.server = None
        self.random = random.Random(port)
        self.open()
        threading.Thread(target=self.flap, daemon=True).start()

    def open(self):
        if self.server is None:
            base = GRPCSink if self.kind == "otlp_grpc" else HTTPSink
            recorder = self

            class Server(base):
                def take(self, received):
                    return recorder.take(received)

            self.server = Server(self.port)

    def close(self):
        if self.server is not None:
            self.server.close()
            self.server = None

    def set_mood(self, mood):
        with self.lock:
            self.mood = mood
            self.close() if mood == "down" else self.open()

    def flap(self):
        while True:
            time.sleep(self.random.uniform(0.03, 0.2))
            with self.lock:
                if self.mood == "flapping":
                    self.open() if self.server is None else self.close()

    def take(self, received):
        """Records a message that will be answered with success."""
        mood = self.mood
        if mood == "slow":
            time.sleep(self.random.uniform(0.02, 0.3))
        status = self.status(mood)
        with self.record:
            self.answered[status or 200] += 1
            if status is not None:
                return self.refusal(status)
            numbers, altered = numbered.read(received.message)
            self.altered += altered
            self.counts.update(numbers)
            self.news += numbers
            return Answer()

    def status(self, mood):
        """The status of a refusal; None is success."""
        if mood.isdigit():
            return int(mood)
        if mood == "refusing" and self.random.random() < 0.5:
            return self.random.choice(RETRYABLE)
        if mood == "rejecting" and self.random.random() < 0.25:
            return self.random.choice(PERMANENT)
        return None

    def refusal(self, status):
        wait = self.random.choice((None, 0, 1)) if status in (429, 503) else None
        if self.kind == "otlp_grpc":
            # Without RetryInfo, RESOURCE_EXHAUSTED would be for good.
            return Answer(GRPC_CODES[status], f"as {status}", retry_after=0.05 if status == 429 else None)
        return Answer(status, f"as {status}", retry_after=wait)

    def report(self):
        with self.record:
            news, self.news = self.news, []
            return {
                "news": news, "altered": self.altered, "items": self.counts.total(),
                "answered": dict(self.answered),
            }


def serve(kind, port):
    recorder = Recorder(kind, int(port))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        answer = recorder.report() if command == "report" else recorder.set_mood(words[0])
        print(json.dumps(answer), flush=True)


class Backend:
    """The other end: starts such a process and talks to it."""

    def __init__(self, kind):
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, __file__, kind, str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.numbers = set()
        self.altered = []
        self.items = 0
        self.answered = {}
        self._read()

    @property
    def duplicates(self):
        return self.items - len(self.numbers)

    def be(self, mood):
        self._ask(f"mood {mood}")

    def refresh(self):
        """Learns what the process has seen until now."""
        report = self._ask("report")
        self.numbers.update(report["news"])
        self.altered, self.items, self.answered = report["altered"], report["items"], report["answered"]
        return self.numbers

    def _ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the backend ended with {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()


if __name__ == "__main__":
    serve(*sys.argv[1:])
