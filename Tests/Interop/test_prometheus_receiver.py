"""The receiver `prometheus` against pages of prometheus_client and of a real Prometheus, and beside one."""

import gzip
import json
import math
import shutil
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import to_grpc
from process import eventually, free_port
from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram, Info, Summary
from prometheus_client import exposition, parser
from prometheus_client.openmetrics import exposition as openmetrics_exposition
from prometheus_client.openmetrics import parser as openmetrics_parser

PROMETHEUS = shutil.which("prometheus")
NO_VALUE = 1
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SCRAPE = {"up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
          "scrape_series_added"}


class Target:
    """A server whose answer to every request is what `answer(headers)` says: body, type and further fields."""

    def __init__(self, answer):
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                target.paths.append(self.path)
                body, kind, fields = answer(self.headers)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in fields.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.paths = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


def registry():
    """One metric of every type, with values that stay."""
    found = CollectorRegistry()
    counter = Counter("requests", "Requests\nby code, with a \\.", ["code", "path"], registry=found)
    counter.labels("200", "/").inc(12.5, exemplar={"trace_id": TRACE, "span_id": SPAN})
    counter.labels("500", 'a"b\\c\nd').inc(3)
    Gauge("temperature_celsius", "Grad.", registry=found).set(-7.25)
    Gauge("infinite", "No end.", registry=found).set(math.inf)
    histogram = Histogram("latency_seconds", "Time.", ["method"], buckets=(0.1, 0.5, 1, 2.5), registry=found)
    for value in (0.05, 0.3, 0.3, 0.7, 2, 9):
        histogram.labels("GET").observe(value)
    summary = Summary("size_bytes", "Bytes.", registry=found)
    for value in (10, 20, 30.5):
        summary.observe(value)
    Info("build", "What it is.", registry=found).info({"version": "1.2.3"})
    Enum("state", "How it is.", states=["on", "off"], registry=found).state("off")
    return found


def page(kind):
    found = registry()

    def answer(headers):
        if kind == "openmetrics":
            return openmetrics_exposition.generate_latest(found), openmetrics_exposition.CONTENT_TYPE_LATEST, {}
        return exposition.generate_latest(found), exposition.CONTENT_TYPE_LATEST, {}

    return answer


def job(name, address, **keys):
    return {"job_name": name, "scrape_interval": "1s", "static_configs": [{"targets": [address]}], **keys}


@pytest.fixture
def scrape(launch, grpc_sink):
    """Starts Apus with jobs; gives what the sink gets."""

    def scrape(*jobs, **keys):
        return launch({
            "receivers": {"prometheus": {"config": {"scrape_configs": list(jobs)}, **keys}},
            "exporters": to_grpc(grpc_sink),
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {"metrics": {"receivers": ["prometheus"], "exporters": ["otlp_grpc"]}}},
        }, {})

    return scrape


def attributes(pairs):
    return {pair.key: pair.value.string_value for pair in pairs}


def scrapes(sink):
    """For each resource of each batch: its attributes, and its metrics by name."""
    found = []
    for message in sink.accepted("metrics"):
        for resource in message.resource_metrics:
            metrics = [metric for scope in resource.scope_metrics for metric in scope.metrics]
            found.append((attributes(resource.resource.attributes), {metric.name: metric for metric in metrics}))
    return found


def first_scrape(sink, seconds=20):
    """The metrics of the first scrape that gave a page."""
    def good():
        return [metrics for _, metrics in scrapes(sink)
                if "up" in metrics and metrics["up"].gauge.data_points[0].as_double == 1]
    return eventually(good, lambda: f"a scrape; there are {scrapes(sink)}", seconds)[0]


def flatten(metrics):
    """All values as the text format would have them, by name and labels."""
    found = {}

    def put(name, labels, value):
        key = (name, tuple(sorted(labels.items())))
        assert key not in found, key
        found[key] = value

    for name, metric in metrics.items():
        kind = metric.WhichOneof("data")
        for point in getattr(metric, kind).data_points:
            labels = attributes(point.attributes)
            assert point.flags & NO_VALUE == 0, (name, labels)
            if kind in ("gauge", "sum"):
                put(name, labels, point.as_double)
            elif kind == "histogram":
                total = 0
                for bound, count in zip([*point.explicit_bounds, math.inf], point.bucket_counts, strict=True):
                    total += count
                    put(f"{name}_bucket", {**labels, "le": bound}, total)
                put(f"{name}_count", labels, point.count)
                put(f"{name}_sum", labels, point.sum)
            elif kind == "summary":
                for quantile in point.quantile_values:
                    put(name, {**labels, "quantile": quantile.quantile}, quantile.value)
                put(f"{name}_count", labels, point.count)
                put(f"{name}_sum", labels, point.sum)
    return found


def expected(families):
    """All samples of a page that has been read by prometheus_client, in the same form."""
    found = {}
    for family in families:
        for sample in family.samples:
            if sample.name.endswith("_created"):
                continue
            name = family.name if family.type in ("info",) else sample.name
            labels = {
                key: float(value) if key in ("le", "quantile") else value for key, value in sample.labels.items()}
            found[(name, tuple(sorted((key, value) for key, value in labels.items() if value != "")))] = sample.value
    return found


def agree(left, right):
    return left == right or math.isnan(left) and math.isnan(right)


@pytest.mark.parametrize("kind", ["text", "openmetrics"])
def test_a_page_of_prometheus_client_value_by_value(scrape, grpc_sink, afterwards, kind):
    target = Target(page(kind))
    afterwards.callback(target.close)
    scrape(job("page", target.address))
    metrics = first_scrape(grpc_sink)
    body, _, _ = page(kind)({})
    if kind == "openmetrics":
        families = openmetrics_parser.text_string_to_metric_families(body.decode())
    else:
        families = parser.text_string_to_metric_families(body.decode())
    got = flatten({name: metric for name, metric in metrics.items() if name not in SCRAPE})
    want = expected(families)
    if kind == "text":
        # There the times of creation are gauges of their own.
        got = {key: value for key, value in got.items() if not key[0].endswith("_created")}
    assert set(got) == set(want)
    for key, value in want.items():
        assert agree(got[key], value), key
    counter = metrics["requests_total"]
    assert counter.sum.is_monotonic and counter.description == "Requests\nby code, with a \\."
    if kind == "openmetrics":
        point = next(p for p in counter.sum.data_points if attributes(p.attributes)["code"] == "200")
        assert point.exemplars[0].trace_id.hex() == TRACE
        assert point.exemplars[0].span_id.hex() == SPAN
        assert 0 < point.start_time_unix_nano < point.time_unix_nano
    (resource, _), *_ = scrapes(grpc_sink)
    assert resource["service.name"] == "page" and resource["service.instance.id"] == target.address
    assert resource["server.port"] == target.address.split(":")[1]


@pytest.fixture
def prometheus(tmp_path, afterwards):
    """Starts a real Prometheus that scrapes an address; gives its own address."""

    def prometheus(jobs):
        if PROMETHEUS is None:
            pytest.skip("there is no prometheus; install Debian's package")
        address = f"127.0.0.1:{free_port()}"
        config = tmp_path / "prometheus.yml"
        config.write_text(json.dumps({"scrape_configs": jobs}))
        process = subprocess.Popen(
            [PROMETHEUS, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
             f"--web.listen-address={address}", "--log.level=error"])
        afterwards.callback(process.wait)
        afterwards.callback(process.terminate)

        def ready():
            try:
                return urllib.request.urlopen(f"http://{address}/-/ready").status == 200
            except OSError:
                return False
        eventually(ready, "Prometheus to start", 60)
        return address

    return prometheus


@pytest.mark.parametrize("protocol, kind", [
    ("PrometheusText0.0.4", "text/plain; version=0.0.4"),
    # Prometheus has no OpenMetrics of itself, so the last choice comes.
    ("OpenMetricsText1.0.0", "text/plain; version=0.0.4"),
    ("PrometheusProto", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily")])
def test_a_real_prometheus_in_each_format(scrape, grpc_sink, prometheus, afterwards, protocol, kind):
    address = prometheus([])
    kinds = []

    def relay(headers):
        request = urllib.request.Request(f"http://{address}/metrics", headers={"Accept": headers["Accept"]})
        with urllib.request.urlopen(request) as answer:
            kinds.append(answer.headers["Content-Type"])
            return answer.read(), kinds[-1], {}
    target = Target(relay)
    afterwards.callback(target.close)
    scrape(job("prometheus", target.address, scrape_protocols=[protocol]))
    metrics = first_scrape(grpc_sink)
    assert all(answered.startswith(kind) for answered in kinds) and kinds, kinds
    with urllib.request.urlopen(f"http://{address}/metrics") as answer:
        want = expected(parser.text_string_to_metric_families(answer.read().decode()))
    got = flatten({name: metric for name, metric in metrics.items() if name not in SCRAPE})
    # What the handler of the page counts of itself appears with the first request, and values move on.
    names = {key for key in want if not key[0].startswith(("promhttp_", "net_conntrack_", "prometheus_http_"))}
    missing = {key for key in names if key not in got}
    assert not missing
    for key in names:
        if key[0] in ("prometheus_build_info", "prometheus_config_last_reload_successful", "go_info"):
            assert agree(got[key], want[key]), key
    assert metrics["go_gc_duration_seconds"].WhichOneof("data") == "summary"


def test_apus_and_prometheus_say_the_same(scrape, grpc_sink, prometheus, afterwards):
    target = Target(page("openmetrics"))
    afterwards.callback(target.close)
    keys = {
        "params": {"module": ["a"]},
        "relabel_configs": [
            {"source_labels": ["__address__"], "modulus": 7, "target_label": "shard", "action": "hashmod"},
            {"source_labels": ["__param_module"], "target_label": "module"}],
        "metric_relabel_configs": [
            {"source_labels": ["__name__"], "regex": ".*_created|state", "action": "drop"},
            {"source_labels": ["code"], "regex": "(.)..", "target_label": "class", "replacement": "${1}xx"},
            {"regex": "pa.h", "action": "labeldrop"},
            {"source_labels": ["method"], "target_label": "verb", "action": "lowercase"}]}
    address = prometheus([job("page", target.address, **keys)])
    # A dollar sign is written twice, since a single one begins a variable in a configuration of a collector.
    scrape(json.loads(json.dumps(job("page", target.address, **keys)).replace("$", "$$")))
    metrics = first_scrape(grpc_sink)
    query = f"http://{address}/api/v1/query?query=%7Bjob%3D%22page%22%7D"

    def answer():
        with urllib.request.urlopen(query) as response:
            return json.load(response)["data"]["result"]
    want = {}
    for series in eventually(answer, "Prometheus to have scraped"):
        labels = {
            key: float(value) if key in ("le", "quantile") else value
            for key, value in series["metric"].items() if key not in ("__name__", "job", "instance")}
        name = series["metric"]["__name__"].removesuffix("_info")
        want[(name, tuple(sorted(labels.items())))] = float(series["value"][1])
    got = flatten(metrics)
    assert set(got) == set(want)
    moving = ("scrape_duration_seconds", "scrape_series_added")
    for key, value in want.items():
        assert key[0] in moving or agree(got[key], value), key
    assert {"/metrics?module=a"} == set(target.paths)


PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
BOMB = gzip.compress(b"# " + b"x" * (64 << 20) + b"\n")
BAD = {
    "garbage": (bytes(range(256)) * 64, "text/plain", {}),
    "html": (b"<html><body>no</body></html>", "text/html", {}),
    "cut off": (b"# TYPE a counter\na_total 1\n", "application/openmetrics-text", {}),
    "bomb": (BOMB, "text/plain", {"Content-Encoding": "gzip"}),
    "no gzip": (b"a 1\n", "text/plain", {"Content-Encoding": "gzip"}),
    "huge label": (b'a{b="' + b"x" * (20 << 20) + b'"} 1\n', "text/plain", {}),
    "many labels": (b"a{" + b",".join(b'l%d="x"' % n for n in range(200_000)) + b"} 1\n", "text/plain", {}),
    "no end of quotes": (b'a{b="' + b'\\"' * 100_000, "text/plain", {}),
    "protobuf": (b"\xff" * 1000, PROTOBUF, {}),
    "many lines": (b"a\n" * 1_000_000, "text/plain", {}),
}


def test_bad_pages_make_their_targets_down_and_nothing_else(scrape, grpc_sink, afterwards):
    jobs = []
    for name, answer in BAD.items():
        target = Target(lambda headers, answer=answer: answer)
        afterwards.callback(target.close)
        jobs.append(job(name, target.address, scrape_interval="2s", label_limit=100, body_size_limit="16MB"))
    good = Target(page("text"))
    afterwards.callback(good.close)
    apus = scrape(*jobs, job("good", good.address))

    def ups():
        found = {}
        for resource, metrics in scrapes(grpc_sink):
            if "up" in metrics:
                found.setdefault(resource["service.name"], []).append(metrics["up"].gauge.data_points[0].as_double)
        return found
    eventually(lambda: all(len(ups().get(name, [])) >= 2 for name in BAD), lambda: f"{ups()}\n{apus.log}", 60)
    found = ups()
    assert all(set(found[name]) == {0} for name in BAD), found
    assert set(found["good"]) == {1}
    assert apus.is_running and apus.rss() < 500 << 20


def test_a_target_that_comes_and_goes(scrape, grpc_sink, afterwards, tmp_path):
    target = Target(page("text"))
    afterwards.callback(target.close)
    file = tmp_path / "targets.json"
    file.write_text(json.dumps([{"targets": [target.address], "labels": {"team": "a"}}]))
    scrape({"job_name": "files", "scrape_interval": "1s", "file_sd_configs": [
        {"files": [str(tmp_path / "*.json")], "refresh_interval": "1s"}]})
    metrics = first_scrape(grpc_sink)
    assert attributes(metrics["up"].gauge.data_points[0].attributes) == {"team": "a"}
    file.write_text("[]")

    def stale():
        return [metrics for _, metrics in scrapes(grpc_sink)
                if "up" in metrics and metrics["up"].gauge.data_points[0].flags & NO_VALUE]
    (gone, *_) = eventually(stale, "the target to be gone")
    assert all(
        point.flags & NO_VALUE for metric in gone.values()
        for point in getattr(metric, metric.WhichOneof("data")).data_points)
