"""The hot path allocates per request, not per item, and no more per request than it did: a guard without clocks."""

import http.client
import json
import shutil
import struct
import subprocess
from pathlib import Path

import clients
import grpc
import otlp
import pytest
from conftest import to_grpc
from process import program

HERE = Path(__file__).resolve().parent
WARM_UP, REQUESTS = 100, 300
LIMITER = {"memory_limiter": {"check_interval": "1s", "limit_mib": 4000}}
EDITS = {"attributes": {"actions": [
    {"key": "environment", "value": "production", "action": "insert"},
    {"key": "http.route", "value": "/", "action": "update"},
    {"key": "tenant", "value": "blue", "action": "upsert"},
    {"key": "user_agent.original", "action": "delete"},
]}}
FILTER = {"filter": {"error_mode": "propagate", "traces": {"span": ['attributes["http.route"] == "/health"']}}}

# Allocations of one request of 100 and of 1000 spans, in the debug build that `make test` makes: what sends, the
# processors, whether it is forwarded, the figures. When a change needs fewer, write the new figures here; when it needs
# more, it has to be worth it. The second figure shows that nothing is allocated for a span: arrays that grow by
# doubling make it a little larger. The exception is debug builds' own: they box the iterator over the actions of each
# span, four times in all.
CASES = {
    "gRPC to nop": ("grpc", {}, False, (35, 41)),
    "HTTP to nop": ("http", {}, False, (63, 69)),
    "HTTP JSON to nop": ("json", {}, False, (86, 110)),
    "gRPC to gRPC": ("grpc", {}, True, (136, 153)),
    "gRPC, limiter, edits, filter to nop": ("grpc", {**LIMITER, **EDITS, **FILTER}, False, (513, 4125)),
}
TOLERANCE = 0.1


@pytest.fixture(scope="session")
def counter(tmp_path_factory):
    library = tmp_path_factory.mktemp("allocations") / "allocations.so"
    compiler = next(filter(None, map(shutil.which, ("clang", "cc", "gcc"))), None)
    assert compiler, "a C compiler is needed to count allocations; the Swift toolchain has clang"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, HERE / "allocations.c"], check=True)
    return library


def body(spans, kind):
    request = otlp.SERVICES["traces"].request()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "checkout"
    scope = resource.scope_spans.add()
    for number in range(spans):
        span = scope.spans.add(name=f"GET /api/products/{number % 50}", kind=2)
        span.trace_id, span.span_id = (number + 1).to_bytes(16, "big"), (number + 1).to_bytes(8, "big")
        span.start_time_unix_nano, span.end_time_unix_nano = 1_700_000_000_000_000_000, 1_700_000_000_001_000_000
        for key in ("http.request.method", "url.scheme", "server.address", "http.route", "user_agent.original"):
            span.attributes.add(key=key).value.string_value = "the value of an attribute"
        span.attributes.add(key="http.response.status_code").value.int_value = 200
    return json.dumps(otlp.to_json(request)).encode() if kind == "json" else request.SerializeToString()


class Sender:
    """One connection that stays open."""

    def __init__(self, apus, kind):
        self.kind = kind
        if kind == "grpc":
            self.channel = grpc.insecure_channel(apus.grpc, options=[("grpc.max_send_message_length", -1)])
        else:
            self.connection = http.client.HTTPConnection(apus.http, timeout=30)

    def send(self, data):
        if self.kind == "grpc":
            clients.call(self.channel, "traces", data)
            return
        content = clients.JSON if self.kind == "json" else clients.PROTOBUF
        self.connection.request("POST", "/v1/traces", body=data, headers={"Content-Type": content})
        response = self.connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer

    def close(self):
        (self.channel if self.kind == "grpc" else self.connection).close()


@pytest.mark.parametrize("name", CASES)
def test_allocations_of_a_request(start, grpc_sink, counter, tmp_path, name):
    kind, processors, forwards, recorded = CASES[name]
    file = tmp_path / "allocations"
    apus = start(
        to_grpc(grpc_sink, compression="none") if forwards else {"nop": {}}, processors=processors, level="info",
        env={"LD_PRELOAD": str(counter), "APUS_ALLOCATIONS": str(file)})
    sender = Sender(apus, kind)
    sent = 0

    def measure(spans):
        nonlocal sent
        data = body(spans, kind)

        def send(requests):
            nonlocal sent
            for _ in range(requests):
                sender.send(data)
            sent += requests * spans
            if forwards:
                grpc_sink.wait_for_items("traces", sent, seconds=60)
            return struct.unpack("@L", file.read_bytes())[0]

        begin = send(WARM_UP)
        return (send(REQUESTS) - begin) / REQUESTS

    few, many = measure(100), measure(1000)
    sender.close()
    print(f"{program()}: {name}: {few:.1f} allocations for 100 spans, {many:.1f} for 1000")
    for found, figure, spans in zip((few, many), recorded, (100, 1000)):
        assert found <= figure * (1 + TOLERANCE), f"{found:.1f} allocations for {spans} spans; it was {figure}"
