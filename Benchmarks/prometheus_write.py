"""CPU seconds that Apus spends on a million samples of remote write: received, and sent from OTLP.

A batch is 1,000 gauges or counters with five attributes each, from ten targets. The body that is received is the one
that Apus itself makes of it. Every run starts a process of its own on core 0; who sends and who is sent to have core 1.
With `--peer NAME=COMMAND` another collector is measured in turn with the same files ({config} in the command is replaced).
"""

import http.server
import json
import threading
import urllib.request

from comparison import figures
from comparison.measure import cpu, end, free_port, h2load, settled_cpu, start, wait_for
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

MESSAGES = {"v1": "prometheus.WriteRequest", "v2": "io.prometheus.write.v2.Request"}
SAMPLES = 1000
NOW = 1_700_000_000_000_000_000


def payload():
    """An OTLP request with `SAMPLES` points."""
    request = ExportMetricsServiceRequest()
    for target in range(10):
        resource = request.resource_metrics.add()
        for key, value in (("service.name", "shop/api"), ("service.instance.id", f"10.0.0.{target}:9090")):
            resource.resource.attributes.add(key=key).value.string_value = value
        scope = resource.scope_metrics.add()
        scope.scope.name = "benchmark"
        for number in range(10):
            metric = scope.metrics.add(name=f"http.server.requests.{number}", unit="s", description="Requests.")
            data = metric.gauge
            if number % 2:
                data = metric.sum
                data.is_monotonic, data.aggregation_temporality = True, 2
            for series in range(SAMPLES // 100):
                point = data.data_points.add(time_unix_nano=NOW, as_double=series * 1.5 + number)
                for key, value in (
                    ("http.request.method", "GET"), ("http.route", f"/api/products/{series}"),
                    ("http.response.status_code", "200"), ("server.address", "shop.example.com"), ("zone", "eu-1a"),
                ):
                    point.attributes.add(key=key).value.string_value = value
    return request.SerializeToString()


def configuration(receivers, exporters):
    return json.dumps({
        "receivers": receivers, "exporters": exporters,
        "service": {
            "telemetry": {"logs": {"level": "warn"}, "metrics": {"level": "none"}},
            "pipelines": {"metrics": {"receivers": list(receivers), "exporters": list(exporters)}}},
    })


def from_otlp(port):
    return {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}}


def from_writers(port):
    return {"prometheusremotewrite": {"endpoint": f"127.0.0.1:{port}"}}


def to_server(port, version):
    return {"prometheusremotewrite": {
        "endpoint": f"http://127.0.0.1:{port}/api/v1/write", "protobuf_message": MESSAGES[version],
        "remote_write_queue": {"queue_size": 100}}}


OTLP = ("/v1/metrics", {"content-type": "application/x-protobuf"})


def written(apus, version):
    """The body and the header fields of the request that Apus makes of the payload."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append((self.rfile.read(int(self.headers["content-length"])), self.headers))
            self.send_response(204)
            self.send_header("x-prometheus-remote-write-samples-written", "1000000")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    process = start([apus, "--config", "{config}"],
                    configuration(from_otlp(port), to_server(server.server_address[1], version)), "0")
    try:
        wait_for(port, process)
        url = f"http://127.0.0.1:{port}{OTLP[0]}"
        urllib.request.urlopen(urllib.request.Request(url, payload(), OTLP[1])).close()
        settled_cpu(process)
    finally:
        end(process)
        server.shutdown()
    body, fields = seen[0]
    names = ("content-type", "content-encoding", "x-prometheus-remote-write-version")
    return body, {name: fields[name] for name in names}


def receive(command, requests, request):
    port = free_port()
    collector = start(command, configuration(from_writers(port), {"nop": {}}), "0")
    try:
        wait_for(port, collector)
        before = cpu(collector)
        h2load(f"http://127.0.0.1:{port}/api/v1/write", requests, *request)
        return (settled_cpu(collector) - before) / (requests * SAMPLES / 1e6)
    finally:
        end(collector)


def send(command, requests, version, apus):
    port, sink = free_port(), free_port()
    helper = start([apus, "--config", "{config}"], configuration(from_writers(sink), {"nop": {}}), "1")
    collector = start(command, configuration(from_otlp(port), to_server(sink, version)), "0")
    try:
        wait_for(sink, helper)
        wait_for(port, collector)
        before = cpu(collector)
        h2load(f"http://127.0.0.1:{port}{OTLP[0]}", requests, payload(), OTLP[1])
        return (settled_cpu(collector) - before) / (requests * SAMPLES / 1e6)
    finally:
        end(collector)
        end(helper)


def main():
    options = figures.options(__doc__)
    options.add_argument("--requests", type=int, default=1000)
    arguments = options.parse_args()
    requests = {version: written(arguments.apus, version) for version in MESSAGES}
    cases = {}
    for version in MESSAGES:
        cases[f"receive {version} → nop"] = lambda command, v=version: receive(
            command, arguments.requests, requests[v])
        cases[f"OTLP/HTTP → send {version}"] = lambda command, v=version: send(
            command, arguments.requests, v, arguments.apus)
    figures.compare(cases, arguments)


if __name__ == "__main__":
    main()
