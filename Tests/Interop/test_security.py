"""TLS in and out, certificates of clients, Unix sockets, and what browsers may do."""

import http.client
import os
import socket
import ssl
import subprocess

import grpc
import otlp
import pytest
from clients import PROTOBUF, call, export
from conftest import QUICK_RETRY, otlp_receiver, to_grpc
from process import eventually, free_port, get
from sinks import GRPCSink, HTTPSink


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """An authority and two certificates of it, `server` for localhost and `client`; and a stranger."""
    directory = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for name in ("ca", "stranger-ca"):
        openssl("req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "2", "-subj", f"/CN={name}")
    for name, authority in (("server", "ca"), ("client", "ca"), ("renewed", "ca"), ("stranger", "stranger-ca")):
        (directory / f"{name}.cnf").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", "2", "-extfile", f"{name}.cnf", "-out", f"{name}.crt")
    return directory


def server_tls(directory, name="server", **keys):
    return {"tls": {
        "cert_file": str(directory / f"{name}.crt"), "key_file": str(directory / f"{name}.key"), **keys}}


def client_credentials(directory, name=None):
    read = lambda file: (directory / file).read_bytes()  # noqa: E731
    return grpc.ssl_channel_credentials(read("ca.crt"), *((read(f"{name}.key"), read(f"{name}.crt")) if name else ()))


def secure_call(apus, credentials, signal="traces", count=2):
    with grpc.secure_channel(f"localhost:{apus.ports['grpc']}", credentials) as channel:
        rpc = channel.unary_unary(otlp.SERVICES[signal].method, lambda raw: raw, lambda raw: raw)
        return rpc(otlp.sample(signal, count).SerializeToString(), timeout=15)


def https(apus, context):
    connection = http.client.HTTPSConnection("localhost", apus.ports["http"], timeout=15, context=context)
    try:
        connection.request("POST", "/v1/logs", otlp.sample("logs", 1).SerializeToString(), {"content-type": PROTOBUF})
        return connection.getresponse().status
    finally:
        connection.close()


def test_tls_of_the_receiver(start, certificates):
    keys = server_tls(certificates)
    apus = start({"nop": {}}, grpc=keys, http=keys)
    assert secure_call(apus, client_credentials(certificates)) == b""
    context = ssl.create_default_context(cafile=certificates / "ca.crt")
    assert https(apus, context) == 200
    with pytest.raises(grpc.RpcError):
        export(apus.grpc, "traces", b"", timeout=3, options=[("grpc.initial_reconnect_backoff_ms", 10**6)])
    with pytest.raises((OSError, http.client.HTTPException)):
        get(apus.ports["http"], "/v1/logs")
    assert secure_call(apus, client_credentials(certificates)) == b""


def test_http2_is_negotiated_over_tls(start, certificates):
    keys = server_tls(certificates)
    apus = start({"nop": {}}, http=keys)
    for option, version in (("--http2", "2"), ("--http1.1", "1.1")):
        done = subprocess.run(
            ["curl", "-sS", option, "--cacert", str(certificates / "ca.crt"), "-H", "content-type: application/json",
             "-d", "{}", "-w", "%{http_code} %{http_version}", f"https://localhost:{apus.ports['http']}/v1/logs"],
            capture_output=True, text=True, timeout=30)
        assert done.stdout == f"{{}}200 {version}", done.stderr


def test_only_clients_with_a_certificate(start, certificates):
    keys = server_tls(certificates, client_ca_file=str(certificates / "ca.crt"))
    apus = start({"nop": {}}, grpc=keys, http=keys)
    assert secure_call(apus, client_credentials(certificates, "client")) == b""
    for name in (None, "stranger"):
        with pytest.raises(grpc.RpcError):
            secure_call(apus, client_credentials(certificates, name))
    context = ssl.create_default_context(cafile=certificates / "ca.crt")
    with pytest.raises((OSError, http.client.HTTPException)):
        https(apus, context)
    context.load_cert_chain(certificates / "client.crt", certificates / "client.key")
    assert https(apus, context) == 200
    assert apus.metric("otelcol_receiver_accepted_spans") == 2


def test_a_renewed_certificate_is_read_again(start, certificates, tmp_path):
    for kind in ("crt", "key"):
        (tmp_path / f"live.{kind}").write_bytes((certificates / f"server.{kind}").read_bytes())
    apus = start({"nop": {}}, http=server_tls(tmp_path, "live", reload_interval="100ms"))

    def name():
        context = ssl.create_default_context(cafile=certificates / "ca.crt")
        with socket.create_connection(("127.0.0.1", apus.ports["http"]), timeout=15) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.getpeercert()["subject"][0][0][1]

    assert name() == "server"
    for kind in ("key", "crt"):
        (tmp_path / f"next.{kind}").write_bytes((certificates / f"renewed.{kind}").read_bytes())
    for kind in ("key", "crt"):
        os.replace(tmp_path / f"next.{kind}", tmp_path / f"live.{kind}")
    eventually(lambda: name() == "renewed", "the new certificate")


@pytest.mark.parametrize("with_client_certificate", [False, True])
def test_tls_to_the_backend(start, certificates, with_client_certificate):
    read = lambda file: (certificates / file).read_bytes()  # noqa: E731
    pair = [(read("server.key"), read("server.crt"))]
    grpc_sink = GRPCSink(credentials=grpc.ssl_server_credentials(
        pair, read("ca.crt") if with_client_certificate else None, with_client_certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ca.crt")
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED if with_client_certificate else ssl.CERT_NONE
    http_sink = HTTPSink(tls=context)
    tls = {"ca_file": str(certificates / "ca.crt")}
    if with_client_certificate:
        tls |= server_tls(certificates, "client")["tls"]
    try:
        apus = start({
            "otlp_grpc": {"endpoint": f"localhost:{grpc_sink.port}", "tls": tls},
            "otlp_http": {"endpoint": f"https://localhost:{http_sink.port}", "tls": tls}})
        export(apus.grpc, "traces", otlp.sample("traces", 4))
        assert grpc_sink.wait_for_items("traces", 4)
        assert http_sink.wait_for_items("traces", 4)
    finally:
        grpc_sink.close()
        http_sink.close()


@pytest.mark.parametrize("tls, works", [
    ({}, False), ({"insecure_skip_verify": True}, True), ({"ca": True, "server_name_override": "localhost"}, True),
    ({"ca": True, "server_name_override": "other.example"}, False)])
def test_certificates_of_backends_are_checked(start, certificates, tls, works):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    sink = HTTPSink(tls=context)
    tls = dict(tls)
    if tls.pop("ca", False):
        tls["ca_file"] = str(certificates / "ca.crt")
    try:
        apus = start({"otlp_http": {
            "endpoint": f"https://127.0.0.1:{sink.port}", "tls": tls, "retry_on_failure": QUICK_RETRY}})
        export(apus.grpc, "logs", otlp.sample("logs", 1))
        if works:
            assert sink.wait_for_items("logs", 1)
        else:
            apus.wait_for_log("(?i)certificate|tls|handshake")
            assert sink.received == []
    finally:
        sink.close()


def test_unix_sockets_in_and_out(start, tmp_path):
    first, second = tmp_path / "in.sock", tmp_path / "out.sock"
    sink = GRPCSink(address=f"unix:{second}")
    ports = {"grpc": free_port(), "http": free_port()}
    receiver = otlp_receiver(ports, grpc={"endpoint": str(first), "transport": "unix"})
    try:
        apus = start(to_grpc(f"unix://{second}"), receiver=receiver)
        with grpc.insecure_channel(f"unix:{first}") as channel:
            call(channel, "logs", otlp.sample("logs", 3))
        assert sink.wait_for_items("logs", 3)
        assert apus.stop() == 0
        assert not first.exists(), "the socket is removed at the end"
    finally:
        sink.close()


CORS = {"cors": {
    "allowed_origins": ["https://*.example.com", "http://localhost:8080"], "allowed_headers": ["X-Tenant"],
    "max_age": 600}}


@pytest.mark.parametrize("origin, allowed", [
    ("https://shop.example.com", True), ("http://localhost:8080", True), ("https://example.org", False),
    ("https://shop.example.com.evil.org", False)])
def test_preflight(start, origin, allowed):
    apus = start({"nop": {}}, http=CORS)
    status, headers, _ = get(apus.ports["http"], "/v1/traces", "OPTIONS", {
        "origin": origin, "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, x-tenant"})
    assert (headers.get("access-control-allow-origin") == origin) is allowed
    if allowed:
        assert status in (200, 204)
        assert "POST" in headers["access-control-allow-methods"]
        assert "x-tenant" in headers["access-control-allow-headers"].lower()
        assert headers["access-control-max-age"] == "600"


def test_an_answer_names_the_origin_only_when_it_is_allowed(start):
    apus = start({"nop": {}}, http=CORS)
    for origin in ("http://localhost:8080", "https://example.org"):
        status, headers, _ = get(
            apus.ports["http"], "/v1/traces", "POST", {"content-type": PROTOBUF, "origin": origin}, b"")
        assert status == 200
        assert (headers.get("access-control-allow-origin") == origin) is (origin == "http://localhost:8080")


def test_without_cors_there_are_no_such_headers(start):
    apus = start({"nop": {}})
    _, headers, _ = get(apus.ports["http"], "/v1/traces", "OPTIONS", {
        "origin": "https://example.com", "access-control-request-method": "POST"})
    assert not [name for name in headers if name.lower().startswith("access-control")]
