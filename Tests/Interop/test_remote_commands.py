"""The commands over the admin API, as a person and as a program use them."""

import fcntl
import http.server
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time

import clients
import otlp
import pytest
import yaml
from process import command, eventually, free_port, program
from test_admin import admin, certificate  # noqa: F401 (a fixture)


class Remote:
    """A collector, and the commands about it."""

    def __init__(self, api):
        self.api = api
        self.place = f"unix://{api.socket_path}"

    def run(self, *arguments, check=0, env=None):
        return command(*arguments, "--admin", self.place, check=check, env=env)

    def text(self, *arguments, check=0):
        return self.run(*arguments, check=check).stdout

    def json(self, *arguments, check=0):
        return json.loads(self.run(*arguments, "-o", "json", check=check).stdout)

    def write(self, name, change=lambda config: None, text=None):
        """A file with the configuration of the collector, changed."""
        config = json.loads(json.dumps(self.api.apus.config))
        change(config)
        file = self.api.apus.directory / name
        file.write_text(text if text is not None else yaml.safe_dump(config, sort_keys=False))
        return file


@pytest.fixture
def remote(admin):  # noqa: F811
    return Remote(admin(exporters={"debug": {"verbosity": "basic"}}, processors={"batch": {"timeout": "50ms"}}))


def slower(config):
    config["processors"]["batch"]["timeout"] = "3s"


def test_status_is_a_page_for_people_and_a_document_for_programs(remote):
    text = remote.text("status")
    lines = text.splitlines()
    assert lines[0].startswith("apus ") and "is ready, up " in lines[0] and str(remote.api.apus.process.pid) in lines[0]
    assert any(line.split()[:3] == ["receiver", "otlp", "ok"] for line in lines), text
    assert any(line.split()[0:1] == ["traces"] for line in lines) and "confirmed" in lines[1], text
    document = remote.json("status")
    assert document["runtime"]["ready"] is True
    assert {pipeline["id"] for pipeline in document["pipelines"]} == {"traces", "metrics", "logs"}
    assert set(document) == {"build", "runtime", "config_state", "components", "pipelines", "queues"}


def test_the_configuration_is_shown_whole_and_in_parts(remote):
    whole = yaml.safe_load(remote.text("config", "get"))
    assert whole["exporters"] == {"debug": {"verbosity": "basic"}}
    assert remote.json("config", "get")["exporters"] == whole["exporters"]
    assert remote.text("config", "get", "processors::batch::timeout") == "50ms\n"
    assert remote.text("config", "get", "/processors/batch") == "timeout: 50ms\n"
    assert remote.json("config", "get", "--view", "effective", "processors::batch")["send_batch_size"] == 8192
    origins = remote.text("config", "get", "--view", "origin", "processors::batch")
    assert "apus.yaml:" in origins and "send_batch_size" in origins and "default" in origins
    assert "nothing at 'processors::bach'" in remote.run("config", "get", "processors::bach", check=1).stderr


def test_a_change_is_planned_made_confirmed_and_taken_back(remote):
    file = remote.write("next.yaml", slower)
    plan = remote.text("config", "plan", file)
    assert any(line.split()[:3] == ["keep", "receiver", "otlp"] for line in plan.splitlines()), plan
    assert "replace  processor batch" in plan and "~ processors::batch::timeout: 50ms → 3s" in plan
    actions = {(step["kind"], step["action"]) for step in remote.json("config", "plan", file)["components"]}
    assert ("processor", "replace") in actions and ("exporter", "keep") in actions
    assert remote.text("config", "apply", file, "--dry-run") == plan
    first = remote.json("config", "state")["active"]["id"]

    applied = remote.text("config", "apply", file, "--confirm-within", "2m", "--reason", "a slower batch")
    assert "runs; swapped in" in applied and "apus config confirm" in applied
    state = remote.text("config", "state")
    assert "a slower batch" in state and "unless it is confirmed" in state
    assert remote.json("config", "state")["active"]["status"] == "active"
    assert remote.text("config", "confirm").startswith("confirmed: revision 2")
    assert "unless it is confirmed" not in remote.text("config", "state")

    history = remote.text("config", "history").splitlines()
    assert history[1].split()[0] == "2" and first in history[2]
    assert [revision["number"] for revision in remote.json("config", "history")["revisions"]] == [2, 1]
    assert remote.text("config", "diff", "1", "2") == "~ processors::batch::timeout: 50ms → 3s\n"
    assert remote.json("config", "diff", first[:8])["differences"][0]["pointer"] == "/processors/batch/timeout"
    assert remote.text("config", "diff", "2") == "no differences\n"
    assert "replace  processor batch" in remote.text("config", "rollback", "1", "--dry-run")
    assert first in remote.text("config", "rollback", "1", "--reason", "it was fine")
    assert remote.text("config", "get", "processors::batch::timeout") == "50ms\n"


def test_a_patch_is_merged_or_done_step_by_step(remote):
    merge = remote.write("merge.yaml", text="processors: {batch: {timeout: 4s}}\n")
    assert "2 kept, 3 replaced" in remote.text("config", "patch", merge)
    assert remote.text("config", "get", "processors::batch::timeout") == "4s\n"
    steps = remote.write("steps.json", text='[{"op": "replace", "path": "/processors/batch/timeout", "value": "5s"}]')
    assert remote.json("config", "patch", steps, "--dry-run")["empty"] is False
    assert remote.json("config", "patch", steps)["revision"]["status"]
    assert remote.text("config", "get", "processors::batch::timeout") == "5s\n"


def test_mistakes_are_shown_with_the_line_of_the_local_file(remote):
    def misspell(config):
        config["processors"]["batch"] = {"timeot": "3s"}

    file = remote.write("wrong.yaml", misspell)
    number = 1 + next(index for index, line in enumerate(file.read_text().splitlines()) if "timeot" in line)
    for arguments in (("plan",), ("apply",), ("apply", "--dry-run")):
        done = remote.run("config", arguments[0], file, *arguments[1:], check=2)
        assert f"{file}:{number}:5: error: processors::batch::timeot" in done.stderr and not done.stdout
        assert "(did you mean 'timeout'?)" in done.stderr and f" {number} |     timeot: 3s" in done.stderr
    problem = remote.json("config", "apply", file, check=2)
    assert problem["status"] == 422 and problem["errors"][0]["line"] == number
    broken = remote.write("broken.yaml", text="receivers: [\n")
    assert f"{broken}:" in remote.run("config", "apply", broken, check=2).stderr
    assert remote.run("config", "patch", broken, check=2).stderr
    assert "cannot be read" in remote.run("config", "apply", "/nowhere.yaml", check=2).stderr
    assert [revision["number"] for revision in remote.json("config", "history")["revisions"]
            if revision["status"] != "failed"] == [1]


def test_another_revision_than_expected_is_refused(remote):
    file = remote.write("next.yaml", slower)
    done = remote.run("config", "apply", file, "--expect", "0123456789abcdef", check=1)
    assert "error: " in done.stderr and not done.stdout
    assert remote.text("config", "get", "processors::batch::timeout") == "50ms\n"
    active = remote.json("config", "state")["active"]["id"]
    remote.run("config", "apply", file, "--expect", active)
    remote.run("config", "apply", file, "--confirm-within", "soon", check=64)


def test_who_is_not_known_or_not_allowed_ends_with_4(remote):
    api, file = remote.api, remote.write("next.yaml", slower)
    place = f"127.0.0.1:{api.port}"
    assert "token" in command("status", "--admin", place, check=4).stderr
    assert command("status", "--admin", place, "--token", "wrong", check=4).stderr
    token = api.token("read")
    assert "is ready" in command("status", "--admin", f"http://{place}/", "--token", token, check=0).stdout
    assert "is ready" in command("status", "--admin", place, env={"APUS_TOKEN": token}, check=0).stdout
    secret = api.apus.directory / "token"
    secret.write_text(token + "\n")
    assert "is ready" in command("status", "--admin", place, "--token-file", secret, check=0).stdout
    done = command("config", "apply", file, "--admin", place, "--token-file", secret, check=4)
    assert "error: " in done.stderr and token not in done.stderr
    assert "cannot be read" in command("status", "--admin", place, "--token-file", "/nowhere", check=1).stderr


def test_a_collector_that_is_not_there_ends_with_3(tmp_path):
    for place in (f"unix://{tmp_path}/none.sock", f"127.0.0.1:{free_port()}", f"https://127.0.0.1:{free_port()}"):
        done = command("status", "--admin", place, check=3)
        assert "cannot be reached" in done.stderr and not done.stdout
        command("events", "--follow", "--admin", place, "-o", "json", check=3)
        command("top", "--once", "--admin", place, check=3)
    command("status", "--admin", "https://", check=64)
    command("status", "--admin", "host:port", check=64)
    command("status", "--admin", "127.0.0.1:1", "--ca-file", "ca.pem", check=64)
    # Without an address it is the socket of the user if there is one, and else a port.
    done = command("status", env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert done.returncode in (0, 1, 3, 4)


def test_levels_of_the_log(remote):
    assert remote.text("log-level") == "everything: debug\n"
    assert remote.text("log-level", "info") == "everything: info\n"
    assert remote.text("log-level", "batch", "trace") == "batch: trace\n"
    assert remote.json("log-level")["components"] == {"batch": "trace"}
    assert remote.text("log-level", "batch") == "batch: trace\n"
    assert remote.text("log-level", "batch", "default") == "batch: info, as everything\n"
    assert "not a level" in remote.run("log-level", "batch", "loud", check=64).stderr


def test_events_are_listed_and_followed(remote):
    remote.run("log-level", "batch", "trace")
    assert "log_level.changed" in remote.text("events")
    kinds = {event["kind"] for event in remote.json("events", "--kind", "log_level.changed")["events"]}
    assert kinds == {"log_level.changed"}
    follower = subprocess.Popen(
        [program(), "events", "--follow", "--kind", "log_level.changed", "-o", "json", "--admin", remote.place],
        stdout=subprocess.PIPE, text=True)
    try:
        assert "trace" in json.loads(follower.stdout.readline())["message"]
        remote.run("log-level", "batch", "error")
        assert "error" in json.loads(follower.stdout.readline())["message"]
    finally:
        follower.kill()
        follower.wait(10)


def test_what_a_component_wrote_to_the_log_is_listed_and_followed(remote):
    def send():
        clients.export(remote.api.apus.grpc, "logs", otlp.sample("logs", 2))

    subject = ("log", "exporter/debug", "--level", "info")
    assert remote.text(*subject) == ""
    send()
    eventually(lambda: remote.json(*subject)["records"], "a record")
    assert "  info  " in remote.text(*subject).splitlines()[0]
    assert remote.text("log", "exporter/debug", "--level", "error") == ""
    follower = subprocess.Popen(
        [program(), *subject, "--follow", "-o", "json", "--admin", remote.place], stdout=subprocess.PIPE, text=True)
    try:
        first = json.loads(follower.stdout.readline())
        assert first["level"] == "info"
        send()
        assert json.loads(follower.stdout.readline())["id"] > first["id"]
    finally:
        follower.kill()
        follower.wait(10)
    assert "no exporter 'none'" in remote.run("log", "exporter/none", check=1).stderr
    assert "not a level" in remote.run("log", "exporter/debug", "--level", "loud", check=1).stderr
    remote.run("log", "debug", check=64)


def test_diagnostics_go_into_a_file_for_this_user_alone(remote):
    file = remote.api.apus.directory / "diagnostics.json"
    assert str(file) in remote.run("diagnostics", "-o", file).stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["runtime"]["ready"] is True
    assert json.loads(remote.text("diagnostics"))["build"]["name"] == "apus"
    assert "cannot be written" in remote.run("diagnostics", "-o", "/nowhere/x", check=1).stderr


def test_telemetry_is_shown_as_it_passes(remote):
    for form in ("text", "json"):
        begun = len([event for event in remote.json("events")["events"] if event["kind"] == "tap.began"])
        tap = subprocess.Popen(
            [program(), "tap", "logs", "--at", "after:batch", "--filter", "service.name=shop", "--limit", "2", "--for",
             "30s", "-o", form, "--admin", remote.place], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        eventually(
            lambda: len([event for event in remote.json("events")["events"] if event["kind"] == "tap.began"]) > begun,
            "the tap")
        for service in ("office", "shop"):
            message = otlp.sample("logs", 2, name=service, resource={"service.name": service})
            clients.export(remote.api.apus.grpc, "logs", message)
        out, err = tap.communicate(timeout=30)
        assert tap.returncode == 0 and "2 items shown" in err and "(limit)" in err
        assert "shop-0" in out and "shop-1" in out and "office" not in out
        if form == "json":
            assert all("resourceLogs" in json.loads(line) for line in out.splitlines())
        else:
            assert all(line.startswith("shop: ") for line in out.splitlines()) and len(out.splitlines()) == 2
    assert "error: " in remote.run("tap", "nothing", check=1).stderr
    remote.run("tap", "logs", "--sample", "2", check=64)


def test_what_was_dropped_is_told(remote):
    assert remote.text("drops") == "nothing was dropped\n"
    assert remote.json("drops") == {"drops": []}


def test_top_prints_one_frame_where_there_is_no_terminal(remote):
    for arguments in (("--once",), ()):
        lines = remote.text("top", *arguments).splitlines()
        assert "is ready" in lines[0] and len(lines) <= 24 and max(map(len, lines)) <= 80
        assert any(line.split()[:1] == ["traces"] for line in lines) and "\x1b" not in "".join(lines)


@pytest.mark.parametrize("end", [b"q", b"\x03", signal.SIGTERM])
def test_top_draws_on_a_terminal_and_leaves_it_as_it_was(remote, end):
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(terminal)
    top = subprocess.Popen(
        [program(), "top", "--admin", remote.place], stdin=terminal, stdout=terminal, stderr=terminal)
    screen = b""

    def shown(text, count=1):
        nonlocal screen
        deadline = time.monotonic() + 30
        while screen.count(text) < count:
            assert time.monotonic() < deadline, screen
            if select.select([controller], [], [], 1)[0]:
                screen += os.read(controller, 65536)

    shown(b"\x1b[?1049h")
    shown(b"PIPELINE", 2)
    assert b"traces" in screen and not termios.tcgetattr(terminal)[3] & termios.ECHO
    if isinstance(end, bytes):
        os.write(controller, end)
    else:
        top.send_signal(end)
    shown(b"\x1b[?1049l")
    assert top.wait(20) == 0 and b"\x1b[?25h" in screen
    assert termios.tcgetattr(terminal) == before
    os.close(controller)
    os.close(terminal)


def test_troubles_are_what_top_shows_first(admin):  # noqa: F811
    remote = Remote(admin(exporters={"otlp_http": {"endpoint": f"http://127.0.0.1:{free_port()}"}}))
    clients.export(remote.api.apus.grpc, "logs", otlp.sample("logs", 1))
    frame = eventually(
        lambda: (text := remote.text("top", "--once")) and "TROUBLE" in text and text, "trouble with the backend")
    assert "exporter otlp_http: recoverable error for " in frame
    assert "recoverable error" in remote.text("status")
    remote.api.apus.kill()


def test_drain_ends_the_collector(remote):
    assert "drains and ends" in remote.text("drain")
    assert remote.api.apus.process.wait(30) == 0
    remote.run("status", check=3)


@pytest.fixture
def scripted(afterwards):
    """A collector that answers what a test says: {"GET /path": (status, document)}, the query left out."""
    answers, requests = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            size = int(self.headers.get("content-length") or 0)
            requests.append((self.command, self.path, dict(self.headers), self.rfile.read(size).decode()))
            found = answers.get(f"{self.command} {self.path.split('?')[0]}", (404, {"title": "none", "detail": "here"}))
            status, document = found.pop(0) if isinstance(found, list) else found
            body = document.encode() if isinstance(document, str) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    afterwards.callback(server.server_close)
    afterwards.callback(server.shutdown)
    server.answers, server.requests, server.place = answers, requests, f"127.0.0.1:{server.server_port}"
    return server


def test_a_change_that_takes_its_time_is_waited_for(scripted, tmp_path):
    file = tmp_path / "next.yaml"
    file.write_text("receivers: {}\n")
    revision = {"id": "abc", "number": 7, "status": "confirmed", "time": "2026-01-02T03:04:05Z"}
    begun = {"id": "0f", "name": "operations/0f", "action": "putConfig", "actor": "me", "done": False}
    done = {**begun, "done": True, "response": {"revision": revision, "plan": {"components": []}, "swapped": "3s"}}
    failed = {**begun, "done": True, "error": {"title": "No", "status": 409, "detail": "it did not start"}}
    scripted.answers["GET /v1/config/state"] = (200, {"active": {"id": "abb"}})
    scripted.answers["PUT /v1/config"] = (202, begun)
    scripted.answers["GET /v1/operations/0f"] = [(200, begun), (200, done), (200, failed)]
    arguments = ("config", "apply", file, "--admin", scripted.place, "--reason", "a & b=ä", "--expect-drop")
    text = command(*arguments, check=0).stdout
    assert "revision 7 (abc) runs; swapped in 3s" in text
    method, path, fields, body = next(request for request in scripted.requests if request[0] == "PUT")
    assert fields["if-match"] == '"abb"' and body == "receivers: {}\n" and fields["content-type"] == "application/yaml"
    assert path == "/v1/config?expect_drop=true&reason=a%20%26%20b%3D%C3%A4"
    refused = command(*arguments, check=1)
    assert "No: it did not start" in refused.stderr and not refused.stdout


@pytest.mark.parametrize("status,code", [(401, 4), (403, 4), (429, 4), (404, 1), (409, 1), (422, 2), (500, 1), (503, 1)])
def test_exit_codes_say_why(scripted, status, code):
    scripted.answers["GET /v1/config/state"] = (status, {"title": "Title", "status": status, "detail": "a\x1b[31mb"})
    done = command("config", "state", "--admin", scripted.place, check=code)
    assert "error: Title: a [31mb" in done.stderr and not done.stdout
    document = command("config", "state", "--admin", scripted.place, "-o", "json", check=code).stdout
    assert json.loads(document)["status"] == status
    scripted.answers["GET /v1/config/state"] = (status, "<html>")
    assert f"status {status}" in command("config", "state", "--admin", scripted.place, check=code).stderr


def test_a_frame_is_no_larger_than_the_terminal_and_shows_the_oldest_trouble(scripted):
    rates = {"1s": {"items": 1234.5, "bytes": 0, "errors": 2}}
    scripted.answers.update({
        "GET /v1/build": (200, {"name": "apus", "version": "9.9.9"}),
        "GET /v1/runtime": (200, {"time": "2026-03-01T00:00:30.5Z", "uptime": "27h3m4.5s", "ready": False}),
        "GET /v1/config/state": (200, {"active": {"id": "abc", "number": 1, "status": "active"}}),
        "GET /v1/components": (200, {"components": [
            {"kind": "exporter", "id": f"otlp/{index}", "status": {
                "state": "StatusPermanentError", "since": f"2026-02-28T23:5{index % 10}:00Z",
                "error": "bad\x1b[2J" * 50}}
            for index in range(30)]}),
        "GET /v1/pipelines": (200, {"pipelines": [
            {"id": f"traces/{index:03}", "signal": "traces", "rates": rates, "held": 5,
             "exporters": [{"id": "otlp/0", "rates": rates}]} for index in range(100)]}),
        "GET /v1/queues": (200, {"queues": [
            {"exporter": "otlp/0", "signal": "traces", "size": 420, "capacity": 1000, "unit": "requests"}]}),
    })
    lines = command("top", "--once", "--admin", scripted.place, check=0).stdout.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80
    assert lines[0] == "apus 9.9.9 is not ready, up 1d3h  00:00:30 UTC"
    assert "in 123.5k/s  out 123.5k/s  errors 400/s  held 500" in lines[1]
    assert "traces/000  1.2k   1.2k         4  [####......]  42%" in lines
    trouble = lines[lines.index("TROUBLE") + 1:]
    assert trouble[0] == "exporter otlp/0: permanent error for 10m30s" and trouble[1].startswith("  bad [2J")
    assert sum("more" in line for line in lines) == 2
    assert command("status", "--admin", scripted.place, check=1).stdout.startswith("apus 9.9.9 is not ready")


def test_drops_are_told_with_an_example(scripted):
    record = {"timeUnixNano": "1700000000000000000", "severityText": "INFO", "body": {"stringValue": "hello"},
              "attributes": [{"key": "n", "value": {"intValue": "5"}}]}
    item = {"resourceLogs": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
        "scopeLogs": [{"logRecords": [record]}]}]}
    scripted.answers["GET /v1/drops"] = (200, {"drops": [
        {"kind": "exporter", "component": "otlp", "pipeline": "logs", "place": "dead_lettered", "items": 3,
         "examples": [{"time": "2026-01-02T03:04:05Z", "message": "refused", "items": 1, "item": item}]}]})
    assert command("drops", "--admin", scripted.place, "--place", "dead_lettered", check=0).stdout.splitlines() == [
        "exporter otlp of logs: 3 items dead lettered", "  2026-01-02 03:04:05  refused",
        "    shop: 22:13:20.000 INFO hello n=5"]
    assert "place=dead_lettered" in scripted.requests[0][1]


def test_tls_and_certificates_of_clients(admin, tmp_path):  # noqa: F811
    certificate(tmp_path, "authority")
    certificate(tmp_path, "server", "authority", "subjectAltName=IP:127.0.0.1")
    certificate(tmp_path, "dashboard", "authority")
    port = free_port()
    admin(
        "--admin", f"127.0.0.1:{port}", "--admin-tls-cert", tmp_path / "server.crt", "--admin-tls-key",
        tmp_path / "server.key", "--admin-tls-client-ca", tmp_path / "authority.crt", "--admin-client-role",
        "dashboard=read")
    place = ("--admin", f"https://127.0.0.1:{port}", "--ca-file", tmp_path / "authority.crt")
    shown = ("--client-cert", tmp_path / "dashboard.crt", "--client-key", tmp_path / "dashboard.key")
    assert "is ready" in command("status", *place, *shown, check=0).stdout
    command("drain", *place, *shown, check=4)
    command("status", "--admin", f"https://127.0.0.1:{port}", check=3)
    command("status", *place, "--client-cert", tmp_path / "dashboard.crt", check=64)
