"""What Apus writes itself: files, the debug exporter's text, and the page with its own metrics."""

import json
import struct

import otlp
import pytest
import zstandard
from clients import export
from conftest import to_grpc, to_http
from process import eventually, get
from sinks import Answer


def lines(path, signal):
    return [otlp.from_json(json.loads(line), otlp.SERVICES[signal].request) for line in path.read_text().splitlines()]


def records(data):
    """Messages with their length in front, four bytes with the most significant first."""
    while data:
        (length,) = struct.unpack_from(">I", data)
        assert len(data) >= 4 + length, "a message is cut off"
        yield data[4:4 + length]
        data = data[4 + length:]


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_file_with_json_lines(start, tmp_path, signal):
    path = tmp_path / "out" / "telemetry.jsonl"
    apus = start({"file": {"path": str(path), "create_directory": True}})
    for message in (otlp.complete(signal), otlp.sample(signal, 5)):
        export(apus.grpc, signal, message)
    assert apus.stop() == 0
    assert otlp.items(*lines(path, signal)) == otlp.items(otlp.complete(signal), otlp.sample(signal, 5))


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("format, compression", [("proto", ""), ("proto", "zstd"), ("json", "zstd")])
def test_file_with_lengths(start, tmp_path, signal, format, compression):
    path = tmp_path / "telemetry.bin"
    apus = start({"file": {"path": str(path), "format": format, "compression": compression}})
    for message in (otlp.complete(signal), otlp.sample(signal, 5)):
        export(apus.grpc, signal, message)
    assert apus.stop() == 0
    found = []
    for record in records(path.read_bytes()):
        body = zstandard.ZstdDecompressor().decompressobj().decompress(record) if compression else record
        found.append(
            otlp.SERVICES[signal].request.FromString(body) if format == "proto"
            else otlp.from_json(json.loads(body), otlp.SERVICES[signal].request))
    assert otlp.items(*found) == otlp.items(otlp.complete(signal), otlp.sample(signal, 5))


def test_file_is_flushed_while_running(start, tmp_path):
    path = tmp_path / "telemetry.jsonl"
    apus = start({"file": {"path": str(path), "flush_interval": "50ms"}})
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    eventually(lambda: path.exists() and path.read_text().endswith("\n"), "a whole line")
    assert otlp.items(*lines(path, "logs")) == otlp.items(otlp.sample("logs", 5))


def test_file_rotation_keeps_whole_lines(start, tmp_path):
    path = tmp_path / "telemetry.jsonl"
    apus = start({"file": {"path": str(path), "rotation": {"max_megabytes": 1, "max_backups": 10}}}, signals=["logs"])
    sent = [otlp.sample("logs", 1, name=f"{number}" + "x" * 400_000) for number in range(6)]
    for message in sent:
        export(apus.grpc, "logs", message)
    assert apus.stop() == 0
    files = sorted(tmp_path.glob("telemetry*"))
    assert len(files) >= 3
    assert all(file.stat().st_size <= 1 << 20 for file in files)
    assert otlp.items(*(message for file in files for message in lines(file, "logs"))) == otlp.items(*sent)


def test_append_goes_on_where_it_was(start, tmp_path):
    path = tmp_path / "telemetry.jsonl"
    for number in range(2):
        apus = start({"file": {"path": str(path), "append": True}})
        export(apus.grpc, "logs", otlp.sample("logs", 2, name=f"n{number}"))
        assert apus.stop() == 0
    assert len(otlp.items(*lines(path, "logs"))) == 4


@pytest.mark.parametrize("signal, words", [
    ("traces", ["Ünïcode", "failed", "event", "000102030405060708090a0b0c0d0e0f", "12345678".encode().hex(), "a=1,b=2"]),
    ("metrics", ["gauge", "sum", "histogram", "exponential", "summary", "a gauge", "By"]),
    ("logs", ["ERROR", "happened", "0102030405060708090a0b0c0d0e0f10", "grüße 🐦"]),
])
def test_debug_detailed_has_every_field(start, signal, words):
    apus = start({"debug": {"verbosity": "detailed"}})
    export(apus.grpc, signal, otlp.complete(signal))
    for word in [*words, "service.name", "interop", "1.2", "https://opentelemetry.io/schemas/1.30.0"]:
        apus.wait_for_log(word.replace(".", r"\."))


@pytest.mark.parametrize("signal, words", [
    ("traces", ["Ünïcode", "000102030405060708090a0b0c0d0e0f"]), ("metrics", ["gauge", "sum", "histogram"]),
    ("logs", ["grüße 🐦"])])
def test_debug_normal_has_a_line_for_each_item(start, signal, words):
    apus = start({"debug": {"verbosity": "normal"}})
    export(apus.grpc, signal, otlp.complete(signal))
    for word in words:
        apus.wait_for_log(word)


@pytest.mark.parametrize("signal, counts", [
    ("traces", {"resource spans": 1, "spans": 7}), ("metrics", {"resource metrics": 1, "metrics": 1, "data points": 7}),
    ("logs", {"resource logs": 1, "log records": 7})])
def test_debug_basic_counts(start, signal, counts):
    apus = start({"debug": {"verbosity": "basic"}})
    export(apus.grpc, signal, otlp.sample(signal, 7, name="secret"))
    for name, value in counts.items():
        apus.wait_for_log(rf'"{name}": "?{value}"?[,}}]')
    assert "secret" not in apus.log


def test_own_metrics_are_exact(start, grpc_sink, http_sink):
    apus = start(
        {**to_grpc(grpc_sink), **to_http(http_sink)},
        processors={"memory_limiter": {"check_interval": "1s", "limit_mib": 4096}, "batch": {"timeout": "20ms"}})
    sent = {"traces": 0, "metrics": 0, "logs": 0}
    for number in range(1, 11):
        for signal, service in otlp.SERVICES.items():
            message = otlp.sample(signal, number, name=f"n{number}")
            if number % 2:
                export(apus.grpc, signal, message)
            else:
                assert get(
                    apus.ports["http"], service.path, "POST", {"content-type": "application/x-protobuf"},
                    message.SerializeToString())[0] == 200
            sent[signal] += number
    for signal, service in otlp.SERVICES.items():
        items = service.items
        grpc_sink.wait_for_items(signal, 55)
        http_sink.wait_for_items(signal, 55)
        for exporter in ("otlp_grpc", "otlp_http"):
            apus.wait_for_metric(f"otelcol_exporter_sent_{items}", 55, exporter=exporter)
            assert apus.metric(f"otelcol_exporter_send_failed_{items}", exporter=exporter) == 0
        assert apus.metric(f"otelcol_receiver_accepted_{items}", receiver="otlp", transport="grpc") == 25
        assert apus.metric(f"otelcol_receiver_accepted_{items}", receiver="otlp", transport="http") == 30
        assert apus.metric(f"otelcol_receiver_refused_{items}") == 0
        assert apus.metric(f"otelcol_processor_memory_limiter_accepted_{items}", processor="memory_limiter") == 55
    page = apus.metrics()
    assert page["otelcol_exporter_queue_size", (("data_type", "traces"), ("exporter", "otlp_grpc"))] == 0
    for name in ("otelcol_process_uptime", "otelcol_process_cpu_seconds", "otelcol_process_memory_rss"):
        assert apus.metric(name) > 0


def test_failures_are_counted_once(start, grpc_sink, http_sink):
    http_sink.default = Answer(400)
    apus = start({**to_grpc(grpc_sink), **to_http(http_sink)})
    export(apus.grpc, "traces", otlp.sample("traces", 5))
    apus.wait_for_metric("otelcol_exporter_sent_spans", 5, exporter="otlp_grpc")
    apus.wait_for_metric("otelcol_exporter_send_failed_spans", 5, exporter="otlp_http")
    assert apus.metric("otelcol_exporter_sent_spans", exporter="otlp_http") == 0
    assert apus.metric("otelcol_receiver_accepted_spans") == 5


@pytest.mark.parametrize("flags, name", [
    ({}, "otelcol_receiver_accepted_spans"), ({"without_type_suffix": False}, "otelcol_receiver_accepted_spans_total")])
def test_names_follow_the_flags_of_the_reader(start, flags, name):
    apus = start({"nop": {}}, prometheus=flags)
    export(apus.grpc, "traces", otlp.sample("traces", 5))
    assert apus.metric(name, receiver="otlp") == 5
    _, headers, body = get(apus.ports["metrics"], "/metrics")
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    assert f"# TYPE {name} counter".encode() in body


def test_log_as_json(start):
    apus = start({"nop": {}}, service={"telemetry": {"logs": {"encoding": "json"}, "metrics": {"level": "none"}}})
    for line in filter(None, apus.log.splitlines()):
        assert {"level", "ts", "msg"} <= set(json.loads(line))
