"""A fleet manager for the tests of its OpAMP side: `apus fleet serve`, and its HTTP API where a test needs an offer."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from opamp_agent import HTTPAgent, WebSocketAgent
from process import READY, eventually, free_port, get, program


class FleetManager:
    #: Further options of `apus fleet serve`.
    options = ()

    def __init__(self, directory, auth="none", packages=None, **agents):
        self.directory = Path(directory)
        self.state = self.directory / "state"
        self.port, self.api_port = free_port(), free_port()
        config = {
            "agents": {"endpoint": f"127.0.0.1:{self.port}", "auth": auth, **agents},
            "api": {"endpoint": f"127.0.0.1:{self.api_port}"},
            "logs": {"level": "debug"},
        }
        if packages:
            config["packages"] = packages
        self.file = self.directory / "fleet.yaml"
        self.file.write_text(yaml.safe_dump(config, sort_keys=False))
        self.log_file = self.directory / "fleet.log"
        self.start()

    def start(self):
        with open(self.log_file, "ab") as log:
            begin = self.log_file.stat().st_size
            self.process = subprocess.Popen(
                [program(), "fleet", "serve", "--config", str(self.file), *self.options], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd=self.directory,
                env={**os.environ, "XDG_STATE_HOME": str(self.state), "HOME": str(self.directory)})
        eventually(
            lambda: READY in self.log[begin:] or self.process.poll() is not None, lambda: self.log, 60)
        assert self.process.poll() is None, self.log

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.wait(30) == 0, self.log

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    # The HTTP API.

    @property
    def token(self):
        """The first administrator's token: the manager says in which file it is."""
        files = [
            path for path in self.state.rglob("*") if path.is_file() and "token" in path.name]
        assert len(files) == 1, f"{files}\n{self.log}"
        return files[0].read_text().strip()

    def call(self, method, path, body=None, check=True, token=None):
        """The answer; of what takes its time, when it is there."""
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        status, fields, answer = get(
            self.api_port, path, method, headers, None if body is None else json.dumps(body))
        if status == 202:
            return self.outcome(fields["location"], headers, check)
        assert not check or 200 <= status < 300, f"{method} {path}: status {status}: {answer.decode()}"
        return json.loads(answer) if answer else None

    def outcome(self, path, headers, check):
        def done():
            operation = json.loads(get(self.api_port, path, headers=headers)[2])
            return operation if operation["done"] else time.sleep(0.1)

        operation = eventually(done, lambda: self.log, 60)
        assert not check or "error" not in operation, operation
        return operation.get("response") or operation.get("error")

    def call_text(self, path):
        status, _, answer = get(self.api_port, path, headers={"Authorization": f"Bearer {self.token}"})
        assert status == 200, answer
        return answer.decode()

    def agent(self, agent):
        return self.call("GET", f"/v1/agents/{agent.text}")

    def roll_out(self, body, name="sample", selector="", **spec):
        """Makes a revision of one file and rolls it out to everybody at once; returns the rollout."""
        made = self.call(
            "POST", f"/v1/configs/{name}/revisions",
            {"files": [{"name": "", "type": "text/yaml", "body": body}], "message": "for a test"})
        number = made.get("number") or int(re.search(r"@(\d+)", json.dumps(made)).group(1))
        return self.call("POST", "/v1/rollouts", {
            "target": f"{name}@{number}", "selector": selector, "plan": [{"name": "all", "size": "100%"}],
            # What is rolled out for one test is nothing to the agents of the next.
            "blast_radius": {"max_agents": 100000}, "late_joiners": "ignore", **spec})


def is_empty(answer):
    """Whether nothing but the id is in an answer, and what the server can do."""
    parts = {field.name for field, _ in answer.ListFields()}
    return parts <= {"instance_uid", "capabilities", "custom_capabilities"}


#: A configuration of 5 KB, and the same without its comment.
BIG = "receivers:\n  otlp:\n    protocols:\n      grpc:\n        endpoint: localhost:4317\n" \
    "exporters:\n  debug:\nservice:\n  pipelines:\n    traces:\n      receivers: [otlp]\n      exporters: [debug]\n" \
    + "# " + "long " * 1000 + "\n"
SMALL = BIG[:BIG.index("#")]


# What the tests share; they import what they use.


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """A manager that all tests of this file share; each has agents of its own."""
    fleet = FleetManager(tmp_path_factory.mktemp("fleet"), max_message_size_mib=1)
    yield fleet
    log = fleet.log
    try:
        fleet.stop()
    except Exception:
        fleet.kill()
        raise
    finally:
        print(log[-20000:])


@pytest.fixture(params=[WebSocketAgent, HTTPAgent], ids=["ws", "http"])
def agent(request, fleet, afterwards):
    """An agent of each transport."""
    agent = request.param(fleet.port)
    if isinstance(agent, WebSocketAgent):
        afterwards.callback(agent.close)
    return agent


@pytest.fixture
def socket_agent(fleet, afterwards):
    def make(**options):
        agent = WebSocketAgent(fleet.port, **options)
        afterwards.callback(agent.close)
        return agent

    return make
