"""The fleet manager's API as programs see it: tokens, the description held against the process, events, secrets."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from process import REPOSITORY, command, eventually, free_port, program

DRAFT = "receivers: {otlp: {protocols: {grpc: }}}\nexporters: {debug: }\n" \
    "service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}\n"


class Manager:
    """One fleet manager: its process, its API, and the commands about it."""

    def __init__(self, directory, **settings):
        self.directory = directory
        self.port, self.agents = free_port(), free_port()
        self.state = directory / "state"
        settings.setdefault("agents", {}).setdefault("endpoint", f"127.0.0.1:{self.agents}")
        settings.setdefault("api", {}).setdefault("endpoint", f"127.0.0.1:{self.port}")
        self.file = directory / "fleet.yaml"
        self.file.write_text(yaml.safe_dump(settings))
        self.log_file = directory / "fleet.log"
        self.start()

    def start(self):
        page = {name: value for name, value in os.environ.items() if name == "APUS_WEB_STATIC"}
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [program(), "fleet", "serve", "--config", str(self.file)], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={"STATE_DIRECTORY": str(self.state), "PATH": "/usr/bin:/bin", **page}, cwd=self.directory)
        eventually(lambda: self.is_ready() or self.process.poll() is not None, lambda: self.log, 60)
        assert self.process.poll() is None, self.log

    def is_ready(self):
        try:
            return self.request("GET", "/readyz", token="")[0] == 200
        except OSError:
            return False

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    @property
    def token(self):
        return (self.state / "admin.token").read_text().strip()

    def request(self, method, path, body=None, token=None, **fields):
        """Status, fields and text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if token != "":
            headers["authorization"] = f"Bearer {token or self.token}"
        if body is not None:
            headers.setdefault("content-type", "application/json")
            body = body if isinstance(body, str) else json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def json(self, method, path, body=None, status=200, **fields):
        found, _, text = self.request(method, path, body, **fields)
        assert found == status, f"{found}\n{text}\n{self.log}"
        return json.loads(text)

    def run(self, *arguments, check=0, token=None, env=None):
        """A command of `apus fleet` about this manager."""
        return command(
            "fleet", *arguments, "--address", f"127.0.0.1:{self.port}", check=check,
            env={"APUS_FLEET_TOKEN": token or self.token, **(env or {})})

    def text(self, *arguments, check=0, **options):
        return self.run(*arguments, check=check, **options).stdout

    def shown(self, *arguments, check=0, **options):
        return json.loads(self.run(*arguments, "-o", "json", check=check, **options).stdout)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.wait(30) == 0, self.log


@pytest.fixture
def manager(tmp_path):
    """Starts fleet managers; they end with the test."""
    started = []

    def manager(**settings):
        directory = tmp_path / f"manager-{len(started)}"
        directory.mkdir()
        started.append(Manager(directory, **settings))
        return started[-1]

    yield manager
    for one in started:
        one.process.kill()
        one.process.wait(10)
        print(one.log)


def test_the_description_holds(manager, tmp_path):
    api = manager()
    api.text("configs", "push", "edge", file_with(tmp_path, "edge.yaml", DRAFT))
    api.json("PUT", "/v1/groups/edge", {"selector": "env=prod"}, status=201, if_none_match="*")
    api.json("PUT", "/v1/values/backend", {"value": "a:1"}, status=201, if_none_match="*")
    api.json("PUT", "/v1/plans/careful", {"stages": [{"size": 1}]}, status=201, if_none_match="*")
    token = api.json("POST", "/v1/tokens", {"name": "tester", "roles": ["admin"]}, status=201)["token"]
    settings = tmp_path / "schemathesis.toml"
    # Refusals that the tool does not count among those of a request that does not keep to the description.
    settings.write_text(
        "[checks.negative_data_rejection]\n"
        'expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428", "431"]\n')
    done = subprocess.run(
        [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(settings), "run",
         str(REPOSITORY / "openapi/fleet.yaml"), "--url", f"http://127.0.0.1:{api.port}",
         "--header", f"Authorization: Bearer {token}", "--seed", "1", "--generation-database", "none",
         "--max-time", "60", "--max-examples", "20", "--phases", "examples,coverage,fuzzing",
         # What is a valid configuration is more than a schema can say; and those who try again and again without
         # a token are slowed down with 429, which other tests look at.
         "--exclude-checks", "positive_data_acceptance,ignored_auth,missing_required_header",
         # It could take away the token that asks.
         "--exclude-operation-id", "revokeToken", "--continue-on-failure", "--no-color"],
        capture_output=True, text=True, timeout=300, cwd=tmp_path)
    print("\n".join(line[:500] for line in (done.stdout + done.stderr).splitlines())[-30000:])
    assert done.returncode == 0
    assert api.process.poll() is None
    assert api.json("GET", "/v1/audit/verification", token=token)["whole"] is True


def test_who_asks_shows_a_token_on_loopback_too(manager):
    api = manager()
    status, fields, text = api.request("GET", "/v1/agents", token="")
    assert status == 401 and fields["www-authenticate"].startswith("Bearer") and json.loads(text)["status"] == 401
    assert api.request("GET", "/v1/agents", token="apus_user_x_y")[0] == 401
    assert api.request("GET", "/v1/agents")[0] == 200
    assert (api.state / "admin.token").stat().st_mode & 0o777 == 0o600
    viewer = api.json("POST", "/v1/tokens", {"name": "viewer", "roles": ["viewer"]}, status=201)["token"]
    assert api.json("GET", "/v1/agents", token=viewer)["agents"] == []
    status, _, text = api.request("PUT", "/v1/values/x", {"value": 1}, token=viewer, if_none_match="*")
    assert status == 403 and json.loads(text)["type"] == "urn:apus:problem:permission"
    assert api.request("GET", "/v1/agents", host="evil.example")[0] == 403
    assert api.request("GET", "/v1/agents", origin="http://evil.example")[0] == 403
    # What agents come with opens nothing here.
    enrollment = api.json("POST", "/v1/enrollment-tokens", {"name": "edge"}, status=201)["token"]
    assert api.request("GET", "/v1/agents", token=enrollment)[0] == 401
    for secret in (viewer, enrollment, api.token):
        assert secret not in api.log and secret not in api.request("GET", "/v1/audit/export")[2]


def test_what_is_written_is_there_after_a_restart(manager):
    api = manager()
    api.json("POST", "/v1/configs/edge/revisions", {"body": DRAFT}, status=201)
    api.json("PUT", "/v1/groups/edge", {"selector": "env=prod"}, status=201, if_none_match="*")
    token = api.token
    api.stop()
    api.start()
    assert api.token == token
    assert api.json("GET", "/v1/configs")["configs"][0]["name"] == "edge"
    assert api.json("GET", "/v1/groups/edge")["selector"] == "env=prod"
    verification = api.json("GET", "/v1/audit/verification")
    assert verification["whole"] is True and verification["entries"] >= 2


def test_events_are_followed_by_a_client_of_server_sent_events(manager):
    api = manager()
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=30)
    connection.request(
        "GET", "/v1/events", headers={"authorization": f"Bearer {api.token}", "accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.status == 200 and answer.headers["content-type"] == "text/event-stream"
    api.json("POST", "/v1/tokens", {"name": "one", "roles": ["viewer"]}, status=201)
    api.json("PUT", "/v1/groups/edge", {"selector": ""}, status=201, if_none_match="*")
    lines = []
    while not any(line.startswith("data: ") and "group.changed" in line for line in lines):
        lines.append(answer.fp.readline().decode().rstrip())
    assert any(line.startswith("id: ") for line in lines)
    connection.close()


def file_with(directory, name, text):
    file = directory / name
    file.write_text(text)
    return file
