"""The admin API of a process that runs: who gets in, what is shown, what a client of HTTP sees."""

import http.client
import json
import socket
import subprocess

import pytest
from process import command, eventually, free_port


class Admin:
    """The admin API of one process, over its unix socket and over TCP."""

    def __init__(self, apus, socket_path, port, state):
        self.apus, self.socket_path, self.port, self.state = apus, socket_path, port, state

    def curl(self, path, *arguments):
        """What curl says as the user who runs Apus: status and body."""
        done = subprocess.run(
            ["curl", "-sS", "-w", "\n%{http_code}", "--unix-socket", str(self.socket_path), *arguments,
             f"http://localhost{path}"], capture_output=True, text=True, timeout=60, check=True)
        body, status = done.stdout.rsplit("\n", 1)
        return int(status), body

    def get(self, path):
        status, body = self.curl(path)
        assert status == 200, body
        return json.loads(body)

    def tcp(self, method, path, token=None, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        fields = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def token(self, role, *arguments):
        return command(
            "token", "create", "--role", role, "--name", role, *arguments, env=self.environment, check=0).stdout.strip()

    @property
    def environment(self):
        return {"STATE_DIRECTORY": str(self.state)}


@pytest.fixture
def admin(start, tmp_path):
    """Starts a collector with an admin API of its own."""

    def admin(*arguments, exporters=None, **options):
        state, path, port = tmp_path / "state", tmp_path / "admin.sock", free_port()
        apus = start(
            exporters or {"debug": {}}, env={"STATE_DIRECTORY": str(state)},
            arguments=("--admin", f"unix://{path}", "--admin", f"127.0.0.1:{port}", *arguments), **options)
        return Admin(apus, path, port, state)

    return admin


def test_curl_without_setup(admin):
    api = admin()
    pipelines = api.get("/v1/pipelines")["pipelines"]
    assert {pipeline["id"] for pipeline in pipelines} == {"traces", "metrics", "logs"}
    assert pipelines[0]["receivers"] == ["otlp"]
    assert api.get("/v1/components/receiver/otlp")["status"]["state"] == "StatusOK"
    assert api.get("/v1/runtime")["pid"] == api.apus.process.pid
    assert api.get("/v1/config")["receivers"]["otlp"]
    status, text = api.curl("/v1/metrics")
    assert status == 200 and "otelcol_process_uptime" in text
    assert eventually(lambda: api.get("/v1/pipelines/traces")["rates"], "rates")["1m"]["items"] == 0


def test_tokens_over_tcp(admin):
    api = admin()
    answer, text = api.tcp("GET", "/v1/build")
    assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json" and json.loads(text)["status"] == 401
    token = api.token("read")
    assert api.tcp("GET", "/v1/build", token)[0].status == 200
    assert api.tcp("PUT", "/v1/log-levels", token, '{"level": "info"}', {"Content-Type": "application/json"})[0].status == 403
    operate = api.token("operate", "--expires-in", "1h")
    answer, text = api.tcp("PUT", "/v1/log-levels", operate, '{"level": "info"}', {"Content-Type": "application/json"})
    assert answer.status == 200 and json.loads(text)["level"] == "info"
    assert "operate" in command("token", "list", env=api.environment, check=0).stdout
    command("token", "revoke", "read", env=api.environment, check=0)
    assert api.tcp("GET", "/v1/build", token)[0].status == 401
    assert command("token", "revoke", "read", env=api.environment).returncode == 1
    assert token not in api.apus.log and token not in (api.state / "tokens").read_text()
    assert (api.state / "tokens").stat().st_mode & 0o777 == 0o600


def test_pages_of_others_get_nothing(admin):
    api = admin()
    token = api.token("configure")
    assert api.tcp("GET", "/v1/build", token, headers={"Host": "evil.example"})[0].status == 403
    assert api.tcp("GET", "/v1/build", token, headers={"Origin": "http://evil.example"})[0].status == 403
    assert api.tcp("GET", "/v1/build", token, headers={"Sec-Fetch-Site": "cross-site"})[0].status == 403
    answer, _ = api.tcp("OPTIONS", "/v1/build", token, headers={"Access-Control-Request-Method": "PUT"})
    assert answer.status == 405 and "Access-Control-Allow-Origin" not in answer.headers


def test_levels_of_the_log_change_at_once(admin):
    api = admin(level="info")

    def set_level(level):
        status, _ = api.curl(
            "/v1/log-levels", "-X", "PUT", "-H", "content-type: application/json", "-d", f'{{"level": "{level}"}}')
        assert status == 200

    set_level("error")
    begin = len(api.apus.log)
    api.curl("/v1/drain?dry_run=true", "-X", "POST", "-H", "x-request-id: unseen")
    set_level("info")
    api.curl("/v1/drain?dry_run=true", "-X", "POST", "-H", "x-request-id: seen")
    api.apus.wait_for_log('"request": "seen"', begin=begin)
    assert "unseen" not in api.apus.log


def test_events_are_a_stream(admin):
    api = admin()
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(60)
    stream.connect(str(api.socket_path))
    stream.sendall(b"GET /v1/events HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n")
    text = b""
    while b": events" not in text:
        text += stream.recv(65536)
    api.curl("/v1/log-levels/otlp", "-X", "PUT", "-H", "content-type: application/json", "-d", '{"level": "debug"}')
    while b"log_level.changed" not in text:
        text += stream.recv(65536)
    assert b"\nid: " in text and b"\ndata: {" in text
    api.apus.signal(15)
    while piece := stream.recv(65536):
        text += piece
    assert text.endswith(b"0\r\n\r\n")


def test_drain_ends_the_process(admin):
    api = admin()
    assert api.curl("/v1/drain", "-X", "POST")[0] == 202
    eventually(lambda: not api.apus.is_running, "the end")
    assert api.apus.process.returncode == 0


def test_addresses(admin, start, tmp_path):
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    config = tmp_path / "apus.yaml"
    config.write_text("receivers: {nop: {}}\nexporters: {nop: {}}\nservice: {pipelines: {traces: {receivers: [nop], exporters: [nop]}}}\n")
    named = command("--config", config, "--probes", "none", "--admin", f"127.0.0.1:{taken.getsockname()[1]}", check=1)
    assert "in use" in named.stderr
    open_to_all = command("--config", config, "--probes", "none", "--admin", f"0.0.0.0:{free_port()}", check=1)
    assert "without TLS" in open_to_all.stderr
    assert "--admin" in command("--config", config, "--admin", "nonsense", check=64).stderr


def test_the_standard_places(start, tmp_path):
    """A collector of a user who has said nothing answers at the socket of that user."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    apus = start(
        {"debug": {}}, arguments=("--admin", "unix://" + str(runtime / "apus.sock")),
        env={"STATE_DIRECTORY": str(tmp_path / "state")})
    done = subprocess.run(
        ["curl", "-sS", "--unix-socket", str(runtime / "apus.sock"), "http://localhost/v1/pipelines"],
        capture_output=True, text=True, timeout=60, check=True)
    assert len(json.loads(done.stdout)["pipelines"]) == 3
    apus.stop()
    assert not (runtime / "apus.sock").exists()


def test_certificates_of_clients_have_roles(admin, tmp_path):
    authority = certificate(tmp_path, "authority")
    certificate(tmp_path, "server", authority, "subjectAltName=IP:127.0.0.1")
    for name in ("fleet", "stranger"):
        certificate(tmp_path, name, authority)
    api = admin(
        "--admin-tls-cert", tmp_path / "server.crt", "--admin-tls-key", tmp_path / "server.key",
        "--admin-tls-client-ca", tmp_path / "authority.crt", "--admin-client-role", "fleet=operate")

    def ask(*arguments):
        return subprocess.run(
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{http_version}", "--cacert", tmp_path / "authority.crt",
             *arguments], capture_output=True, text=True, timeout=60).stdout

    def identity(name):
        return ("--cert", tmp_path / f"{name}.crt", "--key", tmp_path / f"{name}.key")

    build, reload = f"https://127.0.0.1:{api.port}/v1/build", f"https://127.0.0.1:{api.port}/v1/config:reload"
    assert ask(*identity("fleet"), build) == "200 2"
    assert ask(*identity("fleet"), "-X", "POST", reload) == "403 2"
    assert ask(*identity("stranger"), build) == "401 2"
    token = api.token("read")
    assert ask(*identity("stranger"), "-H", f"Authorization: Bearer {token}", build) == "200 2"
    assert ask(build).startswith("000")


def certificate(directory, name, authority=None, extension=None):
    """Makes `name`.crt and `name`.key, signed by itself or by an authority."""
    key, request, made = (directory / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
           "-keyout", key]
    if authority is None:
        subprocess.run([*new, "-x509", "-days", "2", "-out", made], check=True, capture_output=True)
        return name
    subprocess.run([*new, "-out", request], check=True, capture_output=True)
    (directory / "extension").write_text(extension or "basicConstraints=CA:FALSE")
    subprocess.run(
        ["openssl", "x509", "-req", "-in", request, "-CA", directory / f"{authority}.crt", "-CAkey",
         directory / f"{authority}.key", "-CAcreateserial", "-days", "2", "-extfile", directory / "extension", "-out", made],
        check=True, capture_output=True)
    return name
