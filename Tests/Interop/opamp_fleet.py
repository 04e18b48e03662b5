"""A fleet manager for the tests of its OpAMP side: `apus fleet serve`, and its HTTP API where a test needs an offer."""

import json
import os
import re
import subprocess
from pathlib import Path

import yaml
from process import READY, eventually, free_port, get, program


class FleetManager:
    def __init__(self, directory, auth="none", **agents):
        self.directory = Path(directory)
        self.state = self.directory / "state"
        self.port, self.api_port = free_port(), free_port()
        config = {
            "agents": {"endpoint": f"127.0.0.1:{self.port}", "auth": auth, **agents},
            "api": {"endpoint": f"127.0.0.1:{self.api_port}"},
            "logs": {"level": "debug"},
        }
        self.file = self.directory / "fleet.yaml"
        self.file.write_text(yaml.safe_dump(config, sort_keys=False))
        self.log_file = self.directory / "fleet.log"
        self.start()

    def start(self):
        with open(self.log_file, "ab") as log:
            begin = self.log_file.stat().st_size
            self.process = subprocess.Popen(
                [program(), "fleet", "serve", "--config", str(self.file)], stdin=subprocess.DEVNULL, stdout=log,
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

    def call(self, method, path, body=None, check=True):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        status, _, answer = get(
            self.api_port, path, method, headers, None if body is None else json.dumps(body))
        assert not check or 200 <= status < 300, f"{method} {path}: status {status}: {answer.decode()}"
        return json.loads(answer) if answer else None

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
            "blast_radius": {"max_agents": 100000}, **spec})
