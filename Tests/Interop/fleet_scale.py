"""A fleet manager and the simulator of Benchmarks/Fleet, which plays its agents; for tests and for Benchmarks/fleet.py."""

import contextlib
import hashlib
import http.client
import json
import math
import os
import re
import resource
import sqlite3
import subprocess
import time
from pathlib import Path

import yaml
from process import READY, REPOSITORY, eventually, free_port, program


def simulator_program():
    """The simulator: FLEET_SIMULATOR, or what was built last."""
    choices = [os.environ["FLEET_SIMULATOR"]] if "FLEET_SIMULATOR" in os.environ else [
        str(REPOSITORY / ".build" / kind / "fleet-simulator") for kind in ("release", "debug")]
    found = [path for path in choices if os.access(path, os.X_OK)]
    if not found:
        raise RuntimeError(f"no {' or '.join(choices)}; build it with: swift build --product fleet-simulator")
    return max(found, key=os.path.getmtime)


class Simulator:
    """The process with the agents: one command, one answer."""

    def __init__(self, port, agents, per_connection=1, pin=(), **options):
        self.agents, self.per_connection = agents, per_connection
        self.connections = math.ceil(agents / per_connection)
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items() if value is not True]
        arguments = [word for argument in arguments for word in argument.split("=", 1)]
        flags = [f"--{name}" for name, value in options.items() if value is True]
        self.events = []
        self.process = subprocess.Popen(
            [*pin, simulator_program(), "--port", str(port), "--agents", str(agents),
             "--agents-per-connection", str(per_connection), *arguments, *flags],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the simulator ended with {self.process.wait(5)}")
        return json.loads(line)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        while "event" in (answer := self._line()):
            self.events.append(answer)
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer

    def next_event(self):
        """The next thing that it tells by itself; waits for it."""
        if self.events:
            return self.events.pop(0)
        return self._line()

    @property
    def status(self):
        return self.ask("status")

    def agent(self, number):
        return self.ask("agent", number)

    def wait_for(self, condition, what, seconds=120):
        """The first status for which `condition` holds."""
        latest = {}

        def holds():
            latest.update(self.status)
            return latest if condition(latest) else None

        return eventually(holds, lambda: f"{what}; the simulator says {latest}", seconds)

    def wait_until_connected(self, seconds=120):
        return self.wait_for(
            lambda status: status["open"] == self.connections and status["introduced"] == self.agents,
            f"{self.agents} agents connected", seconds)

    def expect(self, environment, body, file):
        """What the agents of an environment are to get from now on; `all` is all of them."""
        file.write_text(body)
        self.ask("expect", environment, configuration_hash(body), file)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)


def configuration_hash(body, name="", content_type="text/yaml"):
    """The hash that the manager gives a configuration of one file."""
    digest = hashlib.sha256()
    for part in (name.encode(), content_type.encode(), body.encode()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def configuration(number, size=20 << 10):
    """A configuration of about `size` bytes."""
    lines = ["receivers:", "  otlp: {protocols: {grpc: {endpoint: 'localhost:4317'}}}", "exporters:"]
    total, index = 200, 0
    while total < size:
        lines.append(f"  otlp_grpc/{index}: {{endpoint: 'backend-{number}-{index}.example:4317'}}")
        total += len(lines[-1]) + 1
        index += 1
    lines.append("service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc/0]}}}")
    return "\n".join(lines) + "\n"


class Client:
    """Somebody who uses the API of a manager, over one connection."""

    def __init__(self, port, token):
        self.port, self.token, self.connection, self.used = port, token, None, 0.0

    def request(self, method, path, body=None):
        """Status and text of an answer."""
        # The manager does not keep a connection for long over which nobody says anything.
        if time.monotonic() - self.used > 10:
            self.hang_up()
        self.used = time.monotonic()
        if self.connection is None:
            self.fields = {
                "Authorization": f"Bearer {self.token.read_text().strip()}", "Content-Type": "application/json"}
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), self.fields)
            answer = self.connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.hang_up()
            raise

    def hang_up(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Manager:
    """A process of `apus fleet serve` with its API."""

    def __init__(self, directory, pin=(), **agents):
        self.directory, self.pin = Path(directory), pin
        self.state = self.directory / "state"
        self.port, self.api_port = free_port(), free_port()
        self.file = self.directory / "fleet.yaml"
        self.file.write_text(yaml.safe_dump({
            # The agents of a whole fleet have one address here.
            "agents": {"endpoint": f"127.0.0.1:{self.port}", "auth": "none", "max_unauthenticated_per_address": 0,
                       **agents},
            "api": {"endpoint": f"127.0.0.1:{self.api_port}"}}))
        self.log_file = self.directory / "fleet.log"
        self.client = Client(self.api_port, self.state / "admin.token")
        self.start()

    def start(self):
        with open(self.log_file, "ab") as log:
            begin = self.log_file.stat().st_size
            self.process = subprocess.Popen(
                [*self.pin, program(), "fleet", "serve", "--config", str(self.file), "--state-directory",
                 str(self.state)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory)
        eventually(lambda: READY in self.log[begin:] or self.process.poll() is not None, lambda: self.log[begin:], 60)
        assert self.process.poll() is None, self.log

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def stop(self):
        """As a service manager does it."""
        self.client.hang_up()
        self.process.terminate()
        assert self.process.wait(60) == 0, self.log[-20000:]

    def kill(self):
        """As a power cut does it."""
        self.client.hang_up()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(60)

    # The API.

    def request(self, method, path, body=None):
        """Status and text of an answer, over one connection that is kept."""
        return self.client.request(method, path, body)

    def ask(self, method, path, body=None):
        status, text = self.request(method, path, body)
        assert status in (200, 201, 202), f"{method} {path}: {status} {text}\n{self.log[-5000:]}"
        return self.finished(json.loads(text)) if status == 202 else json.loads(text)

    def finished(self, operation):
        """What a change that takes its time answers in the end."""
        done = eventually(
            lambda: (now := self.ask("GET", f"/v1/operations/{operation['id']}"))["done"] and now,
            f"the end of {operation}", 300)
        assert "error" not in done, done
        return done["response"]

    def summary(self):
        return self.ask("GET", "/v1/summary")

    def add_revision(self, name, body):
        """Adds a revision and returns what a rollout calls it."""
        revision = self.ask("POST", f"/v1/configs/{name}/revisions", {"body": body})
        return f"{name}@{revision['number']}"

    def roll_out(self, target, selector, bake="0s", gate=None, **more):
        """Begins to roll a revision out to all agents at once."""
        gate = {"min_healthy_time": "0s", "analysis": [], "max_lost": "100%", **(gate or {})}
        return self.ask("POST", "/v1/rollouts", {
            "selector": selector, "target": target, "plan": [{"size": "100%", "bake": bake}], "gate": gate,
            "validate": {"agents": 0}, "on_failure": "pause", **more})

    def rollout(self, identifier):
        return self.ask("GET", f"/v1/rollouts/{identifier}")

    def wait_for_rollout(self, identifier, state="succeeded", seconds=120):
        last = {}

        def over():
            last.update(self.rollout(identifier))
            return last["state"] == state

        eventually(over, lambda: f"rollout {identifier} {state}; it is {json.dumps(last)[:3000]}", seconds)

    # The process.

    def cpu(self):
        """Seconds of the processor so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Bytes of memory that are its own."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status).group(1)) * 1024

    def metric(self, name):
        """One number of the manager's own metrics."""
        status, text = self.request("GET", "/metrics")
        assert status == 200, text
        return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1))

    def database(self, query):
        """What the database of the manager answers, beside the manager."""
        place = f"file:{self.state / 'fleet.sqlite'}?mode=rw"
        with contextlib.closing(sqlite3.connect(place, uri=True, timeout=30)) as database:
            return database.execute(query).fetchall()

    def written_bytes(self):
        """Bytes that it had the system write to disks so far."""
        text = Path(f"/proc/{self.process.pid}/io").read_text()
        return int(re.search(r"^write_bytes: (\d+)", text, re.MULTILINE).group(1))


def descriptors():
    """How many files one process may have open, after asking for as many as there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (1_048_576, hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
            break
        except (ValueError, OSError):
            continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
