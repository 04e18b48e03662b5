"""Zipkin: py_zipkin and OpenTelemetry's exporter send, Apus receives, sends on, and receives again."""

import gzip
import json
import time
import zlib

import otlp
import pytest
from clients import export
from conftest import QUICK_RETRY, to_grpc
from opentelemetry import trace
from opentelemetry.exporter.zipkin.encoder import Protocol
from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from process import free_port, get
from py_zipkin import Encoding, Kind
from py_zipkin.transport import SimpleHTTPTransport
from py_zipkin.zipkin import zipkin_span
from zipkin import ZipkinServer

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def settings(receivers, exporters, metrics):
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
            "pipelines": {"traces": {"receivers": list(receivers), "exporters": list(exporters)}}}}


@pytest.fixture
def receive(launch, grpc_sink):
    """Starts Apus with the receiver before a sink; gives Apus, whose `zipkin` is the port."""

    def receive(exporter=None, **keys):
        port, metrics = free_port(), free_port()
        receivers = {"zipkin": {"endpoint": f"127.0.0.1:{port}", **keys}}
        apus = launch(settings(receivers, exporter or to_grpc(grpc_sink), metrics), {"metrics": metrics})
        apus.zipkin = port
        return apus

    return receive


@pytest.fixture
def zipkin(afterwards):
    server = ZipkinServer()
    afterwards.callback(server.close)
    return server


def groups(sink, number):
    """The spans of a sink with their resources, once there are `number`: [(resource, scope, span)]."""
    sink.wait_for_items("traces", number)
    return [
        (attributes(group.resource), scope.scope, span) for request in sink.accepted("traces")
        for group in request.resource_spans for scope in group.scope_spans for span in scope.spans]


def attributes(holder):
    return {pair.key: value(pair.value) for pair in holder.attributes}


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(one) for one in any_value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: value(pair.value) for pair in any_value.kvlist_value.values}
    return None if kind is None else getattr(any_value, kind)


def post(port, body, path="/api/v2/spans", **headers):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", **{key.replace("_", "-"): value for key, value in headers.items()}}
    return get(port, path, "POST", sent, body)


# py_zipkin


@pytest.mark.parametrize("encoding", [Encoding.V1_JSON, Encoding.V2_JSON, Encoding.V2_PROTO3])
def test_what_py_zipkin_sends_arrives(receive, grpc_sink, encoding):
    apus = receive()
    begin = time.time_ns()
    with zipkin_span(
            service_name="shop", span_name="checkout", sample_rate=100, port=8080, host="10.1.2.3",
            transport_handler=SimpleHTTPTransport("127.0.0.1", apus.zipkin), encoding=encoding, kind=Kind.SERVER,
            use_128bit_trace_id=True) as outer:
        outer.update_binary_annotations({"user": "grüße", "count": "7"})
        outer.add_annotation("paid")
        with zipkin_span(
                service_name="shop", span_name="query", kind=Kind.CLIENT, binary_annotations={"error": "true"}) as inner:
            inner.add_sa_binary_annotation(port=9000, service_name="stock", host="2001:db8::1")
            time.sleep(0.002)
    found = {span.name: (resource, span) for resource, _, span in groups(grpc_sink, 2)}
    resource, checkout = found["checkout"]
    _, query = found["query"]
    assert resource["service.name"] == "shop"
    assert checkout.kind == 2 and query.kind == 3
    assert len(checkout.trace_id) == 16 and checkout.trace_id == query.trace_id != bytes(16)
    assert query.parent_span_id == checkout.span_id and not checkout.parent_span_id
    assert begin // 1000 * 1000 <= checkout.start_time_unix_nano <= query.start_time_unix_nano < query.end_time_unix_nano
    assert query.end_time_unix_nano <= checkout.end_time_unix_nano + 1000
    assert [event.name for event in checkout.events] == ["paid"]
    assert query.status.code == 2 and checkout.status.code == 0
    told = {"user": "grüße", "count": "7"}
    peer = {"service.peer.name": "stock", "network.peer.address": "2001:db8::1", "net.peer.port": 9000}
    local = {"network.local.address": "10.1.2.3", "net.host.port": 8080}
    assert attributes(checkout) == (told if encoding == Encoding.V1_JSON else {**told, **local})
    assert attributes(query).items() >= peer.items()
    if encoding == Encoding.V1_JSON:
        assert resource == {"service.name": "shop", "ipv4": "10.1.2.3", "port": "8080"}
    transport = {
        Encoding.V1_JSON: "http_v1_json", Encoding.V2_JSON: "http_v2_json", Encoding.V2_PROTO3: "http_v2_proto"}
    apus.wait_for_metric(
        "otelcol_receiver_accepted_spans", 2, receiver="zipkin", transport=transport[encoding])


@pytest.mark.parametrize("version", [Protocol.V1, Protocol.V2])
def test_what_the_exporter_of_opentelemetry_sends_arrives(receive, grpc_sink, version):
    apus = receive(parse_string_tags=True)
    path = "/api/v1/spans" if version == Protocol.V1 else "/api/v2/spans"
    exporter = ZipkinExporter(
        version=version, endpoint=f"http://127.0.0.1:{apus.zipkin}{path}", max_tag_value_length=128)
    provider = TracerProvider(resource=Resource({"service.name": "shop", "host.name": "h"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("shop.checkout", "1.2.3")
    with tracer.start_as_current_span("checkout", kind=trace.SpanKind.SERVER, attributes={"answer": 42}) as span:
        span.add_event("paid", {"amount": 12.5})
        span.set_status(trace.Status(trace.StatusCode.ERROR, "no stock"))
    provider.shutdown()
    (resource, scope, found), = groups(grpc_sink, 1)
    assert found.name == "checkout"
    assert found.trace_id == span.get_span_context().trace_id.to_bytes(16, "big")
    assert found.span_id == span.get_span_context().span_id.to_bytes(8, "big")
    assert attributes(found)["answer"] == 42
    assert found.status.code == 2
    assert len(found.events) == 1 and found.events[0].time_unix_nano
    if version == Protocol.V2:
        assert resource == {"service.name": "shop", "host.name": "h"}
        assert (scope.name, scope.version) == ("shop.checkout", "1.2.3")
        assert found.kind == 2


# The documented translation


def test_spans_are_translated_as_documented(receive, grpc_sink):
    apus = receive(parse_string_tags=True)
    link = f"{TRACE}|{SPAN}|a=b|{json.dumps({'why': 'test', 'n': 1})}|2"
    status, _, body = post(apus.zipkin, [{
        "traceId": TRACE, "id": SPAN, "parentId": "1", "kind": "CLIENT", "name": "get", "timestamp": 1472470996199000,
        "duration": 207000, "localEndpoint": {"serviceName": "front", "ipv6": "7::0.128.128.127"},
        "remoteEndpoint": {"serviceName": "back", "ipv4": "192.168.99.101", "port": 9000},
        "annotations": [
            {"timestamp": 1472470996238000, "value": "foo"},
            {"timestamp": 1472470996403000, "value": 'packed|{"half":0.5,"list":[1,"a"]}|3'}],
        "tags": {
            "http.path": "/api", "int": "-7", "double": "0.5", "bool": "true", "otel.scope.name": "lib",
            "otel.scope.version": "1", "host.name": "h", "w3c.tracestate": "c=d", "otel.status_code": "ERROR",
            "otel.status_description": "broken", "otlp.link.0": link}}])
    assert (status, body) == (202, b"")
    (resource, scope, span), = groups(grpc_sink, 1)
    assert resource == {"service.name": "front", "host.name": "h"}
    assert (scope.name, scope.version) == ("lib", "1")
    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()) == (TRACE, SPAN, "0" * 15 + "1")
    assert (span.name, span.kind, span.trace_state) == ("get", 3, "c=d")
    assert span.start_time_unix_nano == 1472470996199000000
    assert span.end_time_unix_nano == 1472470996406000000
    assert attributes(span) == {
        "http.path": "/api", "int": -7, "double": 0.5, "bool": True, "network.local.address": "7::80:807f",
        "service.peer.name": "back", "network.peer.address": "192.168.99.101", "net.peer.port": 9000}
    assert [(one.name, one.dropped_attributes_count) for one in span.events] == [("foo", 0), ("packed", 3)]
    assert attributes(span.events[1]) == {"half": 0.5, "list": [1, "a"]}
    assert (span.status.code, span.status.message) == (2, "broken")
    found, = span.links
    assert (found.trace_id.hex(), found.span_id.hex(), found.trace_state) == (TRACE, SPAN, "a=b")
    assert attributes(found) == {"why": "test", "n": 1} and found.dropped_attributes_count == 2


def test_bodies_may_be_compressed(receive, grpc_sink):
    apus = receive()
    body = json.dumps([{"traceId": TRACE, "id": SPAN}]).encode()
    assert post(apus.zipkin, gzip.compress(body), content_encoding="gzip")[0] == 202
    assert post(apus.zipkin, zlib.compress(body), content_encoding="deflate")[0] == 202
    assert len(groups(grpc_sink, 2)) == 2


# Refusals


def test_what_is_wrong_is_told_and_counted(receive, grpc_sink):
    apus = receive()
    status, _, body = post(apus.zipkin, [{"traceId": TRACE, "id": SPAN}, {"traceId": "x"}])
    assert (status, body) == (400, b"span 1: traceId: expected hexadecimal digits at byte 88")
    assert post(apus.zipkin, b"\xff\xff", content_type="application/x-protobuf")[0] == 400
    status, _, body = post(apus.zipkin, b"\x0c", content_type="application/x-thrift")
    assert status == 415 and b"/api/v1/spans" in body
    assert post(apus.zipkin, [], "/api/v3/spans")[0] == 404
    apus.wait_for_metric("apus_receiver_invalid_requests", 1, receiver="zipkin", transport="http_v2_json")
    apus.wait_for_metric("apus_receiver_invalid_requests", 1, receiver="zipkin", transport="http_v2_proto")
    assert post(apus.zipkin, [{"traceId": TRACE, "id": SPAN}])[0] == 202
    assert len(groups(grpc_sink, 1)) == 1


def test_a_backend_that_has_to_answer_first(receive, grpc_sink):
    exporter = to_grpc("127.0.0.1:1", retry_on_failure={"enabled": False}, sending_queue={"enabled": False})
    apus = receive(exporter, ack="delivered")
    status, headers, _ = post(apus.zipkin, [{"traceId": TRACE, "id": SPAN}])
    assert status == 503 and int(headers["retry-after"]) >= 1
    assert apus.metric("otelcol_receiver_refused_spans", receiver="zipkin") == 1


# The exporter


def exporter(server, **keys):
    return {"zipkin": {"endpoint": server.url, "retry_on_failure": QUICK_RETRY, **keys}}


@pytest.mark.parametrize("form", ["json", "proto"])
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_what_apus_sends_is_read_by_py_zipkin(start, zipkin, form, compression):
    apus = start(exporter(zipkin, format=form, compression=compression), signals=("traces",))
    export(apus.grpc, "traces", otlp.complete("traces"))
    export(apus.grpc, "traces", otlp.sample("traces", 3, resource={"service.name": "shop", "host.name": "h"}))
    spans = zipkin.wait_for_spans(3 + otlp.count(otlp.complete("traces")))
    assert {one.headers["content-type"] for one in zipkin.posted} == {
        {"json": "application/json", "proto": "application/x-protobuf"}[form]}
    assert {one.path for one in zipkin.posted} == {"/api/v2/spans"}
    assert all(span["traceId"] and span["id"] for span in spans)
    assert sum(span["localEndpoint"]["serviceName"] == "shop" for span in spans) == 3
    assert all(span["tags"]["host.name"] == "h" for span in spans if span["localEndpoint"]["serviceName"] == "shop")


def test_a_request_that_fails_is_sent_again(start, zipkin):
    zipkin.statuses = [503, 429, 500]
    apus = start(exporter(zipkin), signals=("traces",))
    export(apus.grpc, "traces", otlp.sample("traces", 2))
    assert len(zipkin.wait_for_spans(2)) == 2
    assert len(zipkin.posted) == 4


def test_a_request_that_is_refused_is_given_up_and_counted(start, zipkin):
    zipkin.statuses = [400]
    apus = start(exporter(zipkin), signals=("traces",))
    export(apus.grpc, "traces", otlp.sample("traces", 2))
    apus.wait_for_metric("otelcol_exporter_send_failed_spans", 2, exporter="zipkin")
    assert len(zipkin.posted) == 1


# Apus at both ends


@pytest.mark.parametrize("form", ["json", "proto"])
def test_otlp_comes_back_as_it_was(launch, start, grpc_sink, form):
    port, metrics = free_port(), free_port()
    receivers = {"zipkin": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}}
    launch(settings(receivers, to_grpc(grpc_sink), metrics), {"metrics": metrics})
    sender = start({"zipkin": {
        "endpoint": f"http://127.0.0.1:{port}/api/v2/spans", "format": form, "compression": "gzip",
        "retry_on_failure": QUICK_RETRY}}, signals=("traces",))
    sent = otlp.sample("traces", 1, resource={"service.name": "shop", "host.name": "h"})
    group = sent.resource_spans[0].scope_spans[0]
    group.scope.name, group.scope.version = "lib", "2"
    del group.scope.attributes[:]  # they would come back as attributes of the span
    span = group.spans[0]
    span.Clear()
    span.trace_id, span.span_id, span.parent_span_id = bytes.fromhex(TRACE), bytes.fromhex(SPAN), bytes(7) + b"\1"
    span.name, span.kind, span.trace_state = "grüße", 2, "a=b"
    span.start_time_unix_nano, span.end_time_unix_nano = 1472470996199000000, 1472470996406000000
    span.attributes.append(otlp.attribute("key", "value"))
    span.attributes.append(otlp.attribute("service.peer.name", "peer"))
    span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count = 1, 2, 3
    span.events.add(
        time_unix_nano=1472470996238000000, name="event", attributes=[otlp.attribute("list", [1, "a", True])])
    span.links.add(trace_id=bytes.fromhex(TRACE), span_id=bytes(7) + b"\2", attributes=[otlp.attribute("n", 0.5)])
    span.status.code, span.status.message = 2, "broken"
    export(sender.grpc, "traces", sent)
    (resource, scope, found), = groups(grpc_sink, 1)
    assert resource == {"service.name": "shop", "host.name": "h"}
    assert scope == group.scope
    assert attributes(found) == attributes(span)
    for one in (found, span):
        del one.attributes[:]
    assert found == span
