"""The exporter `prometheus`: OTLP goes in, and a real Prometheus, prometheus_client and Apus itself read the page."""

import gzip
import json
import math
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

import otlp
import pytest
from clients import export, failure
from conftest import configuration, to_grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest, ExportMetricsServiceResponse)
from process import eventually, free_port, get
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics_parser

PROMETHEUS = shutil.which("prometheus")
TRACE, SPAN = bytes(range(16)), bytes(range(8))
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
DELTA, CUMULATIVE = 1, 2
TARGET = {"job": "shop/api", "instance": "i-1"}
SCOPE = {"otel_scope_name": "lib", "otel_scope_version": "1.2"}


def message(now=None):
    """A gauge, counters, both kinds of histograms and a summary."""
    now = now or time.time_ns()
    times = {"start_time_unix_nano": now - 10**10, "time_unix_nano": now}
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.extend(otlp.attribute(key, value) for key, value in {
        "service.namespace": "shop", "service.name": "api", "service.instance.id": "i-1", "host.name": "h"}.items())
    scope = resource.scope_metrics.add()
    scope.scope.name, scope.scope.version = "lib", "1.2"
    gauge = scope.metrics.add(name="room.temperature", unit="Cel", description="How \"warm\"\nit is.").gauge
    gauge.data_points.add(as_double=-7.25, **times).attributes.append(otlp.attribute("room.name", 'a"b\\c\nd'))
    gauge.data_points.add(as_double=math.inf, **times).attributes.append(otlp.attribute("room.name", "grüße"))
    total = scope.metrics.add(name="requests", unit="{request}", description="Requests.").sum
    total.aggregation_temporality, total.is_monotonic = CUMULATIVE, True
    point = total.data_points.add(as_int=12_345_678_901, **times)
    point.attributes.append(otlp.attribute("code", 200))
    point.exemplars.add(time_unix_nano=now, as_int=3, trace_id=TRACE, span_id=SPAN)
    level = scope.metrics.add(name="queue.length").sum
    level.aggregation_temporality = CUMULATIVE
    level.data_points.add(as_int=-3, **times)
    histogram = scope.metrics.add(name="latency", unit="s").histogram
    histogram.aggregation_temporality = CUMULATIVE
    point = histogram.data_points.add(
        count=6, sum=12.35, bucket_counts=[1, 2, 1, 2], explicit_bounds=[0.1, 0.5, 1], **times)
    point.exemplars.add(time_unix_nano=now, as_double=0.3, trace_id=TRACE, span_id=SPAN)
    exponential = scope.metrics.add(name="size", unit="By").exponential_histogram
    exponential.aggregation_temporality = CUMULATIVE
    point = exponential.data_points.add(count=12, sum=100.5, scale=0, zero_count=2, zero_threshold=0.001, **times)
    point.positive.offset = 1
    point.positive.bucket_counts.extend([4, 0, 6])
    summary = scope.metrics.add(name="wait", unit="ms").summary.data_points.add(count=3, sum=60.5, **times)
    summary.quantile_values.add(quantile=0.5, value=20)
    summary.quantile_values.add(quantile=0.99, value=30)
    return request


#: What has to be on a page of `message`, by name and labels, without the labels that all series have.
EXPECTED = {
    ("room_temperature_celsius", ("room_name", 'a"b\\c\nd')): -7.25,
    ("room_temperature_celsius", ("room_name", "grüße")): math.inf,
    ("requests_total", ("code", "200")): 12_345_678_901,
    ("queue_length",): -3,
    ("latency_seconds_bucket", ("le", 0.1)): 1, ("latency_seconds_bucket", ("le", 0.5)): 3,
    ("latency_seconds_bucket", ("le", 1.0)): 4, ("latency_seconds_bucket", ("le", math.inf)): 6,
    ("latency_seconds_sum",): 12.35, ("latency_seconds_count",): 6,
    ("size_bytes_bucket", ("le", math.inf)): 12, ("size_bytes_sum",): 100.5, ("size_bytes_count",): 12,
    ("wait_milliseconds", ("quantile", 0.5)): 20, ("wait_milliseconds", ("quantile", 0.99)): 30,
    ("wait_milliseconds_sum",): 60.5, ("wait_milliseconds_count",): 3,
    ("target_info", ("host_name", "h")): 1,
}


def found(name, labels, value):
    """A sample in the form of `EXPECTED`, after a look at the labels that all series have."""
    common = TARGET if name == "target_info" else {**TARGET, **SCOPE}
    assert common.items() <= labels.items(), (name, labels)
    own = {key: float(one) if key in ("le", "quantile") else one for key, one in labels.items() if key not in common}
    return (name, *sorted(own.items())), value


def samples(families):
    pairs = [found(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@pytest.fixture
def page(start):
    """Starts Apus with the page; gives Apus and the port of the page."""

    def page(**keys):
        port = free_port()
        apus = start({"prometheus": {"endpoint": f"127.0.0.1:{port}", **keys}}, signals=("metrics",))
        return apus, port

    return page


def scrape(port, accept=None, **headers):
    fields = {key.replace("_", "-"): value for key, value in headers.items()}
    return get(port, "/metrics", headers={**({"accept": accept} if accept else {}), **fields})


def test_prometheus_client_reads_the_text_format(page):
    apus, port = page()
    export(apus.grpc, "metrics", message())
    status, headers, body = scrape(port)
    assert status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4")
    families = list(parser.text_string_to_metric_families(body.decode()))
    assert samples(families) == EXPECTED
    types = {family.name: family.type for family in families}
    assert types == {
        "latency_seconds": "histogram", "queue_length": "gauge", "requests": "counter",
        "room_temperature_celsius": "gauge", "size_bytes": "histogram", "target_info": "gauge",
        "wait_milliseconds": "summary"}
    helps = {family.name: family.documentation for family in families}
    assert helps["room_temperature_celsius"] == "How \"warm\"\nit is." and helps["requests"] == "Requests."


def test_prometheus_client_reads_openmetrics_with_exemplars(page):
    apus, port = page(enable_open_metrics=True, created_lines=True)
    now = 1_700_000_000_500_000_000
    export(apus.grpc, "metrics", message(now))
    status, headers, body = scrape(port, OPENMETRICS, accept_encoding="gzip")
    assert status == 200 and headers["content-type"].startswith(OPENMETRICS)
    assert headers["content-encoding"] == "gzip"
    families = list(openmetrics_parser.text_string_to_metric_families(gzip.decompress(body).decode()))
    created = [s for family in families for s in family.samples if s.name.endswith("_created")]
    assert {s.name for s in created} == {
        "latency_seconds_created", "requests_created", "size_bytes_created", "wait_milliseconds_created"}
    assert {s.value for s in created} == {1_699_999_990.5}
    for family in families:
        family.samples = [s for s in family.samples if s not in created]
    assert samples(families) == EXPECTED
    by_name = {family.name: family for family in families}
    assert by_name["target"].type == "info" and by_name["requests"].type == "counter"
    assert by_name["latency_seconds"].unit == "seconds" and by_name["size_bytes"].unit == "bytes"
    exemplars = {s.labels.get("le", ""): s.exemplar for name in ("latency_seconds", "requests")
                 for s in by_name[name].samples if s.exemplar}
    assert set(exemplars) == {"0.5", ""}
    for exemplar in exemplars.values():
        assert exemplar.labels == {"trace_id": TRACE.hex(), "span_id": SPAN.hex()}
        assert float(exemplar.timestamp) == 1_700_000_000.5
    assert exemplars["0.5"].value == 0.3 and exemplars[""].value == 3


@pytest.fixture
def prometheus(tmp_path, afterwards):
    """Starts a real Prometheus that scrapes a port each second; gives a function that asks it."""

    def prometheus(port, *flags):
        if PROMETHEUS is None:
            pytest.skip("there is no prometheus; install Debian's package")
        address = f"127.0.0.1:{free_port()}"
        config = tmp_path / "prometheus.yml"
        config.write_text(json.dumps({"scrape_configs": [{
            "job_name": "apus", "scrape_interval": "1s", "honor_labels": True,
            "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]}))
        process = subprocess.Popen(
            [PROMETHEUS, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
             f"--web.listen-address={address}", "--log.level=error", *flags])
        afterwards.callback(process.wait)
        afterwards.callback(process.terminate)

        def ask(path, **query):
            try:
                with urllib.request.urlopen(
                        f"http://{address}/api/v1/{path}?{urllib.parse.urlencode(query)}") as answer:
                    return json.load(answer)["data"]
            except OSError:
                return None
        eventually(lambda: ask("status/buildinfo"), "Prometheus to start", 60)
        return ask

    return prometheus


def series(ask):
    result = (ask("query", query='{job="shop/api"}') or {}).get("result", [])
    pairs = []
    for one in result:
        labels = dict(one["metric"])
        pairs.append(found(labels.pop("__name__"), labels, float(one["value"][1])))
    return dict(pairs)


@pytest.mark.parametrize("keys", [{}, {"enable_open_metrics": True}, {"send_timestamps": True}])
def test_a_real_prometheus_has_the_exact_values(page, prometheus, keys):
    apus, port = page(**keys)
    export(apus.grpc, "metrics", message())
    ask = prometheus(port, *(["--enable-feature=exemplar-storage"] if keys else []))
    eventually(lambda: series(ask) == EXPECTED, lambda: f"the series; there are {series(ask)}", 60)
    metadata = ask("metadata")
    assert metadata["latency_seconds"][0]["type"] == "histogram"
    assert metadata["room_temperature_celsius"][0]["help"] == "How \"warm\"\nit is."
    if "enable_open_metrics" in keys:
        assert metadata["requests"][0]["type"] == "counter"
        now = time.time()
        exemplars = ask("query_exemplars", query="latency_seconds_bucket", start=now - 600, end=now + 60)
        (exemplar,) = exemplars[0]["exemplars"]
        assert exemplar["labels"] == {"trace_id": TRACE.hex(), "span_id": SPAN.hex()}
        assert float(exemplar["value"]) == 0.3
    # What is not there any more is gone from the page, and Prometheus marks it as stale.
    gone = message()
    for metric in gone.resource_metrics[0].scope_metrics[0].metrics:
        for point in getattr(metric, metric.WhichOneof("data")).data_points:
            point.flags = 1
    export(apus.grpc, "metrics", gone)
    left = {key: value for key, value in EXPECTED.items() if key[0] == "target_info"}
    if "send_timestamps" in keys:
        # A sample with a time of its own is not marked.
        body = scrape(port)[2]
        assert samples(parser.text_string_to_metric_families(body.decode())) == left
    else:
        eventually(lambda: series(ask) == left, lambda: f"them to go; there are {series(ask)}", 60)
    apus.wait_for_metric("otelcol_exporter_sent_metric_points", 14, exporter="prometheus")


def test_a_real_prometheus_reads_native_histograms(page, prometheus):
    apus, port = page()
    export(apus.grpc, "metrics", message())
    ask = prometheus(port, "--enable-feature=native-histograms")

    def value(query):
        result = (ask("query", query=query) or {}).get("result", [])
        return [float(one["value"][1]) for one in result]
    eventually(lambda: value("histogram_count(size_bytes)") == [12], lambda: value("size_bytes"), 60)
    assert value("histogram_sum(size_bytes)") == [100.5]
    # Two of twelve are around zero; buckets (2, 4] and (8, 16] have four and six.
    assert value("histogram_fraction(2, 4, size_bytes)") == pytest.approx([4 / 12])
    assert value("histogram_fraction(8, 16, size_bytes)") == pytest.approx([6 / 12])
    assert value('requests_total{code="200"}') == [12_345_678_901]
    assert value('latency_seconds_bucket{le="0.5"}') == [3]


def test_apus_reads_the_page_of_apus(page, launch, grpc_sink):
    apus, port = page(enable_open_metrics=True, created_lines=True)
    now = time.time_ns() // 10**6 * 10**6
    export(apus.grpc, "metrics", message(now))
    job = {"job_name": "page", "scrape_interval": "1s", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
           "honor_labels": True, "scrape_protocols": ["PrometheusProto"]}
    launch({
        "receivers": {"prometheus": {"config": {"scrape_configs": [job]}}}, "exporters": to_grpc(grpc_sink),
        "service": {
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"metrics": {"receivers": ["prometheus"], "exporters": ["otlp_grpc"]}}},
    }, {})

    def back():
        return {
            metric.name: metric for request in grpc_sink.accepted("metrics") for resource in request.resource_metrics
            for scope in resource.scope_metrics if scope.scope.name == "lib" for metric in scope.metrics}
    metrics = eventually(back, "the page to be read", 30)
    sent = {metric.name: metric for metric in message(now).resource_metrics[0].scope_metrics[0].metrics}
    total = metrics["requests_total"].sum
    assert total.is_monotonic and total.data_points[0].as_double == 12_345_678_901
    assert total.data_points[0].start_time_unix_nano == now - 10**10
    assert total.data_points[0].exemplars[0].trace_id == TRACE
    histogram, original = (
        one.histogram.data_points[0] for one in (metrics["latency_seconds"], sent["latency"]))
    assert list(histogram.bucket_counts) == list(original.bucket_counts)
    assert list(histogram.explicit_bounds) == list(original.explicit_bounds) and histogram.sum == original.sum
    native, original = (
        one.exponential_histogram.data_points[0] for one in (metrics["size_bytes"], sent["size"]))
    assert native.scale == original.scale and native.zero_count == original.zero_count
    assert native.zero_threshold == original.zero_threshold and native.count == original.count
    assert native.positive.offset == original.positive.offset
    assert list(native.positive.bucket_counts) == list(original.positive.bucket_counts)
    quantiles = metrics["wait_milliseconds"].summary.data_points[0].quantile_values
    assert [(one.quantile, one.value) for one in quantiles] == [(0.5, 20), (0.99, 30)]


def test_deltas_add_up_and_what_has_no_place_is_counted(page):
    apus, port = page(without_scope_info=True)
    now = time.time_ns()

    def deltas(number, monotonic=True):
        request = ExportMetricsServiceRequest()
        metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="d").sum
        metric.aggregation_temporality, metric.is_monotonic = DELTA, monotonic
        metric.data_points.add(
            as_int=5, start_time_unix_nano=now + number * 10, time_unix_nano=now + number * 10 + 10)
        return request

    for number in range(20):
        export(apus.grpc, "metrics", deltas(number))
    assert b"\nd_total 100\n" in scrape(port)[2]
    assert "cumulative temporality" in failure(apus.grpc, "metrics", deltas(30, monotonic=False)).details()
    mixed = deltas(20)
    mixed.MergeFrom(deltas(30, monotonic=False))
    answer = ExportMetricsServiceResponse.FromString(export(apus.grpc, "metrics", mixed))
    assert answer.partial_success.rejected_data_points == 1
    assert b"\nd_total 105\n" in scrape(port)[2]
    apus.wait_for_metric("otelcol_exporter_send_failed_metric_points", 2, exporter="prometheus")
    apus.wait_for_metric("apus_exporter_page_refused_points", 2, reason="temporality")
    apus.wait_for_metric("apus_exporter_page_series", 1, exporter="prometheus")
    assert apus.metric("otelcol_exporter_sent_metric_points", exporter="prometheus") == 21
    apus.stop()
    receipt = apus.receipts()["metrics", "prometheus"]
    assert (receipt["delivered"], receipt["rejected"], receipt["lost"]) == (21, 2, 0), receipt


def test_odd_requests_get_an_answer_and_do_no_harm(page):
    apus, port = page()
    export(apus.grpc, "metrics", message())
    for accept in ["", "*/*", ";;;", "text/plain;q=nan", "a/b;" * 5000, "text/plain;version=9",
                   "application/openmetrics-text;escaping=none"]:
        status, headers, body = scrape(port, accept or None)
        assert status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4"), accept
        assert samples(parser.text_string_to_metric_families(body.decode())) == EXPECTED
    assert get(port, "/")[0] == 404
    assert get(port, "/metrics", method="DELETE")[0] == 405
    assert apus.is_running


def test_the_page_outlives_a_change_of_its_keys(page):
    apus, port = page(without_scope_info=True)
    export(apus.grpc, "metrics", otlp.sample("metrics", 1))
    assert b"\nitem_ratio{" in scrape(port)[2]
    ports = {"grpc": apus.ports["grpc"], "http": apus.ports["http"], "metrics": apus.ports["metrics"]}
    changed = {"prometheus": {"endpoint": f"127.0.0.1:{port}", "without_scope_info": True, "namespace": "ns"}}
    apus.write(configuration(ports, changed, signals=("metrics",)))
    apus.signal(1)

    def renamed():
        export(apus.grpc, "metrics", otlp.sample("metrics", 1))
        return b"\nns_item_ratio{" in scrape(port)[2]
    eventually(renamed, lambda: apus.log)
