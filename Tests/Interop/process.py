"""Runs Apus as a user would: a file with a configuration, a process, its log."""

import os
import random
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import http.client
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
READY = "ready: "
START_DEADLINE = 60
_taken = set()


def program():
    """The program under test: APUS, or what was built last."""
    choices = [os.environ["APUS"]] if "APUS" in os.environ else [
        str(REPOSITORY / ".build" / kind / "apus") for kind in ("release", "debug")
    ]
    found = [path for path in choices if os.access(path, os.X_OK)]
    if not found:
        raise RuntimeError(f"no program to test at {' or '.join(choices)}; build it with: swift build --product apus")
    return max(found, key=os.path.getmtime)


def own_ports():
    """Ports outside the range from which the system gives some to clients; processes that test at once share none."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = 17000 // count
    return range(15000 + worker * size, 15000 + (worker + 1) * size)


def free_port():
    """A port of ours nobody listens on."""
    while True:
        port = random.choice(own_ports())
        if port in _taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _taken.add(port)
        return port


def eventually(condition, what, seconds=20):
    """The first true value of `condition()`; fails when there is none within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)


def command(*arguments, check=None, env=None, cwd=None):
    """Runs a command of Apus that ends by itself."""
    done = subprocess.run(
        [program(), *map(str, arguments)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})}, cwd=cwd)
    if check is not None:
        assert done.returncode == check, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class Apus:
    """One running process."""

    killed = False

    def __init__(self, config, directory, ports=None, env=None, arguments=()):
        self.directory = directory
        self.ports = ports or {}
        self.file = directory / "apus.yaml"
        self.write(config)
        self.log_file = directory / "apus.log"
        # Many run at the same time, and its usual place is one for all of them.
        if "--admin" not in arguments:
            arguments = (*arguments, "--admin", "none")
        begin = time.monotonic()
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [program(), "--config", str(self.file), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                # What a collector remembers is its own, and not that of the user who runs the tests.
                env={**os.environ, "XDG_STATE_HOME": str(directory / "state-home"), **(env or {})}, cwd=directory)
        try:
            eventually(lambda: READY in self.log or self.process.poll() is not None, lambda: self.log, START_DEADLINE)
        except AssertionError:
            self.kill()
            raise
        if READY not in self.log:
            raise AssertionError(f"Apus ended with {self.process.returncode} instead of starting:\n{self.log}")
        self.start_seconds = time.monotonic() - begin

    def write(self, config):
        """Replaces the configuration file."""
        self.config = config
        self.file.write_text(config if isinstance(config, str) else yaml.safe_dump(config, sort_keys=False))

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def wait_for_log(self, pattern, seconds=20, begin=0):
        return eventually(
            lambda: re.search(pattern, self.log[begin:]), lambda: f"/{pattern}/ in the log:\n{self.log}", seconds)

    @property
    def grpc(self):
        return f"127.0.0.1:{self.ports['grpc']}"

    @property
    def http(self):
        return f"127.0.0.1:{self.ports['http']}"

    @property
    def is_running(self):
        return self.process.poll() is None

    def rss(self):
        """Resident memory in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=45):
        """Stops it as a service manager does and returns its exit code."""
        if self.is_running:
            self.signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        assert "the ledger does not balance" not in self.log, self.log
        return code

    def kill(self):
        """Ends it as a power cut does; that it ended by a signal is no failure then."""
        if self.is_running:
            self.killed = True
            self.process.kill()
        self.process.wait(10)

    def receipts(self):
        """The lines of the receipt: {(pipeline, destination): {delivered, rejected, dropped, lost}}."""
        found = {}
        for line in self.log.splitlines():
            fields = dict(re.findall(r'"([\w-]+)": ?"([^"]*)"', line))
            if "\treceipt\t" in line:
                key = (fields.pop("pipeline"), fields.pop("destination"))
                found[key] = {name: int(value) for name, value in fields.items()}
        return found

    def metrics(self):
        """The page of own metrics: {(name, ((label, value), …)): value}."""
        status, _, body = get(self.ports["metrics"], "/metrics")
        assert status == 200, body
        found = {}
        for line in body.decode().splitlines():
            if line and not line.startswith("#"):
                name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
                pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")
                found[name, tuple(sorted(pairs))] = float(value)
        return found

    def metric(self, name, **labels):
        """The sum of all series of `name` that have these labels; 0 when there is none."""
        wanted = set(labels.items())
        return sum(value for (other, pairs), value in self.metrics().items() if other == name and wanted <= set(pairs))

    def wait_for_metric(self, name, value, seconds=20, **labels):
        eventually(
            lambda: self.metric(name, **labels) == value,
            lambda: f"{name}{labels} = {value}; it is {self.metric(name, **labels)}", seconds)


def get(port, path="/", method="GET", headers=None, body=None):
    """One HTTP request to this machine: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()
