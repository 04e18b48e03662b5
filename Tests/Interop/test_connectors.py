"""Connectors that make metrics: what the real program sends when real clients send spans to it."""

import signal as signals

import grpc
import otlp
import pytest
from clients import call
from conftest import otlp_receiver, to_grpc
from process import eventually, free_port

SECOND = 10**9


def points(sink):
    """All data points: (metric, attributes as a dictionary, the point, its resource)."""
    found = []
    for message in sink.accepted("metrics"):
        for resource in message.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in getattr(metric, metric.WhichOneof("data")).data_points:
                        found.append((metric.name, plain(point.attributes), point, plain(resource.resource.attributes)))
    return found


def plain(attributes):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def span(name, kind, number=1, parent=None, seconds=0.5, **attributes):
    request = otlp.SERVICES["traces"].request()
    resource = request.resource_spans.add()
    one = resource.scope_spans.add().spans.add(
        trace_id=b"t" * 16, span_id=number.to_bytes(8, "big"), name=name, kind=kind,
        start_time_unix_nano=10**18, end_time_unix_nano=10**18 + int(seconds * SECOND),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"")
    one.attributes.extend(otlp.attribute(key, value) for key, value in attributes.items())
    return request


def of(service, request):
    request.resource_spans[0].resource.attributes.append(otlp.attribute("service.name", service))
    return request


def send(apus, *requests, signal="traces"):
    """Each message over a connection of its own, so over any event loop."""
    for request in requests:
        with grpc.insecure_channel(apus.grpc) as channel:
            call(channel, signal, request)


@pytest.fixture
def begin(launch, grpc_sink):
    """Starts Apus with a connector between the pipeline of a signal and a pipeline of metrics."""

    def begin(name, settings, signal="traces", **options):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        return launch(configuration(ports, name, settings, grpc_sink, signal), ports, **options)

    return begin


def configuration(ports, name, settings, sink, signal="traces"):
    page = {"host": "127.0.0.1", "port": ports["metrics"], "without_type_suffix": True, "without_units": True,
            "without_scope_info": True}
    return {
        "receivers": {"otlp": otlp_receiver(ports)},
        "connectors": {name: settings},
        "exporters": to_grpc(sink),
        "service": {
            "telemetry": {"metrics": {"readers": [{"pull": {"exporter": {"prometheus": page}}}]}},
            "pipelines": {
                signal: {"receivers": ["otlp"], "exporters": [name]},
                "metrics/made": {"receivers": [name], "exporters": ["otlp_grpc"]},
            },
        },
    }


def test_spans_become_calls_and_durations_by_all_connections(begin, grpc_sink):
    apus = begin("span_metrics", {"metrics_flush_interval": "200ms", "histogram": {"unit": "s"},
                                  "dimensions": [{"name": "http.request.method"}]})
    send(apus, *[of("shop", span("/cart", 2, number, **{"http.request.method": "GET"})) for number in range(1, 9)])
    dimensions = {
        "service.name": "shop", "span.name": "/cart", "span.kind": "SPAN_KIND_SERVER",
        "status.code": "STATUS_CODE_UNSET", "http.request.method": "GET"}

    def latest(name):
        return [(attributes, point, resource) for metric, attributes, point, resource in points(grpc_sink)
                if metric == f"traces.span.metrics.{name}"][-1:]

    eventually(lambda: any(point.as_int == 8 for _, point, _ in latest("calls")), lambda: str(points(grpc_sink)[-2:]))
    (attributes, _, resource), = latest("calls")
    assert len(attributes.pop("collector.instance.id")) == 36
    assert (attributes, resource) == (dimensions, {"service.name": "shop"})
    (_, point, _), = latest("duration")
    assert (point.count, point.sum) == (8, 4)
    assert apus.metric("apus_connector_span_metrics_series", connector="span_metrics") == 1


def test_what_was_counted_is_sent_at_the_end(begin, grpc_sink):
    apus = begin("spanmetrics", {"metrics_flush_interval": "1h", "histogram": {"disable": True},
                                 "exclude_dimensions": ["collector.instance.id"]})
    send(apus, of("shop", span("/cart", 2)))
    assert grpc_sink.received == []
    assert apus.stop() == 0
    assert [point.as_int for _, _, point, _ in points(grpc_sink)] == [1]


def test_counting_goes_on_over_a_change(begin, grpc_sink):
    settings = {"metrics_flush_interval": "1h", "histogram": {"disable": True}}
    apus = begin("span_metrics", settings)
    send(apus, of("shop", span("/cart", 2)))
    apus.write(configuration(apus.ports, "span_metrics", {**settings, "metrics_flush_interval": "300ms"}, grpc_sink))
    apus.signal(signals.SIGHUP)
    apus.wait_for_log("the new configuration runs")
    send(apus, of("shop", span("/cart", 2)))
    eventually(lambda: any(point.as_int == 2 for _, _, point, _ in points(grpc_sink)), lambda: str(points(grpc_sink)))


def test_counting_goes_on_while_the_backend_is_away(begin, grpc_sink):
    grpc_sink.default.code = grpc.StatusCode.UNAVAILABLE
    apus = begin("span_metrics", {
        "metrics_flush_interval": "100ms", "histogram": {"disable": True},
        "aggregation_temporality": "AGGREGATION_TEMPORALITY_DELTA"})
    for _ in range(20):
        send(apus, of("shop", span("/cart", 2)))
    grpc_sink.default.code = None
    eventually(lambda: sum(point.as_int for _, _, point, _ in points(grpc_sink)) == 20, lambda: str(points(grpc_sink)))


def test_requests_between_services_are_paired(begin, grpc_sink):
    apus = begin("service_graph", {"metrics_flush_interval": "200ms", "store": {"ttl": "1h"}})
    for number in range(1, 6):
        send(apus, of("shop", span("call", 3, number, seconds=2)), of("cart", span("serve", 2, 99, number, seconds=1)))
    send(apus, of("cart", span("query", 3, 7, seconds=0.25, **{"db.name": "orders"})))

    def last(metric, server):
        return [point for name, attributes, point, _ in points(grpc_sink)
                if name == f"traces_service_graph_request_{metric}" and attributes["server"] == server][-1:]

    eventually(
        lambda: [one.as_int for one in last("total", "cart") + last("total", "orders")] == [5, 1],
        lambda: str(points(grpc_sink)[-8:]))
    assert [(one.count, one.sum) for one in last("client", "cart") + last("server", "cart")] == [(5, 10), (5, 5)]
    assert apus.metric("otelcol_connector_servicegraph_total_edges", connector="service_graph") == 6


@pytest.mark.parametrize("signal, expected", [
    ("traces", {"trace.span.count": 7}), ("metrics", {"metric.count": 1, "metric.datapoint.count": 7}),
    ("logs", {"log.record.count": 7})])
def test_everything_is_counted(begin, grpc_sink, signal, expected):
    apus = begin("count", {}, signal)
    send(apus, otlp.sample(signal, 7), signal=signal)
    eventually(lambda: len(points(grpc_sink)) == len(expected), lambda: str(points(grpc_sink)))
    assert {metric: point.as_int for metric, _, point, _ in points(grpc_sink)} == expected


def test_conditions_and_attributes_are_counted(begin, grpc_sink):
    apus = begin("count", {"logs": {"errors": {
        "conditions": ['severity_number >= SEVERITY_NUMBER_INFO and body != "item-0"'],
        "attributes": [{"key": "service.name"}, {"key": "env", "default_value": "none"}]}}}, "logs")
    send(apus, otlp.sample("logs", 5), signal="logs")
    eventually(lambda: points(grpc_sink), lambda: "a count")
    (metric, attributes, point, _), = points(grpc_sink)
    assert (metric, attributes, point.as_int) == ("errors", {"service.name": "interop", "env": "none"}, 4)
