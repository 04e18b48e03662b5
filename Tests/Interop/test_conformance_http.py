"""OTLP/HTTP as its specification says, a case for each requirement."""

import gzip
import http.client
import json
import subprocess
import zlib

import cramjam
import otlp
import pytest
import zstandard
from clients import JSON, PROTOBUF
from conftest import to_grpc
from google.protobuf import json_format
from google.rpc import status_pb2
from process import get

COMPRESS = {
    "gzip": gzip.compress, "zlib": zlib.compress, "deflate": zlib.compress, "zstd": zstandard.compress,
    "snappy": lambda body: bytes(cramjam.snappy.compress_raw(body)),
    "x-snappy-framed": lambda body: bytes(cramjam.snappy.compress(body)),
}


@pytest.fixture
def apus(start, grpc_sink):
    one = start(to_grpc(grpc_sink), http={"max_request_body_size": 100 << 10})
    one.sink = grpc_sink
    return one


def post(apus, path, body, content_type=PROTOBUF, method="POST", **headers):
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    if content_type is not None:
        sent["content-type"] = content_type
    return get(apus.ports["http"], path, method, sent, body)


def status_of(body, content_type):
    """The `google.rpc.Status` of an error, in the encoding that the answer names."""
    if content_type.startswith(JSON):
        return json_format.Parse(body, status_pb2.Status())
    assert content_type.startswith(PROTOBUF), content_type
    return status_pb2.Status.FromString(body)


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("content_type", [PROTOBUF, f"{PROTOBUF}; charset=utf-8", "Application/X-Protobuf"])
def test_protobuf_is_answered_with_protobuf_and_partial_success_unset(apus, signal, content_type):
    message = otlp.complete(signal)
    status, headers, body = post(apus, otlp.SERVICES[signal].path, message.SerializeToString(), content_type)
    assert (status, headers["content-type"], body) == (200, PROTOBUF, b"")
    assert apus.sink.wait_for_items(signal, otlp.count(message)) == otlp.items(message)


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("content_type", [JSON, f"{JSON};charset=UTF-8", "Application/JSON"])
def test_json_is_answered_with_json_and_partial_success_unset(apus, signal, content_type):
    message = otlp.complete(signal)
    status, headers, body = post(
        apus, otlp.SERVICES[signal].path, json.dumps(otlp.to_json(message)), content_type)
    assert (status, headers["content-type"], json.loads(body)) == (200, JSON, {})
    assert apus.sink.wait_for_items(signal, otlp.count(message)) == otlp.items(message)


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("body, content_type, answer", [
    (b"", PROTOBUF, b""), (b"{}", JSON, b"{}"), (b"", JSON, b"{}")])
def test_an_empty_request_is_a_success(apus, signal, body, content_type, answer):
    assert post(apus, otlp.SERVICES[signal].path, body, content_type)[::2] == (200, answer)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH"])
def test_other_methods_are_405(apus, method):
    status, headers, _ = post(apus, "/v1/traces", None, None, method)
    assert status == 405
    assert "POST" in headers["allow"]


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/xml", "application/grpc-web", "nonsense"])
def test_other_content_types_are_415(apus, content_type):
    assert post(apus, "/v1/traces", b"", content_type)[0] == 415


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/other", "/v2/traces", "/V1/TRACES", "/v1/traces/more"])
def test_other_paths_are_404(apus, path):
    assert post(apus, path, b"")[0] == 404


def test_a_signal_without_pipeline_is_404(start):
    apus = start({"nop": {}}, signals=["logs"])
    assert post(apus, "/v1/traces", b"")[0] == 404
    assert post(apus, "/v1/logs", b"")[0] == 200


@pytest.mark.parametrize("body, content_type", [
    (b"\x0a\x05abc", PROTOBUF), (b"\xff", PROTOBUF), (b"\x0d\x00\x00\x00\x00", PROTOBUF), (b"{", JSON), (b" ", JSON),
    (b"[]", JSON), (b'{"resourceSpans": 1}', JSON), (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId":"xy"'
                                                    b'}]}]}]}', JSON)])
def test_an_invalid_body_is_400_with_a_status_in_its_encoding(apus, body, content_type):
    status, headers, answer = post(apus, "/v1/traces", body, content_type)
    assert status == 400
    found = status_of(answer, headers["content-type"])
    assert headers["content-type"].startswith(content_type)
    assert found.message
    assert found.code in (0, 3)


def test_an_invalid_body_says_where_it_is_wrong(apus):
    good = otlp.sample("traces", 1).SerializeToString()
    _, headers, answer = post(apus, "/v1/traces", good + b"\x0a\xff\xff\x7f")
    assert "byte" in status_of(answer, headers["content-type"]).message


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_compressed_bodies(apus, encoding, content_type):
    message = otlp.complete("traces")
    body = message.SerializeToString() if content_type == PROTOBUF else json.dumps(otlp.to_json(message)).encode()
    assert post(apus, "/v1/traces", COMPRESS[encoding](body), content_type, content_encoding=encoding)[0] == 200
    assert apus.sink.wait_for_items("traces", 1) == otlp.items(message)


def test_raw_deflate_is_understood_as_well(apus):
    message = otlp.complete("logs")
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(message.SerializeToString()) + packer.flush()
    assert post(apus, "/v1/logs", body, content_encoding="deflate")[0] == 200
    assert apus.sink.wait_for_items("logs", 1) == otlp.items(message)


def test_identity_is_no_compression(apus):
    body = otlp.sample("logs").SerializeToString()
    assert post(apus, "/v1/logs", body, content_encoding="identity")[0] == 200


@pytest.mark.parametrize("encoding, body", [("br", b"abc"), ("gzip", b"not gzip"), ("zstd", b"abc"), ("snappy", b"\xff" * 9)])
def test_compression_that_is_unknown_or_broken_is_refused(apus, encoding, body):
    status, headers, answer = post(apus, "/v1/logs", body, content_encoding=encoding)
    assert status == (415 if encoding == "br" else 400)
    assert status_of(answer, headers["content-type"]).message


@pytest.mark.parametrize("encoding", [None, *COMPRESS])
@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_a_body_beyond_the_limit_is_413(apus, encoding, content_type):
    """The limit of 100 KiB holds for what comes out of the decompression."""
    message = otlp.sample("logs", 1, name="x" * 200_000)
    body = message.SerializeToString() if content_type == PROTOBUF else json.dumps(otlp.to_json(message)).encode()
    headers = {} if encoding is None else {"content_encoding": encoding}
    status, answer_headers, answer = post(
        apus, "/v1/logs", COMPRESS[encoding](body) if encoding else body, content_type, **headers)
    assert status == 413
    assert status_of(answer, answer_headers["content-type"]).message
    assert answer_headers["content-type"].startswith(content_type)
    assert post(apus, "/v1/logs", otlp.sample("logs").SerializeToString())[0] == 200


def test_unknown_fields_are_ignored(apus):
    message = otlp.sample("logs", 1)
    unknown = b"\xd2\x3e\x03abc" + b"\x98\x7f\x01"  # fields 1002 and 2035
    assert post(apus, "/v1/logs", message.SerializeToString() + unknown)[0] == 200
    document = otlp.to_json(message)
    document["future"] = {"deep": [1, {"x": None}]}
    document["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["future"] = "x"
    assert post(apus, "/v1/logs", json.dumps(document), JSON)[0] == 200
    assert len(apus.sink.wait_for_items("logs", 2)) == 2


def test_overload_is_503_or_429_with_retry_after(start):
    apus = start({"nop": {}}, processors={"memory_limiter": {"check_interval": "1s", "limit_mib": 1}})
    for content_type, body in ((PROTOBUF, otlp.sample("logs").SerializeToString()), (JSON, json.dumps(
            otlp.to_json(otlp.sample("logs"))))):
        status, headers, answer = post(apus, "/v1/logs", body, content_type)
        assert status in (429, 503)
        assert int(headers["retry-after"]) >= 1
        assert headers["content-type"].startswith(content_type)
        assert status_of(answer, headers["content-type"]).message
    assert apus.metric("apus_receiver_refused_requests", transport="http", reason="memory") == 2


def test_both_encodings_on_one_connection(apus):
    connection = http.client.HTTPConnection("127.0.0.1", apus.ports["http"], timeout=30)
    for _ in range(3):
        for body, content_type, expected in ((b"", PROTOBUF, b""), (b"{}", JSON, b"{}")):
            connection.request("POST", "/v1/traces", body, {"content-type": content_type})
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, expected)
    connection.close()


def test_chunked_bodies(apus):
    body = otlp.sample("logs", 5).SerializeToString()
    parts = (body[index:index + 7] for index in range(0, len(body), 7))
    assert post(apus, "/v1/logs", parts)[0] == 200
    assert apus.sink.wait_for_items("logs", 5)


def test_http2_without_tls(apus):
    """HTTP/2 with prior knowledge, on the port of HTTP/1.1."""
    done = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "-w", "%{http_code} %{http_version}", "-H",
         f"content-type: {JSON}", "-d", "{}", f"http://{apus.http}/v1/traces"],
        capture_output=True, text=True, timeout=30)
    assert done.stdout == "{}200 2", done.stderr
