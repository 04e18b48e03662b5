"""The Forward protocol: fluent-logger and a client of our own send, Apus receives, sends on, and receives again."""

import logging
import subprocess

import msgpack
import otlp
import pytest
from clients import export
from conftest import QUICK_RETRY, to_grpc
from fluent import asyncsender, handler, sender
from forward import ForwardClient, ForwardServer, client_tls, event_time, heartbeat, packed
from process import eventually, free_port
from sinks import Answer


@pytest.fixture
def certificates(tmp_path):
    """`server.crt`, which is its own authority, and `server.key`."""
    directory = tmp_path / "certificates"
    directory.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "server.key", "-out", "server.crt"],
        cwd=directory, check=True, capture_output=True)
    return directory


def settings(receivers, exporters, metrics, **service):
    page = {
        "host": "127.0.0.1", "port": metrics, "without_type_suffix": True, "without_units": True,
        "without_scope_info": True}
    return {
        "receivers": receivers, "exporters": exporters,
        "service": {
            "shutdown_timeout": "5s",
            "telemetry": {
                "logs": {"level": "debug", "sampling": {"enabled": False}},
                "metrics": {"readers": [{"pull": {"exporter": {"prometheus": page}}}]}},
            "pipelines": {"logs": {"receivers": list(receivers), "exporters": list(exporters)}}, **service}}


@pytest.fixture
def receive(launch, grpc_sink):
    """Starts Apus with the receiver before a sink; gives Apus, whose `forward` is the port, and the sink."""

    def receive(exporter=None, **keys):
        port, metrics = free_port(), free_port()
        receivers = {"fluent_forward": {"endpoint": f"127.0.0.1:{port}", **keys}}
        apus = launch(settings(receivers, exporter or to_grpc(grpc_sink), metrics), {"metrics": metrics})
        apus.forward = port
        return apus

    return receive


def records(sink, number):
    """The log records of a sink, once there are `number`."""
    sink.wait_for_items("logs", number)
    return [
        record for request in sink.accepted("logs") for group in request.resource_logs
        for scope in group.scope_logs for record in scope.log_records]


def attributes(record):
    return {pair.key: value(pair.value) for pair in record.attributes}


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [value(one) for one in any_value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: value(pair.value) for pair in any_value.kvlist_value.values}
    return getattr(any_value, kind)


# fluent-logger


@pytest.mark.parametrize("nanoseconds", [False, True])
def test_what_fluent_logger_sends_arrives(receive, grpc_sink, nanoseconds):
    apus = receive()
    logger = sender.FluentSender("app", host="127.0.0.1", port=apus.forward, nanosecond_precision=nanoseconds)
    record = {
        "message": "hello", "number": 7, "negative": -70000, "large": 2**63, "share": 0.5, "yes": True, "no": None,
        "list": [1, "two", {"three": 3}], "map": {"a": {"b": "c"}}, "text": "grüße"}
    assert logger.emit_with_time("web", 1593031012.25 if nanoseconds else 1593031012, record)
    logger.close()
    found = records(grpc_sink, 1)[0]
    assert found.time_unix_nano == (1593031012250000000 if nanoseconds else 1593031012000000000)
    assert value(found.body) == "hello"
    expected = {key: one for key, one in record.items() if key != "message"}
    assert attributes(found) == {**expected, "large": str(2**63), "fluent.tag": "app.web"}


def test_the_asynchronous_sender_of_fluent_logger(receive, grpc_sink):
    apus = receive()
    logger = asyncsender.FluentSender("app", host="127.0.0.1", port=apus.forward, queue_maxsize=1000)
    for number in range(200):
        logger.emit("web", {"message": f"{number}"})
    logger.close()
    found = records(grpc_sink, 200)
    assert sorted(int(value(one.body)) for one in found) == list(range(200))
    apus.wait_for_metric("otelcol_receiver_accepted_log_records", 200, receiver="fluent_forward", transport="tcp")


def test_pythons_logging_through_fluent_logger(receive, grpc_sink):
    apus = receive()
    target = handler.FluentHandler("app.log", host="127.0.0.1", port=apus.forward)
    target.setFormatter(handler.FluentRecordFormatter({"level": "%(levelname)s"}))
    log = logging.getLogger("interop.forward")
    log.addHandler(target)
    try:
        log.error({"message": "it broke", "code": 3})
    finally:
        log.removeHandler(target)
        target.close()
    found = records(grpc_sink, 1)[0]
    assert value(found.body) == "it broke"
    assert attributes(found)["code"] == 3 and attributes(found)["level"] == "ERROR"


# The modes


def test_every_mode_with_acknowledgements(receive, grpc_sink):
    apus = receive(ack="delivered")
    client = ForwardClient(apus.forward)
    entries = [[event_time(1593031012, 5), {"log": f"{number}"}] for number in range(3)]
    messages = [
        ["tag", 1593031012, {"log": "single"}],
        ["tag", entries],
        ["tag", packed(entries)],
    ]
    for number, message in enumerate(messages):
        assert client.deliver(message, f"chunk-{number}") == {"ack": f"chunk-{number}"}
    compressed = ["tag", packed(entries, compress=True)]
    assert client.deliver(compressed, "chunk-3", size=3, compressed="gzip") == {"ack": "chunk-3"}
    found = records(grpc_sink, 10)
    assert [value(one.body) for one in found] == ["single"] + ["0", "1", "2"] * 3
    assert {one.time_unix_nano for one in found[1:]} == {1593031012000000005}
    client.close()


def test_a_chunk_is_acknowledged_when_the_backend_has_it(receive, grpc_sink):
    apus = receive(ack="delivered")
    grpc_sink.default = Answer(delay=1)
    client = ForwardClient(apus.forward)
    assert client.deliver(["tag", 1, {"log": "x"}], "slow") == {"ack": "slow"}
    assert len(grpc_sink.items("logs")) == 1
    client.close()


def test_without_room_the_client_sends_again(receive, grpc_sink):
    exporter = to_grpc("127.0.0.1:1", retry_on_failure={"enabled": False}, sending_queue={"enabled": False})
    apus = receive(exporter, ack="delivered")
    client = ForwardClient(apus.forward)
    assert client.deliver(["tag", 1, {"log": "x"}], "lost") is None
    assert apus.metric("otelcol_receiver_refused_log_records", receiver="fluent_forward") == 1
    client.close()


def test_heartbeats_over_udp_and_tcp(receive, grpc_sink):
    apus = receive()
    assert heartbeat(apus.forward) == b"\0"
    client = ForwardClient(apus.forward)
    client.send(None)
    assert client.deliver(["tag", 1, {"log": "x"}], "1") == {"ack": "1"}
    client.close()


def test_what_is_no_message_ends_its_connection_and_nothing_else(receive, grpc_sink):
    apus = receive()
    good, bad = ForwardClient(apus.forward), ForwardClient(apus.forward)
    bad.socket.sendall(msgpack.packb(["tag", 1, {"log": "before"}]) + b"GET / HTTP/1.1\r\n\r\n")
    assert bad.receive() is None
    assert good.deliver(["tag", 1, {"log": "after"}], "1") == {"ack": "1"}
    assert sorted(value(one.body) for one in records(grpc_sink, 2)) == ["after", "before"]
    apus.wait_for_log("a message cannot be read, so its connection is closed")
    apus.wait_for_metric("otelcol_fluent_parse_failures", 1, receiver="fluent_forward")
    good.close()


# Handshake and TLS


def test_the_handshake(receive, grpc_sink):
    security = {"shared_key": "z7Qk-pl0x", "users": [{"username": "alice", "password": "wonderland"}]}
    apus = receive(security=security)
    client = ForwardClient(apus.forward, "z7Qk-pl0x", "alice", "wonderland")
    assert client.accepted is True
    assert client.deliver(["tag", 1, {"log": "x"}], "1") == {"ack": "1"}
    client.close()
    for wrong in [("guess", "alice", "wonderland"), ("z7Qk-pl0x", "alice", "x"), ("z7Qk-pl0x", "eve", "")]:
        other = ForwardClient(apus.forward, *wrong)
        assert other.accepted is False and other.reason and other.receive() is None
    silent = ForwardClient(apus.forward)
    silent.send(["tag", 1, {"log": "sneaked in"}])
    assert silent.receive()[0] == "HELO" and silent.receive() is None
    assert len(grpc_sink.items("logs")) == 1
    assert "wonderland" not in apus.log and "z7Qk-pl0x" not in apus.log


def test_tls(receive, grpc_sink, certificates):
    tls = {"cert_file": str(certificates / "server.crt"), "key_file": str(certificates / "server.key")}
    apus = receive(tls=tls, security={"shared_key": "secret"})
    client = ForwardClient(apus.forward, "secret", tls=client_tls(certificates / "server.crt"))
    assert client.deliver(["tag", 1, {"log": "x"}], "1") == {"ack": "1"}
    client.close()


# The exporter


@pytest.fixture
def server(afterwards):
    server = ForwardServer()
    afterwards.callback(server.close)
    return server


def forward_exporter(port, **keys):
    return {"fluent_forward": {"endpoint": f"127.0.0.1:{port}", "retry_on_failure": QUICK_RETRY, **keys}}


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_the_exporter_sends_what_a_server_reads(start, server, compression):
    apus = start(forward_exporter(server.port, compression=compression, tag="all"), signals=["logs"])
    export(apus.grpc, "logs", otlp.sample("logs", 5, name="line"))
    eventually(lambda: len(server.entries()) == 5, lambda: server.messages)
    assert {tag for tag, _, _ in server.entries()} == {"all"}
    assert all(stamp > 0 and "line" in str(record) for _, stamp, record in server.entries())
    apus.wait_for_metric("otelcol_exporter_sent_log_records", 5, exporter="fluent_forward")


def test_what_is_not_acknowledged_is_sent_again(start, server):
    server.refusals = 3
    apus = start(forward_exporter(server.port), signals=["logs"])
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    eventually(lambda: len(server.entries()) == 5, lambda: apus.log)
    assert apus.stop() == 0


def test_the_exporter_shows_who_it_is(start, afterwards):
    server = ForwardServer(shared_key="secret", users={"alice": "wonderland"})
    afterwards.callback(server.close)
    keys = {"shared_key": "secret", "username": "alice", "password": "wonderland"}
    apus = start(forward_exporter(server.port, **keys), signals=["logs"])
    export(apus.grpc, "logs", otlp.sample("logs", 2))
    eventually(lambda: len(server.entries()) == 2, lambda: apus.log)


def test_from_apus_to_apus_everything_comes_back(launch, receive, grpc_sink, certificates):
    """Client, receiver, exporter, TLS, handshake, receiver, sink: records are what they were."""
    tls = {"cert_file": str(certificates / "server.crt"), "key_file": str(certificates / "server.key")}
    second = receive(tls=tls, security={"shared_key": "secret", "self_hostname": "second"}, ack="delivered")
    port, metrics = free_port(), free_port()
    exporter = forward_exporter(
        second.forward, shared_key="secret", tls={"ca_file": str(certificates / "server.crt")},
        sending_queue={"enabled": False})
    exporter["fluent_forward"]["endpoint"] = f"localhost:{second.forward}"
    first = launch(
        settings({"fluentforward": {"endpoint": f"127.0.0.1:{port}", "ack": "delivered"}}, exporter, metrics),
        {"metrics": metrics})
    client = ForwardClient(port)
    record = {"log": "x", "number": 7, "list": [1, None, {"a": "b"}], "share": 0.25, "yes": True}
    for number in range(20):
        message = [f"tag.{number % 3}", [[event_time(1593031012, number), record]]]
        assert client.deliver(message, f"{number}") == {"ack": f"{number}"}
    found = records(grpc_sink, 20)
    assert [one.time_unix_nano for one in found] == [1593031012000000000 + number for number in range(20)]
    for number, one in enumerate(found):
        assert value(one.body) == "x"
        expected = {key: kept for key, kept in record.items() if key != "log"}
        assert attributes(one) == {**expected, "fluent.tag": f"tag.{number % 3}"}
    client.close()
    assert first.stop() == 0 and second.stop() == 0


def test_a_new_configuration_takes_the_port_over(receive, grpc_sink):
    apus = receive()
    client = ForwardClient(apus.forward)
    assert client.deliver(["tag", 1, {"log": "before"}], "1") == {"ack": "1"}
    apus.config["receivers"]["fluent_forward"]["max_connections"] = 100
    apus.write(apus.config)
    apus.signal(1)

    def again():
        other = ForwardClient(apus.forward)
        try:
            return other.deliver(["tag", 1, {"log": "after"}], "2") == {"ack": "2"} and heartbeat(apus.forward)
        finally:
            other.close()

    apus.wait_for_log("listening[\\s\\S]*listening")
    eventually(again, lambda: apus.log)
    client.close()
