"""CPU seconds that Apus spends on a million samples of a page that Prometheus scrapes.

The page has 10,000 series: gauges, counters, and histograms with ten buckets that are one series of OTLP and thirteen
lines each. Exports bring a new point for each; scrapes read the page in each format, compressed or not. The collector
runs on core 0 and the loader on core 1; runs of the collectors alternate, and figures are medians.
"""

import json
import urllib.request

from comparison import figures
from comparison.measure import cpu, end, free_port, h2load, settled_cpu, start, wait_for
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

SERIES = 10_000
NOW = 1_700_000_000_000_000_000
BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
FORMATS = {
    "text": {"accept": "text/plain;version=0.0.4"},
    "OpenMetrics": {"accept": "application/openmetrics-text;version=1.0.0"},
    "protobuf": {
        "accept": "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"},
    "text, gzip": {"accept": "text/plain;version=0.0.4", "accept-encoding": "gzip"},
}


def payload(histograms):
    """OTLP requests that have a point for each series between them: plain values, or histograms."""
    requests = []
    lines = len(BOUNDS) + 3 if histograms else 1
    for target in range(10):
        request = ExportMetricsServiceRequest()
        resource = request.resource_metrics.add()
        for key, value in (("service.name", "shop"), ("service.instance.id", f"10.0.0.{target}:9090"), ("zone", "eu")):
            resource.resource.attributes.add(key=key).value.string_value = value
        scope = resource.scope_metrics.add()
        scope.scope.name = "benchmark"
        for number in range(10):
            metric = scope.metrics.add(name=f"http.server.duration.{number}", unit="s", description="Time.")
            if histograms:
                metric.histogram.aggregation_temporality = 2
                points = metric.histogram.data_points
            elif number % 2:
                metric.sum.is_monotonic, metric.sum.aggregation_temporality = True, 2
                points = metric.sum.data_points
            else:
                points = metric.gauge.data_points
            for one in range(SERIES // 100 // lines):
                if histograms:
                    point = points.add(
                        time_unix_nano=NOW, count=55 + one, sum=one * 1.5, explicit_bounds=BOUNDS,
                        bucket_counts=range(11))
                else:
                    point = points.add(time_unix_nano=NOW, as_double=one * 1.5 + number)
                for key, value in (
                    ("http.request.method", "GET"), ("http.route", f"/api/products/{one}"),
                    ("http.response.status_code", "200"), ("server.address", "shop.example.com"),
                ):
                    point.attributes.add(key=key).value.string_value = value
        requests.append(request)
    return requests


def configuration(port, page):
    return json.dumps({
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}},
        "exporters": {"prometheus": {"endpoint": f"127.0.0.1:{page}", "enable_open_metrics": True}},
        "service": {
            "telemetry": {"logs": {"level": "warn"}, "metrics": {"level": "none"}},
            "pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["prometheus"]}}},
    })


def send(port, requests):
    for request in requests:
        post = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/metrics", request.SerializeToString(),
            {"content-type": "application/x-protobuf"})
        urllib.request.urlopen(post).read()


def lines(page):
    with urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics") as answer:
        return sum(1 for line in answer.read().splitlines() if not line.startswith(b"#"))


def running(command, body):
    """Runs `body` with a collector that has both ports, and gives what it returns."""
    port, page = free_port(), free_port()
    collector = start(command, configuration(port, page), "0")
    try:
        wait_for(port, collector)
        wait_for(page, collector)
        return body(collector, port, page)
    finally:
        end(collector)


def exports(command, rounds, histograms):
    """All series anew, `rounds` times."""
    requests = payload(histograms)
    points = sum(
        len(getattr(metric, metric.WhichOneof("data")).data_points) for request in requests
        for metric in request.resource_metrics[0].scope_metrics[0].metrics)
    # One request with all of them, so that one file is enough for h2load.
    whole = ExportMetricsServiceRequest()
    for request in requests:
        whole.MergeFrom(request)

    def body(collector, port, page):
        send(port, requests)
        before = cpu(collector)
        h2load(
            f"http://127.0.0.1:{port}/v1/metrics", rounds, whole.SerializeToString(),
            {"content-type": "application/x-protobuf"}, connections=2)
        return (settled_cpu(collector) - before) / (rounds * points / 1e6)
    return running(command, body)


def scrapes(command, rounds, histograms, headers):
    def body(collector, port, page):
        send(port, payload(histograms))
        count = lines(page)
        before = cpu(collector)
        h2load(f"http://127.0.0.1:{page}/metrics", rounds, None, headers, connections=2)
        return (settled_cpu(collector) - before) / (rounds * count / 1e6)
    return running(command, body)


def main():
    options = figures.options(__doc__)
    options.add_argument("--rounds", type=int, default=200)
    arguments = options.parse_args()
    cases = {}
    for kind, histograms in (("plain values", False), ("histograms", True)):
        cases[f"export, {kind}: a point"] = lambda command, h=histograms: exports(command, arguments.rounds, h)
        for name, headers in FORMATS.items():
            cases[f"scrape, {kind}, {name}: a line"] = lambda command, h=histograms, f=headers: scrapes(
                command, arguments.rounds, h, f)
    figures.compare(cases, arguments)


if __name__ == "__main__":
    main()
