"""Authenticators: the SDK and others before Apus, token servers and backends behind it."""

import base64
import json
import subprocess
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import otlp
import pytest
from clients import JSON, PROTOBUF, connected, export, failure
from conftest import configuration, to_grpc, to_http
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GRPCExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HTTPExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from process import command, eventually, free_port, get
from sinks import Answer

#: alice's password is `secret`; the hashes were made by other programs.
BCRYPT = "alice:$2b$04$UiKGbN8aBgJ4ErKgXl6/hu4eiyOB9hiwpQ39A/NL/xFs.N0TUcJFK"
PASSWORD = "correct horse battery"


def basic(name, password):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def htpasswd(*lines, **keys):
    return {"basicauth": {"htpasswd": {"inline": "\n".join(lines), **keys}}}


def sha512(name, password):
    """A line of htpasswd as OpenSSL hashes it."""
    done = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True, check=True)
    return f"{name}:{done.stdout.strip()}"


AUTH = {"auth": {"authenticator": "basicauth"}}


def send_span(apus, protocol, headers):
    """Sends a span with the SDK and returns the result of its exporter."""
    if protocol == "grpc":
        exporter = GRPCExporter(endpoint=f"http://{apus.grpc}", insecure=True, headers=headers, timeout=10)
    else:
        exporter = HTTPExporter(endpoint=f"http://{apus.http}/v1/traces", headers=headers, timeout=10)
    results = []
    original = exporter.export
    exporter.export = lambda spans: results.append(original(spans)) or results[-1]
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("test").start_as_current_span("work"):
        pass
    provider.shutdown()
    return results[0].name


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_the_sdk_gets_in_with_a_password_and_not_without(start, grpc_sink, protocol):
    lines = [BCRYPT, sha512("bob", PASSWORD), "carol:plain text"]
    apus = start(to_grpc(grpc_sink), extensions=htpasswd(*lines), grpc=AUTH, http=AUTH)
    for number, (name, password) in enumerate([("alice", "secret"), ("bob", PASSWORD), ("carol", "plain text")], 1):
        for _ in range(2):
            assert send_span(apus, protocol, {"authorization": basic(name, password)}) == "SUCCESS"
        grpc_sink.wait_for_items("traces", 2 * number)
    for headers in ({}, {"authorization": basic("alice", "Secret")}, {"authorization": basic("dave", "secret")}):
        assert send_span(apus, protocol, headers) == "FAILURE"
    assert len(grpc_sink.items("traces")) == 6
    assert apus.metric("apus_receiver_unauthenticated_requests", receiver="otlp", transport=protocol) >= 3
    assert apus.stop() == 0
    for secret in ("secret", PASSWORD, "plain text", basic("alice", "secret")[6:], "$2b$", "$6$"):
        assert secret not in apus.log


def test_refusals_are_what_each_protocol_has_for_them(start):
    apus = start({"nop": {}}, extensions=htpasswd(BCRYPT), grpc=AUTH, http=AUTH)
    error = failure(apus.grpc, "traces", otlp.sample("traces", 1), metadata=[("authorization", basic("alice", "x"))])
    assert error.code() == grpc.StatusCode.UNAUTHENTICATED
    assert error.details() == "the name or the password is wrong"
    for kind, body in ((JSON, b"{}"), (PROTOBUF, b"")):
        status, headers, answer = get(apus.ports["http"], "/v1/traces", "POST", {"content-type": kind}, body)
        assert status == 401
        assert headers["www-authenticate"] == 'Basic realm="apus", charset="UTF-8"'
        assert headers["content-type"] == kind
        assert b"no credentials were sent" in answer
    assert json.loads(get(apus.ports["http"], "/v1/traces", "POST", {"content-type": JSON}, b"{}")[2])["code"] == 16


def test_a_stranger_is_refused_before_the_body_is_read(start):
    apus = start({"nop": {}}, extensions=htpasswd(BCRYPT), http=AUTH)
    with connected(apus.ports["http"]) as connection:
        connection.sendall(
            b"POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\n"
            b"content-length: 50000000\r\n\r\n")
        connection.settimeout(20)
        assert connection.recv(4096).startswith(b"HTTP/1.1 401 ")


def test_passwords_are_read_again(start, grpc_sink, tmp_path):
    file = tmp_path / "users"
    file.write_text(BCRYPT + "\n")
    apus = start(
        to_grpc(grpc_sink), extensions={"basicauth": {"htpasswd": {"file": str(file)}}}, grpc=AUTH, http=AUTH)
    span = otlp.sample("traces", 1)
    export(apus.grpc, "traces", span, metadata=[("authorization", basic("alice", "secret"))])
    file.write_text(f"alice:{PASSWORD}\n")

    def accepts(password):
        try:
            export(apus.grpc, "traces", span, metadata=[("authorization", basic("alice", password))])
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAUTHENTICATED
            return False
        return True

    eventually(lambda: accepts(PASSWORD), "the new password")
    assert not accepts("secret")


def test_credentials_in_the_query(start):
    auth = {"auth": {"authenticator": "bearertokenauth", "request_params": ["authorization"]}}
    apus = start({"nop": {}}, extensions={"bearertokenauth": {"tokens": ["first-token", "second-token"]}}, http=auth)
    for token, expected in (("second-token", 200), ("third-token", 401)):
        query = urllib.parse.urlencode({"authorization": f"Bearer {token}"})
        assert get(apus.ports["http"], f"/v1/traces?{query}", "POST", {"content-type": JSON}, b"{}")[0] == expected


def test_another_configuration_has_other_credentials(start, grpc_sink):
    auth = {"auth": {"authenticator": "bearertokenauth"}}
    apus = start(to_grpc(grpc_sink), extensions={"bearertokenauth": {"token": "old-token"}}, grpc=auth, http=auth)

    def accepts(token):
        try:
            export(apus.grpc, "traces", otlp.sample("traces", 1), metadata=[("authorization", f"Bearer {token}")])
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAUTHENTICATED
            return False
        return True

    assert accepts("old-token") and not accepts("new-token")
    # The receiver itself stays as it is written; it follows its authenticator.
    apus.write({**apus.config, "extensions": {"bearertokenauth": {"token": "new-token"}}})
    apus.signal(1)
    eventually(lambda: accepts("new-token"), "the new token")
    assert not accepts("old-token")
    grpc_sink.wait_for_items("traces", 2)
    # Without the extension nothing changes: the old one goes on.
    apus.write({**apus.config, "extensions": {}, "service": {**apus.config["service"], "extensions": []}})
    apus.signal(1)
    apus.wait_for_log("there is no extension 'bearertokenauth'")
    assert accepts("new-token") and not accepts("old-token")
    grpc_sink.wait_for_items("traces", 3)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_one_apus_proves_itself_to_another(start, grpc_sink, tmp_path, protocol):
    file = tmp_path / "token"
    file.write_text("token-of-monday\n")
    extensions = {"bearertokenauth": {"filename": str(file)}}
    auth = {"auth": {"authenticator": "bearertokenauth"}}
    gateway = start(to_grpc(grpc_sink), extensions=extensions, grpc=auth, http=auth)
    to_gateway = to_grpc(gateway.grpc, **auth) if protocol == "grpc" else to_http(f"http://{gateway.http}", **auth)
    agent = start(to_gateway, extensions=extensions)
    export(agent.grpc, "traces", otlp.sample("traces", 3))
    grpc_sink.wait_for_items("traces", 3)
    file.write_text("token-of-tuesday\n")
    for apus in (gateway, agent):
        apus.wait_for_log("a file changed")
    export(agent.grpc, "traces", otlp.sample("traces", 3))
    grpc_sink.wait_for_items("traces", 6)
    assert agent.stop() == gateway.stop() == 0
    assert "token-of" not in agent.log + gateway.log


def test_the_name_of_the_sender_becomes_the_tenant(start, http_sink):
    apus = start(
        to_http(http_sink, auth={"authenticator": "headers_setter"}), grpc=AUTH, http=AUTH,
        extensions={**htpasswd("blue:pw-of-blue", "red:pw-of-red"), "headers_setter": {
            "headers": [{"key": "X-Scope-OrgID", "from_attribute": "username", "default_value": "nobody"}]}})
    for name in ("blue", "red"):
        export(apus.grpc, "logs", otlp.sample("logs", 1), metadata=[("authorization", basic(name, f"pw-of-{name}"))])
    received = http_sink.wait_for_requests(2)
    assert sorted(one.headers["x-scope-orgid"] for one in received) == ["blue", "red"]


def test_a_header_of_the_sender_goes_through_batches(start, grpc_sink):
    apus = start(
        to_grpc(grpc_sink, auth={"authenticator": "headers_setter"}, headers={"x-fixed": "yes", "x-gone": "no"}),
        processors={"batch": {"timeout": "200ms", "metadata_keys": ["x-tenant"]}}, grpc={"include_metadata": True},
        extensions={
            "bearertokenauth": {"token": "token-of-apus"},
            "headers_setter": {"additional_auth": "bearertokenauth", "headers": [
                {"key": "x-scope", "from_context": "X-Tenant", "default_value": "nobody"},
                {"action": "insert", "key": "x-fixed", "value": "other"}, {"action": "delete", "key": "x-gone"}]}})
    for tenant in ("a", "b", "a", None):
        metadata = [("x-tenant", tenant)] if tenant else None
        export(apus.grpc, "traces", otlp.sample("traces", 1), metadata=metadata)
    grpc_sink.wait_for_items("traces", 4)
    assert {one.headers["x-scope"] for one in grpc_sink.received} == {"a", "b", "nobody"}
    for one in grpc_sink.received:
        assert one.headers["authorization"] == "Bearer token-of-apus"
        assert one.headers["x-fixed"] == "yes" and "x-gone" not in one.headers


class TokenServer:
    """An OAuth 2.0 server (RFC 6749, section 4.4) in the style of most: Basic authentication, JSON."""

    def __init__(self):
        self.requests, self.failing, self.lifetime = [], 0, 3600
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                server.requests.append((self.headers["authorization"], form))
                status, answer = server.answer(self.headers["authorization"])
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, authorization):
        if self.failing > 0:
            self.failing -= 1
            return 503, {"error": "temporarily_unavailable"}
        if authorization != basic("apus", "client-secret"):
            return 401, {"error": "invalid_client", "error_description": f"not {authorization}"}
        token = {"access_token": f"access-{len(self.requests)}", "token_type": "Bearer", "expires_in": self.lifetime}
        return 200, token

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def token_server(afterwards):
    server = TokenServer()
    afterwards.callback(server.close)
    return server


def oauth(server, **keys):
    return {"oauth2client": {
        "client_id": "apus", "client_secret": "client-secret", "token_url": server.url, "scopes": ["write"],
        "endpoint_params": {"audience": "backend"}, **keys}}


OAUTH = {"auth": {"authenticator": "oauth2client"}}


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_a_token_is_fetched_once_and_sent_with_everything(start, grpc_sink, http_sink, token_server, protocol):
    sink = grpc_sink if protocol == "grpc" else http_sink
    to_sink = to_grpc(grpc_sink, **OAUTH) if protocol == "grpc" else to_http(http_sink, **OAUTH)
    token_server.failing = 1
    apus = start(to_sink, extensions=oauth(token_server))
    for _ in range(5):
        export(apus.grpc, "traces", otlp.sample("traces", 2))
    sink.wait_for_items("traces", 10)
    assert {one.headers["authorization"] for one in sink.received} == {"Bearer access-2"}
    assert len(token_server.requests) == 2
    assert token_server.requests[-1][1] == {
        "grant_type": ["client_credentials"], "scope": ["write"], "audience": ["backend"]}
    assert apus.stop() == 0
    for secret in ("client-secret", "access-2", basic("apus", "client-secret")[6:]):
        assert secret not in apus.log


def test_a_token_is_renewed_before_it_ends(start, http_sink, token_server):
    token_server.lifetime = 4
    apus = start(to_http(http_sink, **OAUTH), extensions=oauth(token_server))

    def sent():
        export(apus.grpc, "logs", otlp.sample("logs", 1))
        return {one.headers["authorization"] for one in http_sink.received}

    eventually(lambda: len(sent()) >= 3, "a third token")
    assert not any(one.failed for one in http_sink.received)


def test_a_refused_client_is_told_without_its_secret_and_nothing_is_given_up(start, http_sink, token_server):
    extensions = oauth(token_server, client_secret="wrong-secret")
    apus = start(to_http(http_sink, **OAUTH), extensions=extensions)
    export(apus.grpc, "logs", otlp.sample("logs", 1))
    apus.wait_for_log("cannot get a token from .* invalid_client: not ")
    # As many servers do, this one repeats what it was sent, in the header and then in the body.
    assert "wrong-secret" not in apus.log and basic("apus", "wrong-secret")[6:] not in apus.log
    apus.config["extensions"] = oauth(token_server)
    apus.write(apus.config)
    apus.signal(1)
    http_sink.wait_for_items("logs", 1)


def test_a_backend_that_repeats_a_token_does_not_bring_it_into_the_log(start, http_sink, token_server):
    http_sink.default = Answer(code=401, message="scheme or token does not match: Bearer access-1")
    apus = start(to_http(http_sink, **OAUTH), extensions=oauth(token_server))
    export(apus.grpc, "logs", otlp.sample("logs", 1))
    apus.wait_for_log("does not match: \\*\\*\\*")
    assert "access-1" not in apus.log
    # The token is as new as can be, so another one would not be accepted either.
    assert len(token_server.requests) == 1


def test_a_letter_that_is_sent_again_has_credentials_and_the_tenant_of_its_sender(start, http_sink, tmp_path):
    http_sink.answers = [Answer(code=400)]
    storage = {"file_storage": {"directory": str(tmp_path / "storage"), "create_directory": True}}
    setter = {"additional_auth": "bearertokenauth", "headers": [{"key": "x-tenant", "from_attribute": "username"}]}
    apus = start(
        to_http(
            http_sink, auth={"authenticator": "headers_setter"}, on_permanent_error="dead_letter",
            sending_queue={"storage": "file_storage"}),
        grpc=AUTH, extensions={
            **storage, **htpasswd(BCRYPT), "bearertokenauth": {"token": "token-of-apus"}, "headers_setter": setter})
    export(apus.grpc, "logs", otlp.sample("logs", 2), metadata=[("authorization", basic("alice", "secret"))])
    apus.wait_for_metric("otelcol_exporter_send_failed_log_records", 2, exporter="otlp_http")
    assert apus.stop() == 0
    command("dead-letter", "replay", "--config", apus.file, check=0)
    assert len(http_sink.wait_for_items("logs", 2)) == 2
    for one in http_sink.received:
        assert (one.headers["x-tenant"], one.headers["authorization"]) == ("alice", "Bearer token-of-apus")


@pytest.mark.parametrize("exporter, extensions, enabled, message", [
    ({"authenticator": "oauth2client"}, {}, [], "auth.authenticator: there is no extension 'oauth2client'"),
    ({"authenticator": "basicauth"}, htpasswd("a:b"), ["basicauth"], "'basicauth' does not set credentials"),
    ({"authenticator": "basicauth"}, htpasswd("a:b"), [], "there is no extension 'basicauth'"),
    ({}, {}, [], "authenticator"),
])
def test_what_cannot_work_is_told_before_anything_starts(tmp_path, exporter, extensions, enabled, message):
    ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
    config = configuration(
        ports, to_http("http://127.0.0.1:1", auth=exporter), extensions=extensions, service={"extensions": enabled})
    file = tmp_path / "apus.yaml"
    file.write_text(json.dumps(config))
    done = command("validate", "--config", file)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
