"""What goes in comes out: every signal, every protocol, every encoding and compression, and a chain of two."""

import json
import subprocess

import otlp
import pytest
from clients import JSON, PROTOBUF, export
from conftest import to_grpc, to_http
from process import get


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("compression", ["none", "gzip"])  # test_chain has those that grpcio does not know
def test_otlp_grpc_sends_every_field(start, grpc_sink, signal, compression):
    apus = start(to_grpc(grpc_sink, compression=compression, headers={"X-Tenant": "blue"}))
    message = otlp.complete(signal)
    export(apus.grpc, signal, message)
    assert grpc_sink.wait_for_items(signal, otlp.count(message)) == otlp.items(message)
    headers = grpc_sink.received[0].headers
    assert headers["x-tenant"] == "blue"
    assert headers["user-agent"].startswith("Apus/")


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("encoding, compression", [
    ("json", "none"), ("json", "gzip"), ("proto", "none"), ("proto", "gzip"), ("proto", "zstd"), ("proto", "snappy"),
    ("proto", "zlib"), ("proto", "deflate"), ("proto", "x-snappy-framed")])
def test_otlp_http_sends_every_field(start, http_sink, signal, encoding, compression):
    apus = start(to_http(http_sink, encoding=encoding, compression=compression, headers={"X-Tenant": "blue"}))
    message = otlp.complete(signal)
    export(apus.grpc, signal, message)
    assert http_sink.wait_for_items(signal, otlp.count(message)) == otlp.items(message)
    received = http_sink.received[0]
    assert received.encoding == encoding
    assert received.headers.get("content-encoding", "none") == compression
    assert received.headers["content-type"] == (JSON if encoding == "json" else PROTOBUF)
    assert received.headers["x-tenant"] == "blue"
    assert received.headers["user-agent"].startswith("Apus/")


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd", "snappy"])
@pytest.mark.parametrize("exporter", ["otlp_grpc", "otlp_http"])
def test_chain(start, http_sink, exporter, compression):
    """A second Apus behind the first, with compression between them."""
    second = start(to_http(http_sink))
    target = second.grpc if exporter == "otlp_grpc" else f"http://{second.http}"
    make = to_grpc if exporter == "otlp_grpc" else to_http
    first = start(make(target, compression=compression), processors={"batch": {"timeout": "20ms"}})
    for signal in otlp.SIGNALS:
        export(first.grpc, signal, otlp.complete(signal))
    for signal in otlp.SIGNALS:
        message = otlp.complete(signal)
        assert http_sink.wait_for_items(signal, otlp.count(message)) == otlp.items(message)


@pytest.mark.parametrize("old, new", [("otlp", "otlp_grpc"), ("otlphttp", "otlp_http")])
def test_earlier_names_and_named_instances(start, grpc_sink, http_sink, old, new):
    sink, make = (grpc_sink, to_grpc) if old == "otlp" else (http_sink, to_http)
    settings = make(sink)[new]
    apus = start({f"{old}/first": settings, f"{new}/second": settings})
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert len(sink.wait_for_items("logs", 6)) == 6


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_signal_endpoints_are_used_as_they_are(start, http_sink, signal):
    settings = {
        f"{signal}_endpoint": f"{http_sink.url}/custom/path{otlp.SERVICES[signal].path}", "compression": "none"}
    apus = start({"otlp_http": settings}, signals=[signal])
    export(apus.grpc, signal, otlp.sample(signal, 2))
    assert http_sink.wait_for_items(signal, 2)


def test_one_receiver_feeds_several_pipelines(start, grpc_sink, http_sink):
    exporters = {**to_grpc(grpc_sink), **to_http(http_sink)}
    pipelines = {
        "traces": {"receivers": ["otlp"], "exporters": ["otlp_grpc"]},
        "traces/second": {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["otlp_http"]},
    }
    apus = start(exporters, processors={"batch": {"timeout": "20ms"}}, service={"pipelines": pipelines})
    message = otlp.sample("traces", 10)
    export(apus.grpc, "traces", message)
    assert grpc_sink.wait_for_items("traces", 10) == otlp.items(message)
    assert http_sink.wait_for_items("traces", 10) == otlp.items(message)
    assert apus.metric("otelcol_receiver_accepted_spans", receiver="otlp", transport="grpc") == 10


def test_forward_joins_pipelines(start, grpc_sink):
    apus = start(
        to_grpc(grpc_sink), service={"pipelines": {
            "logs/in": {"receivers": ["otlp"], "exporters": ["forward"]},
            "logs/out": {"receivers": ["forward"], "exporters": ["otlp_grpc"]},
        }}, connectors={"forward": {}})
    message = otlp.complete("logs")
    export(apus.grpc, "logs", message)
    assert grpc_sink.wait_for_items("logs", 1) == otlp.items(message)


def test_curl_with_json(start, grpc_sink):
    """The example of the README, with the program of the README."""
    apus = start(to_grpc(grpc_sink))
    body = json.dumps(otlp.to_json(otlp.complete("logs")))
    done = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code} %{content_type}", f"http://{apus.http}/v1/logs", "-H",
         "content-type: application/json", "-d", "@-"], input=body, capture_output=True, text=True, timeout=30)
    assert done.stdout.splitlines() == ["{}", "200 application/json"], done.stderr
    assert grpc_sink.wait_for_items("logs", 1) == otlp.items(otlp.complete("logs"))


def test_unknown_path_of_metrics_page(start):
    apus = start({"nop": {}})
    assert get(apus.ports["metrics"], "/other")[0] == 404
