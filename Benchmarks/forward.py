"""CPU seconds that Apus spends on a million spans: received only, and received, batched and forwarded.

Every run starts a process of its own. The collector has core 0, h2load and the sink have the others. CPU is user and
system time of the collector from the first request until everything has arrived. With `--peer NAME=COMMAND` another
collector is measured in turn with the same configuration files ({config} in the command is replaced).
"""

import argparse
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATH = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
TICKS = os.sysconf("SC_CLK_TCK")


def payload(spans):
    """One gRPC message with a resource, a scope and spans of eight attributes each."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "checkout"
    scope = resource.scope_spans.add()
    scope.scope.name = "benchmark"
    for number in range(spans):
        span = scope.spans.add(name=f"GET /api/products/{number % 50}", kind=2)
        span.trace_id = os.urandom(16)
        span.span_id = os.urandom(8)
        span.start_time_unix_nano = 1_700_000_000_000_000_000 + number * 1000
        span.end_time_unix_nano = span.start_time_unix_nano + 1_234_567
        for key, value in (
            ("http.request.method", "GET"), ("url.scheme", "https"), ("server.address", "shop.example.com"),
            ("http.route", "/api/products/{id}"), ("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)"),
            ("client.address", "203.0.113.7"),
        ):
            span.attributes.add(key=key).value.string_value = value
        span.attributes.add(key="http.response.status_code").value.int_value = 200
        span.attributes.add(key="server.port").value.int_value = 443
    body = request.SerializeToString()
    return b"\0" + len(body).to_bytes(4, "big") + body


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(port, sink):
    exporter = "nop: {}" if sink is None else (
        f'otlp_grpc: {{endpoint: "127.0.0.1:{sink}", tls: {{insecure: true}}, compression: none,'
        " sending_queue: {queue_size: 100, block_on_overflow: true}}"
    )
    processors = "" if sink is None else "processors: {batch: {send_batch_size: 8192, timeout: 200ms}}\n"
    steps = "" if sink is None else "processors: [batch], "
    return (
        f'receivers: {{otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{port}"}}}}}}}}\n{processors}'
        f"exporters: {{{exporter}}}\n"
        "service:\n  telemetry: {logs: {level: warn}, metrics: {level: none}}\n"
        f"  pipelines: {{traces: {{receivers: [otlp], {steps}exporters: [{exporter.split(':')[0]}]}}}}\n"
    )


def start(command, config, core):
    text = tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False)
    text.write(config)
    text.close()
    return subprocess.Popen(
        ["taskset", "-c", core] + [part.replace("{config}", text.name) for part in command],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port} after 20 s")


def cpu(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def settled_cpu(process):
    """CPU time once the collector has been idle for half a second, at most ten seconds from now."""
    last = cpu(process)
    for _ in range(20):
        time.sleep(0.5)
        now = cpu(process)
        if now - last <= 1 / TICKS:
            return now
        last = now
    return last


def measure(command, body, spans, requests, forward, apus):
    port, sink = free_port(), free_port() if forward else None
    helper = start([apus, "--config", "{config}"], configuration(sink, None), "1") if forward else None
    collector = start(command, configuration(port, sink), "0")
    try:
        if forward:
            wait_for(sink)
        wait_for(port)
        with tempfile.NamedTemporaryFile(suffix=".bin") as data:
            data.write(body)
            data.flush()
            before = cpu(collector)
            result = subprocess.run(
                ["taskset", "-c", "1", "h2load", "-n", str(requests), "-c", "4", "-m", "8", "-d", data.name,
                 "-H", "content-type: application/grpc", "-H", "te: trailers", f"http://127.0.0.1:{port}{PATH}"],
                capture_output=True, text=True, check=True)
        ok = int(re.search(r"(\d+) succeeded", result.stdout).group(1))
        if ok != requests:
            raise SystemExit(f"{requests - ok} of {requests} requests failed:\n{result.stdout}")
        return (settled_cpu(collector) - before) / (requests * spans / 1e6)
    finally:
        for process in filter(None, (collector, helper)):
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--apus", default=str(ROOT / ".build/release/apus"))
    options.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    options.add_argument("--json", help="also write the figures to this file")
    arguments = options.parse_args()
    collectors = {"apus": [arguments.apus, "--config", "{config}"]}
    for peer in arguments.peer:
        name, command = peer.split("=", 1)
        collectors[name] = command.split()
    cases = [(spans, requests, forward)
             for spans, requests in ((512, 4000), (10, 60000)) for forward in (False, True)]
    figures = []
    print("| case | " + " | ".join(f"{name} CPU s/M" for name in collectors) + " |")
    print("|---|" + "---:|" * len(collectors))
    for spans, requests, forward in cases:
        body = payload(spans)
        seen = {name: [] for name in collectors}
        for _ in range(arguments.runs):
            for name, command in collectors.items():
                seen[name].append(measure(command, body, spans, requests, forward, arguments.apus))
        case = f"{spans} spans per request → " + ("batch → OTLP/gRPC" if forward else "nop")
        medians = {name: statistics.median(values) for name, values in seen.items()}
        figures.append({"case": case, "medians": medians, "runs": seen})
        print(f"| {case} | " + " | ".join(f"{value:.2f}" for value in medians.values()) + " |", flush=True)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
