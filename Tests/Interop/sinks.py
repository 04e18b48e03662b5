"""Backends written with other people's libraries: they record what they get and answer as they are told."""

import gzip
import json
import socket
import threading
import time
import zlib
from concurrent import futures
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cramjam
import grpc
import otlp
import zstandard
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from process import eventually


@dataclass
class Answer:
    """What a sink says to one request; the default is success."""

    code: object = None  # a grpc.StatusCode, or an HTTP status
    message: str = "as told"
    delay: float = 0  # seconds before the answer
    retry_after: object = None  # gRPC: seconds of RetryInfo; HTTP: the text of Retry-After
    rejected: int = 0  # partial success
    drop: bool = False  # HTTP: closes the connection without an answer
    body: bytes | None = None  # HTTP: this instead of a Status


@dataclass
class Received:
    signal: str
    message: object
    headers: dict
    size: int  # bytes as they came
    at: float
    encoding: str = "proto"
    failed: bool = False  # was not answered with success
    peer: str = ""


@dataclass
class Sink:
    """What both sinks do."""

    answers: list = field(default_factory=list)  # for the next requests, in this order
    default: Answer = field(default_factory=Answer)
    received: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, received):
        with self.lock:
            answer = self.answers.pop(0) if self.answers else self.default
            received.failed = answer.code is not None or answer.drop
            self.received.append(received)
        if answer.delay:
            time.sleep(answer.delay)
        return answer

    def accepted(self, signal):
        """The messages of a signal that were answered with success."""
        with self.lock:
            return [one.message for one in self.received if one.signal == signal and not one.failed]

    def items(self, signal):
        return otlp.items(*self.accepted(signal))

    def wait_for_items(self, signal, number, seconds=20):
        """Waits until exactly `number` items have come, and returns them; more is a failure."""
        eventually(
            lambda: len(self.items(signal)) >= number,
            lambda: f"{number} items of {signal}; there are {len(self.items(signal))}", seconds)
        found = self.items(signal)
        assert len(found) == number, f"{len(found)} items of {signal} instead of {number}"
        return found

    def wait_for_requests(self, number, seconds=20):
        eventually(lambda: len(self.received) >= number, lambda: f"{number} requests; {len(self.received)}", seconds)
        return list(self.received)


class GRPCSink(Sink):
    """A server of grpcio for all signals."""

    def __init__(self, port=0, credentials=None, address=None):
        super().__init__()
        self.server = grpc.server(
            futures.ThreadPoolExecutor(8), options=[
                ("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)])
        for service in otlp.SERVICES.values():
            _, name, method = service.method.split("/")
            handler = grpc.unary_unary_rpc_method_handler(
                self._handler(service), lambda raw: raw, lambda message: message.SerializeToString())
            self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, {method: handler}),))
        target = address or f"127.0.0.1:{port}"
        self.port = (
            self.server.add_secure_port(target, credentials) if credentials else self.server.add_insecure_port(target))
        self.address = address or f"127.0.0.1:{self.port}"
        self.server.start()

    def _handler(self, service):
        def handle(raw, context):
            headers = {}
            for key, value in context.invocation_metadata():
                headers.setdefault(key, value)
            answer = self.take(Received(
                service.signal, service.request.FromString(raw), headers, len(raw), time.monotonic(),
                peer=context.peer()))
            if answer.code is not None:
                if answer.retry_after is not None:
                    context.set_trailing_metadata((("grpc-status-details-bin", retry_info(answer)),))
                context.abort(answer.code, answer.message)
            return success(service, answer)

        return handle

    def close(self):
        self.server.stop(0.2).wait()


def retry_info(answer):
    delay = duration_pb2.Duration(nanos=int(answer.retry_after % 1 * 1e9), seconds=int(answer.retry_after))
    detail = any_pb2.Any()
    detail.Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    code = answer.code.value[0] if isinstance(answer.code, grpc.StatusCode) else answer.code
    return status_pb2.Status(code=code, message=answer.message, details=[detail]).SerializeToString()


def success(service, answer):
    response = service.response()
    if answer.rejected:
        setattr(response.partial_success, service.rejected, answer.rejected)
        response.partial_success.error_message = answer.message
    return response


DECOMPRESS = {
    None: lambda body: body, "gzip": gzip.decompress, "zlib": zlib.decompress, "deflate": zlib.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    "snappy": lambda body: bytes(cramjam.snappy.decompress_raw(body)),
    "x-snappy-framed": lambda body: bytes(cramjam.snappy.decompress(body)),
}


class HTTPSink(Sink):
    """A server of Python's library for all signals, protobuf and JSON."""

    def __init__(self, port=0, tls=None):
        super().__init__()
        sink = self
        self.connections = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                sink.connections.append(self.request)
                super().setup()

            def do_POST(self):
                sink.handle(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.handle_error = lambda *_: None
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def handle(self, request):
        raw = self.read(request)
        headers = {key.lower(): value for key, value in request.headers.items()}
        service = next((one for one in otlp.SERVICES.values() if request.path.endswith(one.path)), None)
        if service is None:
            return request.send_error(404)
        body = DECOMPRESS[headers.get("content-encoding")](raw)
        is_json = headers["content-type"].startswith("application/json")
        message = otlp.from_json(json.loads(body), service.request) if is_json else service.request.FromString(body)
        received = Received(
            service.signal, message, headers, len(raw), time.monotonic(), "json" if is_json else "proto",
            peer=str(request.client_address))
        answer = self.take(received)
        if answer.drop:
            request.close_connection = True
            return None
        return self.answer(request, service, answer, is_json)

    @staticmethod
    def read(request):
        if request.headers.get("transfer-encoding", "").lower() != "chunked":
            return request.rfile.read(int(request.headers.get("content-length", 0)))
        body = b""
        while size := int(request.rfile.readline().split(b";")[0], 16):
            body += request.rfile.read(size)
            request.rfile.readline()
        request.rfile.readline()
        return body

    @staticmethod
    def answer(request, service, answer, is_json):
        message = success(service, answer)
        if answer.code is not None:
            message = status_pb2.Status(message=answer.message)
        body = answer.body
        if body is None:
            body = json.dumps(otlp.to_json(message)).encode() if is_json else message.SerializeToString()
        request.send_response(answer.code or 200)
        request.send_header("content-type", "application/json" if is_json else "application/x-protobuf")
        request.send_header("content-length", str(len(body)))
        if answer.retry_after is not None:
            request.send_header("retry-after", str(answer.retry_after))
        request.end_headers()
        request.wfile.write(body)

    def close(self):
        """Stops listening and ends the connections that are open, as a process that ends does."""
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it was closed before
