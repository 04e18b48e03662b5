"""Changes over the admin API: what comes back by itself, what outlives the process, what the policy forbids."""

import http.client
import json
import signal
import socket

import pytest
from process import command, eventually
from test_control import agent, begin, ports  # noqa: F401 (fixtures)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket, where the user who runs Apus needs no token."""

    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(self.path))


class Api:
    def __init__(self, path):
        self.path = path

    def call(self, method, path, body=None, expected=200, kind="application/json"):
        connection = UnixConnection(self.path)
        fields = {} if method == "GET" else {"If-Match": "*", "Content-Type": kind}
        connection.request(method, path, None if body is None else json.dumps(body), fields)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == expected, f"{answer.status}: {text}"
        return json.loads(text) if text else None

    def merge(self, patch, query="", expected=200):
        return self.call("PATCH", "/v1/config" + query, patch, expected, "application/merge-patch+json")

    @property
    def state(self):
        return self.call("GET", "/v1/config/state")

    @property
    def verbosity(self):
        tree = self.call("GET", "/v1/config?view=effective")
        return tree["exporters"]["debug"]["verbosity"]


@pytest.fixture
def start(begin, tmp_path):  # noqa: F811
    def start(config=None, arguments=()):
        path = tmp_path / "admin.sock"
        apus = begin(config, arguments=("--admin", f"unix://{path}", *arguments))
        return apus, Api(path)

    return start


VERBOSE = {"exporters": {"debug": {"verbosity": "detailed"}}}


def test_a_change_that_nobody_confirms_comes_back_by_itself(start):
    apus, api = start()
    api.merge(VERBOSE, "?confirm_within=2s")
    assert api.verbosity == "detailed"
    eventually(lambda: api.verbosity == "basic", lambda: apus.log)
    assert "not confirmed within" in apus.log
    assert apus.stop() == 0


def test_a_change_that_was_not_confirmed_is_gone_after_a_kill(start):
    apus, api = start()
    api.merge(VERBOSE, "?confirm_within=10m")
    apus.kill()
    apus, api = start()
    assert api.verbosity == "basic"
    assert "was not confirmed when the process ended" in apus.log
    assert apus.stop() == 0


def test_a_change_that_was_not_confirmed_goes_on_waiting_after_a_stop(start):
    apus, api = start()
    api.merge(VERBOSE, "?confirm_within=10m")
    assert apus.stop() == 0
    apus, api = start()
    assert api.verbosity == "detailed"
    assert "waits to be confirmed" in apus.log
    assert apus.stop() == 0


def test_a_confirmed_change_wins_over_the_file_until_it_is_read_again(start, ports):  # noqa: F811
    apus, api = start()
    api.merge(VERBOSE)
    apus.kill()
    apus, api = start(agent(ports, "normal"))
    assert api.verbosity == "detailed"
    assert "the sources have changed" in apus.log
    position = len(apus.log)
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs", begin=position)
    assert api.verbosity == "normal"
    assert apus.stop() == 0
    apus, api = start()
    assert api.verbosity == "normal"


def test_the_policy_forbids_what_a_change_brings_in(start, tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text("components: {exporters: {deny: [otlp_http]}}\n")
    apus, api = start(arguments=("--policy", str(policy)))
    for exporters in (
            {"otlp_grpc": {"endpoint": "http://169.254.169.254:80"}},
            {"otlp_http": {"endpoint": "http://backend.example:4318"}},
            {"otlp_grpc": {"endpoint": "backend:4317", "headers": {"x": "${env:HOME}"}}},
            {"otlp_grpc": {"endpoint": "backend:4317", "headers": {"x": "${file:/etc/hostname}"}}},
            {"otlp_grpc": {"endpoint": "https://backend:4317", "tls": {"insecure_skip_verify": True}}},
            {"otlp_grpc": {"endpoint": f"unix://{api.path}"}}):
        problem = api.merge({"exporters": exporters}, expected=403)
        assert "local policy" in json.dumps(problem), problem
    audit = (tmp_path / "state" / "audit.log").read_text()
    assert audit.count('"action":"config.apply"') == audit.count('"result":"denied"') == 6
    api.merge({"exporters": {"otlp_grpc": {"endpoint": "backend:4317"}}})
    assert apus.stop() == 0
    assert "intact" in command("audit", "verify", "--state-directory", tmp_path / "state", check=0).stdout
    (tmp_path / "state" / "audit.log").write_text(audit.replace("denied", "done", 1))
    assert "it has been changed" in command(
        "audit", "verify", "--state-directory", tmp_path / "state", check=1).stderr


def test_many_changes_leave_a_bounded_number_of_revisions(start, tmp_path):
    apus, api = start()
    for number in range(30):
        api.merge({"exporters": {"debug": {"sampling_initial": number + 10}}})
    assert len(list((tmp_path / "state" / "revisions").glob("*.revision"))) <= 22
    apus.kill()
    apus, api = start()
    assert api.call("GET", "/v1/config?view=effective")["exporters"]["debug"]["sampling_initial"] == 39
    assert apus.stop() == 0
