"""OTLP/gRPC as its specification says, a case for each requirement."""

import gzip
import re
import struct
import subprocess

import grpc
import otlp
import pytest
from clients import (
    DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, SETTINGS, call, connected, details, export, failure, frame,
    message_frame, request_fields, unpack, until_closed,
)
from conftest import to_grpc
from google.rpc import error_details_pb2


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_success_leaves_partial_success_unset(start, grpc_sink, signal, compression):
    apus = start(to_grpc(grpc_sink))
    message = otlp.complete(signal)
    assert export(apus.grpc, signal, message, compression=compression) == b""
    assert grpc_sink.wait_for_items(signal, otlp.count(message)) == otlp.items(message)


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_an_empty_request_is_a_success(start, signal):
    assert export(start({"nop": {}}).grpc, signal, b"") == b""


@pytest.mark.parametrize("message", [b"\x0a\x05abc", b"\xff", b"\x0d\x00\x00\x00\x00", b"\x0a\x04\x0a\x02\x0a\x7f"])
def test_bad_data_is_invalid_argument_with_bad_request(start, message):
    apus = start({"nop": {}})
    error = failure(apus.grpc, "traces", message)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "byte" in error.details()
    status = details(error)
    assert (status.code, status.message) == (3, error.details())
    assert unpack(status, error_details_pb2.BadRequest).field_violations


def test_a_message_beyond_the_limit_is_resource_exhausted(start):
    apus = start({"nop": {}}, grpc={"max_recv_msg_size_mib": 1})
    large = otlp.sample("logs", 1, name="x" * (1 << 20))
    for compression in (None, grpc.Compression.Gzip):
        error = failure(apus.grpc, "logs", large, compression=compression)
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details(error) is None or not details(error).details, "RetryInfo would make the client try again"
    export(apus.grpc, "logs", otlp.sample("logs", 1, name="x" * 1_000_000))


def test_a_signal_without_pipeline_is_unimplemented(start):
    apus = start({"nop": {}}, signals=["logs"])
    assert failure(apus.grpc, "traces", b"").code() == grpc.StatusCode.UNIMPLEMENTED
    assert export(apus.grpc, "logs", b"") == b""


@pytest.mark.parametrize("method", [
    "/opentelemetry.proto.collector.trace.v1.TraceService/Other", "/unknown.Service/Export", "/x"])
def test_an_unknown_method_is_unimplemented(start, method):
    assert failure(start({"nop": {}}).grpc, method, b"").code() == grpc.StatusCode.UNIMPLEMENTED


def test_overload_is_retryable_and_says_when(start):
    apus = start({"nop": {}}, processors={"memory_limiter": {"check_interval": "1s", "limit_mib": 1}})
    error = failure(apus.grpc, "traces", otlp.sample("traces", 3))
    assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
    delay = unpack(details(error), error_details_pb2.RetryInfo).retry_delay
    assert delay.seconds + delay.nanos > 0
    labels = {"receiver": "otlp", "transport": "grpc", "reason": "memory"}
    assert apus.metric("apus_receiver_refused_requests", **labels) == 1


def test_unknown_fields_travel_along(start, grpc_sink):
    apus = start(to_grpc(grpc_sink))
    message = otlp.sample("logs", 1)
    unknown = b"\xd2\x3e\x03abc"  # field 1002
    message.resource_logs[0].MergeFromString(unknown)
    export(apus.grpc, "logs", message.SerializeToString())
    grpc_sink.wait_for_items("logs", 1)
    assert unknown in grpc_sink.accepted("logs")[0].SerializeToString()


def test_many_calls_at_once_on_one_connection(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"batch": {"timeout": "20ms"}})
    with grpc.insecure_channel(apus.grpc) as channel:
        rpc = channel.unary_unary(otlp.SERVICES["logs"].method, lambda raw: raw, lambda raw: raw)
        calls = [rpc.future(otlp.sample("logs", 3, name=f"c{n}").SerializeToString(), timeout=60) for n in range(300)]
        assert all(one.result() == b"" for one in calls)
    assert len(set(grpc_sink.wait_for_items("logs", 900))) == 900


def test_metadata_and_deadline_are_accepted(start):
    apus = start({"nop": {}}, grpc={"include_metadata": True})
    metadata = (("x-tenant", "a"), ("x-binary-bin", b"\x00\xff"), ("authorization", "Bearer x"))
    assert export(apus.grpc, "traces", otlp.sample("traces"), metadata=metadata, timeout=20) == b""


def raw_call(apus, frames):
    """Sends frames made by hand on stream 1 and returns all bytes of the answer."""
    with connected(apus.ports["grpc"]) as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frames)
        connection.shutdown(1)
        return until_closed(connection)


def test_a_message_in_an_unknown_compression_is_unimplemented(start, tmp_path):
    apus = start({"nop": {}})
    body = tmp_path / "body"
    body.write_bytes(message_frame(b"abc", compressed=1))
    done = subprocess.run(
        ["nghttp", "-nv", "--no-content-length", "-d", str(body), "-H", "content-type: application/grpc", "-H",
         "te: trailers", "-H", "grpc-encoding: br", f"http://{apus.grpc}{otlp.SERVICES['traces'].method}"],
        capture_output=True, text=True, timeout=30)
    assert "grpc-status: 12" in done.stdout, done.stdout + done.stderr
    accepted = re.search("grpc-accept-encoding: (.*)", done.stdout).group(1)
    assert {"gzip", "zstd", "snappy"} <= {name.strip() for name in accepted.split(",")}


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_what_is_not_grpc_is_415(start, content_type):
    apus = start({"nop": {}})
    done = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_code}", "-H",
         f"content-type: {content_type}", "-d", "{}", f"http://{apus.grpc}{otlp.SERVICES['traces'].method}"],
        capture_output=True, text=True, timeout=30)
    assert done.stdout == "415", done.stderr


def test_compressed_flag_without_encoding_is_an_error(start):
    apus = start({"nop": {}})
    head = frame(HEADERS, END_HEADERS, 1, request_fields())
    raw_call(apus, head + frame(DATA, END_STREAM, 1, message_frame(gzip.compress(b""), compressed=1)))
    assert export(apus.grpc, "traces", b"") == b""


@pytest.mark.parametrize("body", [
    b"", b"\x00\x00", message_frame(b"abc", length=100), message_frame(b"") + message_frame(b""),
    message_frame(b"", compressed=7), struct.pack(">BI", 0, 2**32 - 1)])
def test_broken_framing_ends_the_call_and_nothing_else(start, body):
    apus = start({"nop": {}})
    with grpc.insecure_channel(apus.grpc) as other:
        call(other, "traces", b"")
        raw_call(apus, frame(HEADERS, END_HEADERS, 1, request_fields()) + frame(DATA, END_STREAM, 1, body))
        assert call(other, "traces", otlp.sample("traces")) == b""
    assert apus.metric("otelcol_receiver_accepted_spans") == 1
