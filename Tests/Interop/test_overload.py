"""Many times more than the backend takes, for a long time: the memory stays within bounds and nothing is lost.

The suite runs it for a few seconds. The long form, ten minutes each: OVERLOAD_SECONDS=600 pytest -s test_overload.py
"""

import copy
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import to_grpc, to_http
from process import eventually

SECONDS = float(os.environ.get("OVERLOAD_SECONDS", 12))
LIMIT = 128 << 20
TOLERANCE = 1.3
SETTINGS = {"check_interval": "1s", "limit_mib": LIMIT >> 20}
#: A queue without bounds of its own, and attempts until the backend is there.
PATIENT = {
    "timeout": "2s", "compression": "none",
    "sending_queue": {"queue_size": 1_000_000_000, "num_consumers": 10},
    "retry_on_failure": {"initial_interval": "100ms", "max_interval": "1s", "max_elapsed_time": "0s"},
}
#: Name, protocol, bytes of a message, compression, connections.
SENDERS = [
    ("small", "http", 300, None, 4), ("medium", "http", 60_000, None, 4), ("large", "http", 2_000_000, None, 2),
    ("packed", "http", 4_000_000, "gzip", 2), ("calls", "grpc", 300, None, 4), ("big-calls", "grpc", 500_000, None, 4),
]


class Backend:
    """Takes requests and answers none of them, or each after `delay` seconds, until it is told to answer at once;
    remembers the names it has answered for. Without `reads` it leaves requests in its sockets until then."""

    def __init__(self, delay=None, reads=True):
        backend, self.names, self.answers = self, set(), threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                if not reads and not backend.answers.wait(5):
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers["content-length"]))
                if not backend.answers.wait(5 if delay is None else delay) and delay is None:
                    self.close_connection = True
                    return
                backend.names.update(name.decode() for name in re.findall(rb"<[a-z-]+\.\d+\.\d+>", body))
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.answers.set()
        self.server.shutdown()
        self.server.server_close()


class Observer(threading.Thread):
    """Looks at the size of the process ten times a second, and whether it still answers others."""

    def __init__(self, apus):
        super().__init__(daemon=True)
        self.apus, self.sizes, self.states, self.over = apus, [], [], threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            self.sizes.append(self.apus.rss())
            if len(self.sizes) % 10 == 0:
                self.states.append((
                    self.apus.metric("apus_memory_state"), self.apus.metric("apus_telemetry_memory_bytes")))

    def stop(self):
        self.over.set()
        self.join()


def run_senders(apus):
    """Runs all senders to their end; what became of their messages, by sender."""
    program = Path(__file__).with_name("flood.py")
    running = {}
    for name, protocol, size, compression, connections in SENDERS:
        address = apus.grpc if protocol == "grpc" else apus.http
        arguments = [
            "--protocol", protocol, "--address", address, "--name", name, "--size", size, "--seconds", SECONDS,
            "--connections", connections, *(["--compression", compression] if compression else [])]
        running[name] = subprocess.Popen(
            [sys.executable, program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    return {name: json.loads(process.communicate(timeout=SECONDS + 120)[0]) for name, process in running.items()}


def mebibytes(size):
    return f"{size / (1 << 20):.0f} MiB"


def check_overload(apus, backend):
    observer = Observer(apus)
    observer.start()
    results = run_senders(apus)
    observer.stop()
    refused = apus.metric("apus_receiver_refused_requests", reason="memory")
    acknowledged = {name for result in results.values() for name in result["acknowledged"]}
    highest = max(observer.sizes)
    for name, result in results.items():
        print(f"{name}: {result['counts']} {result['errors']}")
    requests = sum(sum(result["counts"].values()) for result in results.values())
    sizes = {name: size for name, _, size, _, _ in SENDERS}
    offered = sum(sizes[name] * sum(result["counts"].values()) for name, result in results.items())
    taken = sum(sizes[name] * len(result["acknowledged"]) for name, result in results.items())
    print(
        f"{requests} requests with {mebibytes(offered)} in {SECONDS:.0f} s, {len(acknowledged)} with {mebibytes(taken)} "
        f"acknowledged ({offered / taken:.0f} times as much was offered), {refused:.0f} refused unread; limit "
        f"{mebibytes(LIMIT)}, resident at most {mebibytes(highest)} ({highest / LIMIT:.2f} of the limit), telemetry "
        f"at most {mebibytes(max(live for _, live in observer.states))}")
    tenth = max(1, len(observer.sizes) // 10)
    highs = [max(observer.sizes[begin:begin + tenth]) for begin in range(0, len(observer.sizes), tenth)]
    print(f"resident at most, by tenths of the time: {', '.join(mebibytes(size) for size in highs)}")
    assert highest <= TOLERANCE * LIMIT
    assert acknowledged, "something fits"
    assert refused > 0, "requests are refused before they are read"
    for name, result in results.items():
        unexpected = set(result["counts"]) - {"acknowledged", "refused"}
        assert not unexpected, f"{name} got other answers than success and try again later: {result}"

    backend.answers.set()
    eventually(
        lambda: acknowledged <= backend.names,
        lambda: f"everything acknowledged to arrive; missing: {sorted(acknowledged - backend.names)[:5]} of "
        f"{len(acknowledged - backend.names)}", 60 + SECONDS / 5)
    eventually(lambda: apus.metric("apus_memory_state") == 0, "room again")
    assert apus.stop() == 0


@pytest.mark.parametrize("reads", [True, False], ids=["silent", "unread"])
def test_overload_of_a_backend_that_does_not_answer(start, afterwards, reads):
    backend = Backend(reads=reads)
    afterwards.callback(backend.close)
    apus = start(
        to_http(backend.url, **PATIENT), processors={"memory_limiter": SETTINGS}, signals=["logs"], level="info")
    check_overload(apus, backend)


def test_overload_of_a_slow_backend(start, afterwards):
    """Memory is used again and again for requests of all sizes; the extension limits it, without a pipeline's step."""
    backend = Backend(delay=0.05)
    afterwards.callback(backend.close)
    apus = start(
        to_http(backend.url, **PATIENT), extensions={"memory_limiter": SETTINGS}, signals=["logs"], level="info")
    check_overload(apus, backend)


@pytest.mark.parametrize("kind", ["extensions", "processors"])
def test_a_reload_replaces_the_limits(start, grpc_sink, kind):
    apus = start(to_grpc(grpc_sink), **{kind: {"memory_limiter": {"check_interval": "1s", "limit_mib": 100}}})
    limits = {"soft": 80 << 20, "hard": 100 << 20}
    assert {name: apus.metric("apus_memory_limit_bytes", limit=name) for name in limits} == limits
    config = copy.deepcopy(apus.config)
    config[kind]["memory_limiter"]["limit_mib"] = 200
    reload(apus, config)
    apus.wait_for_metric("apus_memory_limit_bytes", 200 << 20, limit="hard")
    config[kind] = {}
    config["service"]["extensions"] = []
    for pipeline in config["service"]["pipelines"].values():
        pipeline["processors"] = []
    reload(apus, config)
    apus.wait_for_metric("apus_memory_limit_bytes", 0, limit="hard")


def reload(apus, config):
    begin = len(apus.log)
    apus.write(config)
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs", begin=begin)
