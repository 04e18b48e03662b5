"""Clients that send what a well-behaved library would not: any body, any header, any frame."""

import socket
import struct
from contextlib import contextmanager

import grpc
import otlp
from google.rpc import status_pb2

PROTOBUF = "application/x-protobuf"
JSON = "application/json"


def export(address, signal, message, metadata=None, timeout=30, compression=None, options=()):
    """Sends one message with grpcio and returns the bytes of the answer; `message` may be bytes of any kind."""
    raw = message if isinstance(message, bytes) else message.SerializeToString()
    with grpc.insecure_channel(address, options=[("grpc.max_send_message_length", -1), *options]) as channel:
        return call(channel, signal, raw, metadata, timeout, compression)


def call(channel, signal, message, metadata=None, timeout=30, compression=None):
    """As `export`, on an open channel."""
    raw = message if isinstance(message, bytes) else message.SerializeToString()
    method = signal if signal.startswith("/") else otlp.SERVICES[signal].method
    rpc = channel.unary_unary(method, lambda raw: raw, lambda raw: raw)
    return rpc(raw, metadata=metadata, timeout=timeout, compression=compression, wait_for_ready=True)


def failure(address, signal, message, **options):
    """The error of a call that has to fail."""
    try:
        answer = export(address, signal, message, **options)
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"answered with success: {answer!r}")


def details(error):
    """The `google.rpc.Status` in the trailers of a failed call; None when there is none."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return status_pb2.Status.FromString(value)
    return None


def unpack(status, kind):
    """The detail of type `kind` in a Status; fails when there is none."""
    for detail in status.details:
        if detail.Is(kind.DESCRIPTOR):
            found = kind()
            detail.Unpack(found)
            return found
    raise AssertionError(f"no {kind.DESCRIPTOR.name} in {status}")


@contextmanager
def connected(port):
    """A plain connection to this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        yield connection


def until_closed(connection, limit=1 << 20):
    """Everything the other side sends until it closes the connection."""
    received = b""
    try:
        while len(received) < limit and (part := connection.recv(65536)):
            received += part
    except ConnectionResetError:
        pass
    return received


# HTTP/2 by hand: just enough to break it.

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def fields(pairs):
    """A header block of literals without indexing and without Huffman coding."""
    block = b""
    for name, value in pairs:
        block += b"\x00" + _string(name) + _string(value)
    return block


def _string(text):
    raw = text.encode()
    if len(raw) < 127:
        return bytes([len(raw)]) + raw
    rest, length = len(raw) - 127, b"\x7f"
    while rest >= 128:
        length += bytes([rest % 128 + 128])
        rest //= 128
    return length + bytes([rest]) + raw


def request_fields(signal="traces", extra=()):
    return fields([
        (":method", "POST"), (":scheme", "http"), (":path", otlp.SERVICES[signal].method), (":authority", "localhost"),
        ("content-type", "application/grpc"), ("te", "trailers"), *extra])


def message_frame(message, compressed=0, length=None):
    """A gRPC message with its prefix; `length` replaces the true one."""
    return struct.pack(">BI", compressed, len(message) if length is None else length) + message
