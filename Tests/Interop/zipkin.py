"""A server that speaks Zipkin's API, and what it was sent, as py_zipkin's classes see it."""

import gzip
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from process import eventually
from py_zipkin.encoding.protobuf import zipkin_pb2

KINDS = zipkin_pb2.Span.Kind


@dataclass
class Posted:
    path: str
    headers: dict
    spans: list  # as JSON has them
    status: int


class ZipkinServer:
    """Takes spans in JSON and protobuf, and answers with the next of `statuses`, or 202."""

    def __init__(self):
        self.posted = []
        self.statuses = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                server.handle(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api/v2/spans"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def handle(self, request):
        body = request.rfile.read(int(request.headers["content-length"]))
        headers = {key.lower(): value for key, value in request.headers.items()}
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        is_protobuf = headers["content-type"] == "application/x-protobuf"
        spans = from_protobuf(body) if is_protobuf else json.loads(body)
        status = self.statuses.pop(0) if self.statuses else 202
        self.posted.append(Posted(request.path, headers, spans, status))
        request.send_response(status)
        request.send_header("content-length", "0")
        request.end_headers()

    def accepted(self):
        return [span for one in self.posted if one.status == 202 for span in one.spans]

    def wait_for_spans(self, number):
        eventually(lambda: len(self.accepted()) >= number, lambda: f"{number} spans; {self.posted}")
        assert len(self.accepted()) == number
        return self.accepted()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def from_protobuf(body):
    """A list of spans in protobuf, in the form of JSON."""
    return [span_json(span) for span in zipkin_pb2.ListOfSpans.FromString(body).spans]


def span_json(span):
    found = {
        "traceId": span.trace_id.hex().removeprefix("0" * 16), "id": span.id.hex(), "parentId": span.parent_id.hex(),
        "name": span.name, "timestamp": span.timestamp, "duration": span.duration, "tags": dict(span.tags),
        "annotations": [{"timestamp": one.timestamp, "value": one.value} for one in span.annotations]}
    if span.kind:
        found["kind"] = KINDS.Name(span.kind)
    for name, key in [("local_endpoint", "localEndpoint"), ("remote_endpoint", "remoteEndpoint")]:
        if span.HasField(name):
            found[key] = endpoint_json(getattr(span, name))
    return {key: value for key, value in found.items() if value}


def endpoint_json(endpoint):
    found = {"serviceName": endpoint.service_name, "port": endpoint.port}
    if endpoint.ipv4:
        found["ipv4"] = ".".join(str(octet) for octet in endpoint.ipv4)
    if endpoint.ipv6:
        found["ipv6"] = endpoint.ipv6.hex()
    return {key: value for key, value in found.items() if value}
