"""Health as orchestrators, people and the service manager see it: probes, health extensions, zpages, sd_notify."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager
from urllib.parse import quote

import grpc
import pytest
import yaml
from clients import export
from conftest import configuration, to_grpc
from otlp import sample
from process import command, eventually, free_port


def ask(port, path, method="GET"):
    """The status and the text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def curl(url, *arguments):
    """What curl says: the text, and the status on a line of its own."""
    done = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", *arguments, url], capture_output=True, text=True, timeout=30, check=True)
    text, code = done.stdout.rsplit("\n", 1)
    return int(code), text


@pytest.fixture
def probed(launch):
    """Starts a collector whose probes answer on a port of its own; gives it and the port."""

    def probed(exporters=None, **options):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        port = free_port()
        config = configuration(ports, exporters or {"debug": {}}, **options)
        return launch(config, ports, arguments=("--probes", f"127.0.0.1:{port}")), port

    return probed


def test_probes_say_ok(probed):
    _, port = probed()
    for probe in ("livez", "readyz", "startupz"):
        assert curl(f"http://127.0.0.1:{port}/{probe}") == (200, "ok")
    status, text = curl(f"http://127.0.0.1:{port}/readyz?verbose&exclude=receivers")
    assert status == 200
    assert "[+]ping ok\n" in text and "[+]receivers excluded: ok\n" in text
    assert text.endswith("readyz check passed\n")
    assert ask(port, "/readyz/receivers") == (200, "ok")
    assert ask(port, "/readyz/nothing")[0] == 404
    assert ask(port, "/livez", "POST")[0] == 405


def test_one_pipeline(probed):
    pipelines = {
        "pipelines": {
            name: {"receivers": ["otlp"], "exporters": ["debug"]} for name in ("traces", "traces/a/b")}}
    _, port = probed(service=pipelines)
    assert ask(port, "/readyz/pipelines/traces") == (200, "ok")
    assert ask(port, "/readyz/pipelines/traces/a/b") == (200, "ok")
    assert ask(port, "/readyz/pipelines/" + quote("traces/a/b", safe="")) == (200, "ok")
    assert ask(port, "/readyz/pipelines/metrics")[0] == 404


def test_a_dead_backend_fails_no_probe(probed):
    health = free_port()
    apus, port = probed(
        to_grpc(f"127.0.0.1:{free_port()}"), signals=("traces",),
        extensions={"healthcheckv2": {
            "use_v2": True, "http": {"endpoint": f"127.0.0.1:{health}"},
            "component_health": {"include_recoverable_errors": True, "recovery_duration": "1ms"},
        }})
    assert ask(health, "/status")[0] == 200
    export(apus.grpc, "traces", sample("traces", 3))
    eventually(lambda: ask(health, "/status")[0] == 500, "the status shows that the backend is dead")
    for probe in ("livez", "readyz", "startupz"):
        assert ask(port, f"/{probe}") == (200, "ok")
    status, text = ask(health, "/status?pipeline=traces&verbose")
    tree = json.loads(text)
    assert status == 500 and tree["healthy"] is False and tree["status"] == "StatusRecoverableError"
    assert tree["components"]["exporter:otlp_grpc"]["healthy"] is False
    assert tree["components"]["receiver:otlp"] == {
        "healthy": True, "status": "StatusOK", "status_time": tree["components"]["receiver:otlp"]["status_time"]}
    assert tree["error"] == tree["components"]["exporter:otlp_grpc"]["error"]


def test_a_stop_fails_readiness_before_anything_closes(probed):
    """While accepted data is still being delivered, nobody is to be sent here any more."""
    backend = socket.socket()
    backend.bind(("127.0.0.1", 0))
    backend.listen()
    apus, port = probed(
        to_grpc(f"127.0.0.1:{backend.getsockname()[1]}"), signals=("traces",),
        service={"shutdown_timeout": "4s"})
    export(apus.grpc, "traces", sample("traces", 3))
    assert ask(port, "/readyz")[0] == 200
    apus.signal(signal.SIGTERM)
    status, text = eventually(
        lambda: (answer := ask(port, "/readyz"))[0] == 503 and answer, "readyz fails")
    assert "[-]shutdown failed: the collector is stopping\n" in text
    assert ask(port, "/livez") == (200, "ok")
    assert apus.process.wait(30) == 0
    backend.close()


def test_readiness_survives_changes_of_the_configuration(probed):
    """A receiver that is replaced hands its sockets over, so there is no moment at which nothing listens."""
    apus, port = probed()
    config = yaml.safe_load(apus.file.read_text())
    answers, over = [], threading.Event()

    def watch():
        while not over.is_set():
            answers.append(ask(port, "/readyz"))
            answers.append(ask(port, "/readyz/pipelines/traces"))

    watching = threading.Thread(target=watch)
    watching.start()
    for round in range(1, 4):
        config["receivers"]["otlp"]["protocols"]["http"]["max_request_body_size"] = 1_000_000 + round
        begin = len(apus.log)
        apus.write(config)
        apus.signal(signal.SIGHUP)
        apus.wait_for_log("the new configuration runs", begin=begin)
    config["receivers"]["otlp"]["protocols"]["http"]["endpoint"] = "192.0.2.1:1"
    begin = len(apus.log)
    apus.write(config)
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration does not run", begin=begin)
    over.set()
    watching.join()
    assert len(answers) > 10
    assert set(answers[:-2]) <= {(200, "ok")}, set(answers)
    assert ask(port, "/readyz") == (200, "ok")


def test_probes_on_a_unix_socket(start, tmp_path):
    path = tmp_path / "probes.sock"
    start({"debug": {}}, arguments=("--probes", f"unix://{path}"))
    assert curl("http://localhost/readyz", "--unix-socket", str(path)) == (200, "ok")


def test_no_probes(start):
    apus = start({"debug": {}}, arguments=("--probes", "none"))
    assert "/livez" not in apus.log


def test_an_address_that_was_named_has_to_work(tmp_path):
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    config = tmp_path / "apus.yaml"
    config.write_text(json.dumps({
        "receivers": {"nop": {}}, "exporters": {"nop": {}},
        "service": {
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"traces": {"receivers": ["nop"], "exporters": ["nop"]}}},
    }))
    done = command("--config", config, "--probes", f"127.0.0.1:{taken.getsockname()[1]}", check=1)
    assert "the address is in use" in done.stderr
    done = command("--config", config, "--probes", "nonsense", check=64)
    assert "--probes" in done.stderr
    taken.close()


SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3


@contextmanager
def health_service(port):
    """Calls of the gRPC health service, with the bytes of its messages."""
    def request(service):
        name = service.encode()
        return bytes([0x0A, len(name)]) + name if name else b""

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check", request_serializer=request, response_deserializer=lambda data: data[1])
        watch = channel.unary_stream(
            "/grpc.health.v1.Health/Watch", request_serializer=request, response_deserializer=lambda data: data[1])
        yield check, watch


def test_grpc_health(start):
    port = free_port()
    apus = start({"debug": {}}, signals=("traces",), extensions={
        "healthcheckv2": {"use_v2": True, "grpc": {"endpoint": f"127.0.0.1:{port}"}}})
    with health_service(port) as (check, watch):
        assert check("", timeout=20) == SERVING
        assert check("traces", timeout=20) == SERVING
        with pytest.raises(grpc.RpcError) as error:
            check("metrics", timeout=20)
        assert error.value.code() == grpc.StatusCode.NOT_FOUND
        unknown = watch("metrics", timeout=60)
        assert next(unknown) == SERVICE_UNKNOWN
        unknown.cancel()
        stream = watch("traces", timeout=60)
        assert next(stream) == SERVING
        apus.signal(signal.SIGTERM)
        rest = []
        with pytest.raises(grpc.RpcError) as error:
            rest.extend(stream)
        assert error.value.code() == grpc.StatusCode.CANCELLED
        assert all(status == NOT_SERVING for status in rest)


def test_a_watch_tells_what_changes(start):
    port = free_port()
    apus = start(to_grpc(f"127.0.0.1:{free_port()}"), signals=("traces",), extensions={"healthcheckv2": {
        "use_v2": True, "grpc": {"endpoint": f"127.0.0.1:{port}"},
        "component_health": {"include_recoverable_errors": True, "recovery_duration": "1ms"}}})
    with health_service(port) as (_, watch):
        streams = [watch(service, timeout=60) for service in ("", "traces", "extensions")]
        assert [next(stream) for stream in streams] == [SERVING] * 3
        export(apus.grpc, "traces", sample("traces", 3))
        assert [next(stream) for stream in streams[:2]] == [NOT_SERVING] * 2
        for stream in streams:
            stream.cancel()


def test_zpages(start):
    port = free_port()
    start({"debug": {}}, signals=("traces",), extensions={"zpages": {"endpoint": f"127.0.0.1:{port}"}})
    for page, words in {
            "servicez": "Apus/", "pipelinez": "exporter debug", "extensionz": "extension zpages",
            "featurez": "no feature gates", "tracez": "does not trace itself"}.items():
        status, text = curl(f"http://127.0.0.1:{port}/debug/{page}")
        assert status == 200 and words in text and "<script" not in text


def test_credentials(start):
    status, zpages = free_port(), free_port()
    start({"debug": {}}, signals=("traces",), extensions={
        "bearertokenauth": {"token": "abc"},
        "healthcheckv2": {"use_v2": True, "http": {
            "endpoint": f"127.0.0.1:{status}", "auth": {"authenticator": "bearertokenauth"}}},
        "zpages": {"endpoint": f"127.0.0.1:{zpages}", "auth": {"authenticator": "bearertokenauth"}}})
    for port, path in (status, "/status"), (zpages, "/debug/servicez"), (zpages, "/nothing"):
        assert ask(port, path)[0] == 401
    for port, path in (status, "/status"), (zpages, "/debug/servicez"):
        url = f"http://127.0.0.1:{port}{path}"
        assert curl(url, "-H", "Authorization: Bearer abc")[0] == 200
        assert curl(url, "-H", "Authorization: Bearer abd")[0] == 401


def test_an_authenticator_stands_before_what_needs_it(tmp_path):
    config = tmp_path / "apus.yaml"
    config.write_text(json.dumps({
        "extensions": {
            "zpages": {"auth": {"authenticator": "bearertokenauth"}}, "bearertokenauth": {"token": "abc"}},
        "receivers": {"nop": {}}, "exporters": {"nop": {}},
        "service": {
            "extensions": ["zpages", "bearertokenauth"],
            "pipelines": {"traces": {"receivers": ["nop"], "exporters": ["nop"]}}},
    }))
    done = command("validate", "--config", config)
    assert done.returncode != 0
    assert "'zpages' needs stands before it" in done.stderr + done.stdout


class ServiceManager:
    """The socket that systemd would give to a service."""

    def __init__(self, address):
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0", 1))
        self.socket.settimeout(30)

    def receive(self):
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def until(self, name):
        """The next message that has `name`; those before must be about the watchdog or the status."""
        while True:
            message = self.receive()
            if name in message:
                return message
            assert set(message) <= {"WATCHDOG", "STATUS"}, message


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_service_manager(start, tmp_path, kind):
    address = str(tmp_path / "notify") if kind == "path" else f"@apus-test-{os.getpid()}"
    manager = ServiceManager(address)
    apus = start({"debug": {}}, env={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"})
    assert "pipelines run" in manager.until("READY")["STATUS"]
    assert manager.until("WATCHDOG")["WATCHDOG"] == "1"
    assert manager.until("WATCHDOG")["WATCHDOG"] == "1"
    apus.signal(signal.SIGHUP)
    reloading = manager.until("RELOADING")
    assert reloading["RELOADING"] == "1" and int(reloading["MONOTONIC_USEC"]) > 0
    manager.until("READY")
    apus.signal(signal.SIGTERM)
    assert manager.until("STOPPING")["STOPPING"] == "1"
    assert apus.process.wait(30) == 0
    manager.socket.close()


def test_a_watchdog_for_another_process_is_not_ours(start, tmp_path):
    manager = ServiceManager(str(tmp_path / "notify"))
    start({"debug": {}}, env={
        "NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"})
    manager.until("READY")
    manager.socket.settimeout(1)
    with pytest.raises(TimeoutError):
        manager.until("WATCHDOG")
    manager.socket.close()
