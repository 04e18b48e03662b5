"""The exporter `prometheusremotewrite` and the receiver `prometheus_remote_write`, with a real Prometheus and both."""

import time

import pytest
import yaml
from clients import export
from conftest import configuration, to_grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from otlp import attribute
from process import command, eventually, free_port
from remote_write import PROGRAM, Prometheus

needs_prometheus = pytest.mark.skipif(PROGRAM is None, reason="there is no prometheus")
V1, V2 = "prometheus.WriteRequest", "io.prometheus.write.v2.Request"
TRACE, SPAN = bytes(range(1, 17)), bytes(range(1, 9))


@pytest.fixture
def prometheus(tmp_path, afterwards):
    """Starts Prometheus with a configuration."""
    def start(port=None, **configuration):
        server = Prometheus(tmp_path, port or free_port(), **configuration)
        afterwards.callback(server.stop)
        return server
    return start


def metrics(now, step=0):
    """A request with a metric of every kind; values grow with `step`."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.extend([
        attribute("service.name", "api"), attribute("service.namespace", "shop"),
        attribute("service.instance.id", "i-1"), attribute("k8s.node", "n1")])
    scope = resource.scope_metrics.add()
    scope.scope.name, scope.scope.version = "lib", "2.0"
    start, at = now - 60_000_000_000, now + step * 1_000_000_000

    def begin(name, kind, **keys):
        metric = scope.metrics.add(name=name, description=f"About {name}.", **keys)
        data = getattr(metric, kind)
        if kind in ("sum", "histogram", "exponential_histogram"):
            data.aggregation_temporality = 2
        return data, data.data_points.add(time_unix_nano=at, start_time_unix_nano=start)

    _, point = begin("temperature", "gauge", unit="Cel")
    point.as_double = -7.25 + step
    point.attributes.append(attribute("room.name", 'a "b"\\c'))
    data, point = begin("requests", "sum")
    data.is_monotonic = True
    point.as_int = 12 + step
    exemplar = point.exemplars.add(time_unix_nano=at, as_double=1.5, trace_id=TRACE, span_id=SPAN)
    exemplar.filtered_attributes.append(attribute("user", "u1"))
    _, point = begin("queue", "sum")
    point.as_int = 5
    _, point = begin("latency", "histogram", unit="s")
    point.count, point.sum = 6 + step, 9.5
    point.bucket_counts.extend([1, 2, 3 + step])
    point.explicit_bounds.extend([0.5, 1])
    _, point = begin("size", "exponential_histogram", unit="By")
    point.count, point.sum, point.scale, point.zero_count = 9 + step, 20, 1, 2 + step
    point.positive.offset = -1
    point.positive.bucket_counts.extend([1, 2, 0, 0, 0, 0, 4])
    _, point = begin("rpc", "summary")
    point.count, point.sum = 3 + step, 6
    point.quantile_values.add(quantile=0.99, value=2.5)
    return request


def to_prometheus(url, **keys):
    return {"prometheusremotewrite": {"endpoint": url, **keys}}


def value(found, *labels):
    """The value of the only series with these labels."""
    matching = [series for key, series in found.items() if set(labels) <= set(key)]
    assert len(matching) == 1, (labels, found)
    return matching[0]["value"][1] if "value" in matching[0] else matching[0]["histogram"][1]


@needs_prometheus
def test_prometheus_takes_what_is_written(start, prometheus):
    server = prometheus()
    apus = start(to_prometheus(server.write_url, external_labels={"cluster": "c1"}, send_metadata=True), signals=["metrics"])
    now = time.time_ns() - 10_000_000_000
    for step in range(3):
        export(apus.grpc, "metrics", metrics(now, step))
    at = now / 1e9 + 2.5
    everything = '{cluster="c1"}'
    def last():
        found = server.query(everything, at)
        counts = [series["value"][1] for key, series in found.items() if "__name__=requests_total" in key]
        return found if len(found) == 13 and counts == ["14"] else None

    found = eventually(last, lambda: f"series: {server.query(everything, at)}", 30)
    common = ("job=shop/api", "instance=i-1", "otel_scope_name=lib", "otel_scope_version=2.0")
    assert float(value(found, "__name__=temperature_celsius", 'room_name=a "b"\\c', *common)) == -5.25
    assert float(value(found, "__name__=requests_total", *common)) == 14
    assert float(value(found, "__name__=queue", *common)) == 5
    assert float(value(found, "__name__=latency_seconds_count", *common)) == 8
    assert float(value(found, "__name__=latency_seconds_sum", *common)) == 9.5
    buckets = {le: float(value(found, "__name__=latency_seconds_bucket", f"le={le}")) for le in ("0.5", "1", "+Inf")}
    assert buckets == {"0.5": 1, "1": 3, "+Inf": 8}
    native = value(found, "__name__=size_bytes", *common)
    assert (native["count"], native["sum"]) == ("11", "20")
    assert float(value(found, "__name__=rpc", "quantile=0.99", *common)) == 2.5
    assert float(value(found, "__name__=rpc_count", *common)) == 5
    assert float(value(found, "__name__=target_info", "k8s_node=n1", "job=shop/api", "instance=i-1")) == 1
    values = server.get("/api/v1/query", query="requests_total[1m]", time=at)["result"][0]["values"]
    assert [float(number) for _, number in values] == [12, 13, 14]
    exemplars = server.get("/api/v1/query_exemplars", query="requests_total", start=at - 60, end=at)
    assert exemplars[0]["exemplars"][0]["labels"] == {"trace_id": TRACE.hex(), "span_id": SPAN.hex(), "user": "u1"}
    metadata = server.get("/api/v1/metadata")
    assert not metadata or metadata["requests_total"][0]["type"] == "counter"


@needs_prometheus
def test_a_series_that_ends_is_stale(start, prometheus):
    server = prometheus()
    apus = start(to_prometheus(server.write_url), signals=["metrics"])
    now = time.time_ns() - 10_000_000_000
    export(apus.grpc, "metrics", metrics(now))
    eventually(lambda: server.query("queue", now / 1e9 + 0.5), "the value", 30)
    request = metrics(now, 1)
    for metric in request.resource_metrics[0].scope_metrics[0].metrics:
        getattr(metric, metric.WhichOneof("data")).data_points[0].flags = 1
    export(apus.grpc, "metrics", request)
    eventually(lambda: not server.query("queue", now / 1e9 + 1.5), "the end", 30)


@needs_prometheus
def test_deltas_are_rejected_and_counted(start, prometheus):
    server = prometheus()
    apus = start(to_prometheus(server.write_url), signals=["metrics"])
    request = metrics(time.time_ns())
    sums = [metric for metric in request.resource_metrics[0].scope_metrics[0].metrics if metric.name == "requests"]
    sums[0].sum.aggregation_temporality = 1
    export(apus.grpc, "metrics", request)
    apus.wait_for_log("not cumulative")


@needs_prometheus
def test_order_is_kept_and_retries_lose_nothing(start, prometheus):
    """The server comes late; what waited is written in order, or Prometheus would refuse it."""
    port = free_port()
    apus = start(to_prometheus(f"http://127.0.0.1:{port}/api/v1/write"), signals=["metrics"])
    now = time.time_ns() - 60_000_000_000
    for step in range(40):
        export(apus.grpc, "metrics", metrics(now, step))
    apus.wait_for_log("sending failed, will try again")
    server = prometheus(port)
    at = now / 1e9 + 40

    def values():
        result = server.get("/api/v1/query", query="requests_total[2m]", time=at)["result"]
        return [float(number) for _, number in result[0]["values"]] if result else []

    eventually(lambda: values() == [12 + step for step in range(40)], lambda: f"values: {values()}", 60)


@needs_prometheus
def test_a_queue_on_disk_is_the_write_ahead_log(start, launch, prometheus, tmp_path):
    port = free_port()
    storage = {"file_storage": {"directory": str(tmp_path / "storage"), "create_directory": True}}
    apus = start(
        to_prometheus(f"http://127.0.0.1:{port}/api/v1/write", remote_write_queue={"storage": "file_storage"}),
        signals=["metrics"], extensions=storage)
    now = time.time_ns() - 60_000_000_000
    for step in range(10):
        export(apus.grpc, "metrics", metrics(now, step))
    # What has an answer is on disk.
    apus.kill()
    server = prometheus(port)
    launch(apus.config, apus.ports)
    at = now / 1e9 + 10

    def values():
        result = server.get("/api/v1/query", query="requests_total[2m]", time=at)["result"]
        return [float(number) for _, number in result[0]["values"]] if result else []

    eventually(lambda: values() == [12 + step for step in range(10)], lambda: f"values: {values()}", 60)


def test_a_storage_that_is_not_there_is_named(tmp_path):
    file = tmp_path / "apus.yaml"
    file.write_text(yaml.safe_dump(configuration(
        {"grpc": 1, "http": 2, "metrics": 3},
        to_prometheus("http://127.0.0.1:1/write", remote_write_queue={"storage": "file_storage"}), signals=["metrics"])))
    result = command("validate", "--config", str(file))
    assert result.returncode != 0
    said = result.stdout + result.stderr
    assert "'prometheusremotewrite': remote_write_queue.storage: 'file_storage' is not" in said, said


@pytest.fixture
def receive(launch, grpc_sink):
    """Starts Apus with the receiver; gives where to write to."""
    def receive(**keys):
        port = free_port()
        launch({
            "receivers": {"prometheus_remote_write": {"endpoint": f"127.0.0.1:{port}", **keys}},
            "exporters": to_grpc(grpc_sink),
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {"metrics": {"receivers": ["prometheus_remote_write"], "exporters": ["otlp_grpc"]}}},
        }, {})
        return f"http://127.0.0.1:{port}/api/v1/write"
    return receive


def received(sink):
    """For each resource: its attributes and its metrics."""
    found = []
    for message in sink.accepted("metrics"):
        for resource in message.resource_metrics:
            pairs = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            found.append((pairs, [(scope.scope, metric) for scope in resource.scope_metrics for metric in scope.metrics]))
    return found


def named(sink, name):
    return [(resource, scope, metric) for resource, some in received(sink) for scope, metric in some if metric.name == name]


@needs_prometheus
def test_prometheus_writes_into_apus(receive, grpc_sink, prometheus):
    url = receive()
    server = prometheus(
        **{"global": {"scrape_interval": "1s"},
           "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": ["127.0.0.1:1"]}]}]})
    own = prometheus(
        **{"global": {"scrape_interval": "1s", "external_labels": {"cluster": "c1"}},
           "remote_write": [{"url": url, "queue_config": {"batch_send_deadline": "1s"},
                             "metadata_config": {"send_interval": "1s"}}],
           "scrape_configs": [{"job_name": "prometheus", "static_configs": [{"targets": [server.address]}]}]})
    eventually(lambda: [m for _, _, m in named(grpc_sink, "prometheus_build_info")], "samples", 40)
    resource, scope, up = named(grpc_sink, "up")[0]
    assert resource == {"service.name": "prometheus", "service.instance.id": server.address}
    assert up.gauge.data_points[0].as_double == 1
    assert {pair.key: pair.value.string_value for pair in up.gauge.data_points[0].attributes} == {"cluster": "c1"}
    assert scope.name.endswith("prometheusremotewritereceiver")
    # What the metadata of version 1 says comes later, and then every sample of the family has it.
    metric = eventually(
        lambda: next((m for _, _, m in named(grpc_sink, "prometheus_http_requests_total") if m.description), None),
        "metadata", 40)
    assert metric.WhichOneof("data") == "sum" and metric.sum.is_monotonic and metric.sum.aggregation_temporality == 2
    at = up.gauge.data_points[0].time_unix_nano / 1e9
    stored = own.query("up", at)
    assert [float(series["value"][1]) for series in stored.values()] == [1]
    values = {m.gauge.data_points[0].time_unix_nano: m.gauge.data_points[0].as_double
              for _, _, m in named(grpc_sink, "go_goroutines")}
    for nanoseconds, number in list(values.items())[:3]:
        same = own.query("go_goroutines", nanoseconds / 1e9)
        assert [float(series["value"][1]) for series in same.values()] == [number]


@pytest.mark.parametrize("message", [V1, V2])
def test_apus_writes_into_apus(message, receive, grpc_sink, start):
    url = receive()
    apus = start(to_prometheus(url, protobuf_message=message, send_metadata=True), signals=["metrics"])
    now = time.time_ns() // 1_000_000 * 1_000_000
    export(apus.grpc, "metrics", metrics(now))
    eventually(lambda: named(grpc_sink, "rpc"), "the metrics", 30)
    resource, scope, gauge = named(grpc_sink, "temperature_celsius")[0]
    assert resource == {"service.name": "api", "service.namespace": "shop", "service.instance.id": "i-1", "k8s_node": "n1"}
    assert (scope.name, scope.version) == ("lib", "2.0")
    assert gauge.gauge.data_points[0].as_double == -7.25 and gauge.gauge.data_points[0].time_unix_nano == now
    if message == V1:
        # Its metadata may be in another request than the values, which is sent at the same time, and is kept for the next.
        def described():
            found = [(m.description, m.unit) for _, _, m in named(grpc_sink, "temperature_celsius")]
            if ("About temperature.", "Cel") in found:
                return True
            export(apus.grpc, "metrics", metrics(now))
            return False

        eventually(described, "the description")
    else:
        assert gauge.description == "About temperature." and gauge.unit == "Cel"
    counter = named(grpc_sink, "requests_total")[0][2]
    point = counter.sum.data_points[0]
    assert counter.sum.is_monotonic and point.as_double == 12
    assert point.start_time_unix_nano == (now - 60_000_000_000 if message == V2 else 0)
    exemplar = point.exemplars[0]
    assert (exemplar.trace_id, exemplar.span_id, exemplar.as_double) == (TRACE, SPAN, 1.5)
    native = named(grpc_sink, "size_bytes")[0][2].exponential_histogram.data_points[0]
    assert (native.count, native.sum, native.scale, native.zero_count) == (9, 20, 1, 2)
    assert (native.positive.offset, list(native.positive.bucket_counts)) == (-1, [1, 2, 0, 0, 0, 0, 4])
    buckets = {pair.value.string_value: point.as_double for _, _, metric in named(grpc_sink, "latency_seconds_bucket")
               for point in metric.gauge.data_points for pair in point.attributes if pair.key == "le"}
    assert buckets == {"0.5": 1, "1": 3, "+Inf": 6}
    assert named(grpc_sink, "rpc")[0][2].gauge.data_points[0].as_double == 2.5
    assert not named(grpc_sink, "target_info")


def test_histograms_keep_their_form_as_native_ones(receive, grpc_sink, start):
    url = receive()
    apus = start(to_prometheus(url, protobuf_message=V2, convert_explicit_histograms_to_nhcb=True), signals=["metrics"])
    export(apus.grpc, "metrics", metrics(time.time_ns()))
    found = eventually(lambda: named(grpc_sink, "latency_seconds"), "the histogram", 30)
    point = found[0][2].histogram.data_points[0]
    assert (point.count, point.sum) == (6, 9.5)
    assert (list(point.explicit_bounds), list(point.bucket_counts)) == ([0.5, 1], [1, 2, 3])
