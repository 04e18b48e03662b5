"""Input from clients that are broken or hostile: the specified error, and nobody else notices."""

import gzip
import socket
import struct
import zlib

import cramjam
import grpc
import otlp
import pytest
import zstandard
from clients import (
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, JSON, PING, PREFACE, PROTOBUF, RST_STREAM, SETTINGS,
    WINDOW_UPDATE, call, connected, export, failure, fields, frame, message_frame, request_fields, until_closed,
)
from process import get

MIB = 1 << 20


def tag(number, kind):
    return bytes([number << 3 | kind])


def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def message(number, body):
    return tag(number, 2) + varint(len(body)) + body


def span(body):
    return message(1, message(2, message(2, body)))


def nested_values(depth):
    """An attribute whose value is a list in a list in a list …"""
    value = message(1, b"x")
    for _ in range(depth):
        value = message(5, message(1, value))
    return span(message(9, message(1, b"k") + message(2, value)))


def nested_json(depth):
    value = '{"arrayValue":{"values":[' * depth + '{"intValue":1}' + "]}}" * depth
    return ('{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":' + value + "}]}}]}").encode()


GOOD = otlp.complete("traces").SerializeToString()
BAD = {
    "truncated": GOOD[:-3], "half": GOOD[:len(GOOD) // 2], "length past the end": b"\x0a\x7fabc",
    "length of 2^63": b"\x0a" + b"\xff" * 8 + b"\x7f", "length of 11 bytes": b"\x0a" + b"\xff" * 10 + b"\x01",
    "field number 0": b"\x00\x01", "wire type 3": b"\x0b", "wire type 6": b"\x0e", "wire type 7": b"\x0f",
    "varint instead of message": b"\x08\x01", "fixed32 instead of message": b"\x0d\x01\x02\x03\x04",
    "string instead of number": span(message(6, b"abc")), "name is no UTF-8": span(message(5, b"\xff\xfe")),
    "name is a lone surrogate": span(message(5, b"\xed\xa0\x80")), "name is overlong": span(message(5, b"\xc0\xaf")),
    "trace id of 15 bytes": span(message(1, b"x" * 15)), "span id of 9 bytes": span(message(2, b"x" * 9)),
    "fixed64 cut off": span(tag(7, 1) + b"1234"), "deeply nested": nested_values(10_000), "nested 200": nested_values(200),
}


@pytest.fixture
def apus(start):
    """A process that has to be as it was after the test: alive, and serving the connection from before."""
    one = start({"nop": {}}, grpc={"max_recv_msg_size_mib": 4}, http={"max_request_body_size": 4 << 20})
    with grpc.insecure_channel(one.grpc) as bystander:
        call(bystander, "logs", otlp.sample("logs", 1))
        accepted = one.metric("otelcol_receiver_accepted_log_records")
        yield one
        call(bystander, "logs", otlp.sample("logs", 1))
        assert one.metric("otelcol_receiver_accepted_log_records") >= accepted + 1
    assert one.is_running


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_malformed_protobuf(apus, body):
    assert failure(apus.grpc, "traces", body).code() == grpc.StatusCode.INVALID_ARGUMENT
    status, headers, _ = get(apus.ports["http"], "/v1/traces", "POST", {"content-type": PROTOBUF}, body)
    assert (status, headers["content-type"]) == (400, PROTOBUF)
    assert apus.metric("otelcol_receiver_accepted_spans") == 0


def test_nesting_within_the_bound_is_accepted(apus):
    assert export(apus.grpc, "traces", nested_values(30)) == b""


@pytest.mark.parametrize("body", [
    nested_json(200), nested_json(10_000), b"[" * 100_000, b'{"a":' * 100_000, b'{"resourceSpans":[{"x":"\xff"}]}',
    b"\x00", b'{"resourceSpans":[{"resource":{"attributes":[{"key":"a\x01"}]}}]}'])
def test_malformed_json(apus, body):
    status, headers, _ = get(apus.ports["http"], "/v1/traces", "POST", {"content-type": JSON}, body)
    assert (status, headers["content-type"]) == (400, JSON)


BOMB = b"\x00" * (256 * MIB)
BOMBS = {
    "gzip": lambda: gzip.compress(BOMB, 1), "zlib": lambda: zlib.compress(BOMB, 1),
    "deflate": lambda: zlib.compress(BOMB, 1), "zstd": lambda: zstandard.compress(BOMB),
    "snappy": lambda: varint(len(BOMB)) + b"\x00\x00" + b"\xfe\x01\x00" * (len(BOMB) // 64),
    "x-snappy-framed": lambda: bytes(cramjam.snappy.compress(BOMB)),
}


@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_is_413_and_costs_no_memory(apus, encoding):
    """256 MiB of zeros against a limit of 4 MiB."""
    bomb = BOMBS[encoding]()
    before = apus.rss()
    for _ in range(5):
        status, _, _ = get(
            apus.ports["http"], "/v1/traces", "POST", {"content-type": PROTOBUF, "content-encoding": encoding}, bomb)
        assert status == 413
    assert apus.rss() - before < 64 * MIB


def test_a_bomb_over_grpc(apus):
    before = apus.rss()
    for _ in range(5):
        error = failure(apus.grpc, "traces", BOMB[:64 * MIB], compression=grpc.Compression.Gzip)
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert apus.rss() - before < 64 * MIB


def test_many_bad_requests_leave_no_memory_behind(apus):
    body = otlp.sample("traces", 500).SerializeToString() + b"\x0a\x7f"

    def flood(count):
        with grpc.insecure_channel(apus.grpc) as channel:
            for _ in range(count):
                with pytest.raises(grpc.RpcError):
                    call(channel, "traces", body)

    flood(200)
    before = apus.rss()
    flood(1000)
    assert apus.rss() - before < 16 * MIB


# Connections

def test_a_body_shorter_than_announced(apus):
    with connected(apus.ports["http"]) as connection:
        connection.sendall(
            f"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: {PROTOBUF}\r\ncontent-length: 1000\r\n\r\nabc".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = until_closed(connection)
    assert not answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("head", [
    "GARBAGE\r\n\r\n", "POST /v1/traces HTTP/9.9\r\n\r\n", "POST /v1/traces HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
    "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
    "POST /v1/traces HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "\x00\x01\x02\x03" * 20 + "\r\n\r\n",
    "POST /v1/traces HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n"])
def test_broken_http1(apus, head):
    with connected(apus.ports["http"]) as connection:
        connection.sendall(head.encode("latin-1"))
        answer = until_closed(connection)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer


def test_headers_that_are_too_large(apus):
    try:
        status, _, _ = get(apus.ports["http"], "/v1/traces", "POST", {
            "content-type": PROTOBUF, **{f"x-{number}": "y" * 4000 for number in range(50)}}, b"")
        assert status in (400, 431)
    except OSError:
        pass  # closed while we were still sending
    error = failure(apus.grpc, "traces", b"", metadata=[(f"x-{number}", "y" * 4000) for number in range(50)])
    assert error.code() != grpc.StatusCode.OK


def test_headers_without_end(apus):
    with connected(apus.ports["http"]) as connection:
        with pytest.raises(OSError):
            connection.sendall(b"POST /v1/traces HTTP/1.1\r\n")
            for number in range(100_000):
                connection.sendall(f"x-{number}: {'y' * 1000}\r\n".encode())
    before = apus.rss()
    with connected(apus.ports["grpc"]) as connection:
        with pytest.raises(OSError):
            connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 0, 1, request_fields()))
            for number in range(100_000):
                connection.sendall(frame(CONTINUATION, 0, 1, fields([(f"x-{number}", "y" * 8000)])))
    assert apus.rss() - before < 32 * MIB


HEAD = frame(HEADERS, END_HEADERS, 1, request_fields())
HTTP2_CASES = {
    "no preface": b"hello" * 100, "half a preface": PREFACE[:10], "preface only": PREFACE,
    "frame larger than allowed": PREFACE + frame(SETTINGS, 0, 0) + struct.pack(">I", 1 << 20)[1:] + b"\x00\x00" + b"\x00" * 4,
    "data without a stream": PREFACE + frame(SETTINGS, 0, 0) + frame(DATA, END_STREAM, 1, b"x"),
    "data on stream 0": PREFACE + frame(SETTINGS, 0, 0) + frame(DATA, 0, 0, b"x"),
    "stream with an even number": PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 5, 2, request_fields()),
    "headers that are no HPACK": PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 5, 1, b"\xff" * 50),
    "upper-case header": PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 5, 1, request_fields(extra=[("X-A", "b")])),
    "no method": PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 5, 1, fields([(":path", "/")])),
    "window overflow": PREFACE + frame(SETTINGS, 0, 0) + frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 3,
    "window of zero": PREFACE + frame(SETTINGS, 0, 0) + frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\0"),
    "settings of a wrong size": PREFACE + frame(SETTINGS, 0, 0, b"abc"),
    "ping of a wrong size": PREFACE + frame(SETTINGS, 0, 0) + frame(PING, 0, 0, b"abc"),
    "continuation of nothing": PREFACE + frame(SETTINGS, 0, 0) + frame(CONTINUATION, 4, 1, b""),
    "goodbye at once": PREFACE + frame(SETTINGS, 0, 0) + frame(GOAWAY, 0, 0, b"\0" * 8),
    "reset of a stream that is idle": PREFACE + frame(SETTINGS, 0, 0) + frame(RST_STREAM, 0, 9, b"\0\0\0\x08"),
    "half closed in a message": PREFACE + frame(SETTINGS, 0, 0) + HEAD + frame(DATA, 0, 1, message_frame(b"x", length=99)),
    "half closed before a message": PREFACE + frame(SETTINGS, 0, 0) + HEAD,
    "reset in a message": PREFACE + frame(SETTINGS, 0, 0) + HEAD + frame(DATA, 0, 1, b"\0\0") + frame(
        RST_STREAM, 0, 1, b"\0\0\0\x08"),
}


@pytest.mark.parametrize("data", HTTP2_CASES.values(), ids=HTTP2_CASES.keys())
@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_broken_http2(apus, data, protocol):
    with connected(apus.ports[protocol]) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        until_closed(connection)


def test_connections_that_are_reset(apus):
    for number in range(200):
        with connected(apus.ports["grpc" if number % 2 else "http"]) as connection:
            connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + HEAD + frame(DATA, 0, 1, message_frame(b"x", length=9999)))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_streams_opened_and_reset_without_end(apus):
    """Rapid reset: 20,000 requests that are taken back at once."""
    before = apus.rss()
    with connected(apus.ports["grpc"]) as connection:
        try:
            connection.sendall(PREFACE + frame(SETTINGS, 0, 0))
            for number in range(20_000):
                stream = 2 * number + 1
                connection.sendall(
                    frame(HEADERS, END_HEADERS, stream, request_fields()) + frame(RST_STREAM, 0, stream, b"\0\0\0\x08"))
        except OSError:
            pass  # being thrown out is right
    assert apus.rss() - before < 32 * MIB


def test_idle_connections_do_not_block_others(apus):
    idle = [socket.create_connection(("127.0.0.1", apus.ports["http"])) for _ in range(300)]
    try:
        for _ in range(10):
            assert get(apus.ports["http"], "/v1/traces", "POST", {"content-type": PROTOBUF}, b"")[0] == 200
    finally:
        for connection in idle:
            connection.close()
