"""CPU seconds that Apus spends on a million samples that its receiver `prometheus` scrapes.

The page has 10,000 series and is given out by a small server on core 1, the same bytes each time; the receiver asks for
it ten times a second. Runs of the collectors alternate, and figures are medians.
"""

import http.server
import json
import threading
import time

from comparison import figures
from comparison.measure import cpu, end, start

SERIES = 10_000
TYPES = {
    "text": "text/plain; version=0.0.4; charset=utf-8",
    "OpenMetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8",
}


def page(kind):
    """Gauges and counters with five labels each."""
    lines = []
    for metric in range(100):
        is_counter = metric % 2 == 1
        family = f"http_server_thing_{metric}" + ("_total" if is_counter and kind == "text" else "")
        lines.append(f"# HELP {family} Things.\n# TYPE {family} {'counter' if is_counter else 'gauge'}")
        name = f"http_server_thing_{metric}" + ("_total" if is_counter else "")
        for one in range(SERIES // 100):
            lines.append(
                f'{name}{{method="GET",route="/api/products/{one}",status="200",server="shop.example.com",zone="eu"}} '
                f"{one * 1.5 + metric}")
    if kind == "OpenMetrics":
        lines.append("# EOF")
    return ("\n".join(lines) + "\n").encode()


class Target:
    """Gives out a page, and counts how often."""

    def __init__(self, kind):
        self.scrapes = 0
        body = page(kind)
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response(200)
                self.send_header("content-type", TYPES[kind])
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                target.scrapes += 1

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, count):
        begin = time.monotonic()
        while self.scrapes < count:
            if time.monotonic() - begin > 300:
                raise SystemExit(f"after 300 s there were {self.scrapes} scrapes of {count}")
            time.sleep(0.01)


def configuration(port):
    job = {"job_name": "page", "scrape_interval": "100ms", "scrape_timeout": "100ms",
           "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    return json.dumps({
        "receivers": {"prometheus": {"config": {"scrape_configs": [job]}}}, "exporters": {"nop": {}},
        "service": {
            "telemetry": {"logs": {"level": "error"}, "metrics": {"level": "none"}},
            "pipelines": {"metrics": {"receivers": ["prometheus"], "exporters": ["nop"]}}},
    })


def run(command, rounds, kind):
    target = Target(kind)
    collector = start(command, configuration(target.port), "0")
    try:
        # The first scrapes make the series.
        target.wait_for(5)
        before, first = cpu(collector), target.scrapes
        target.wait_for(first + rounds)
        return (cpu(collector) - before) / ((target.scrapes - first) * SERIES / 1e6)
    finally:
        end(collector)
        target.server.shutdown()


def main():
    options = figures.options(__doc__)
    options.add_argument("--rounds", type=int, default=100)
    arguments = options.parse_args()
    cases = {kind: lambda command, k=kind: run(command, arguments.rounds, k) for kind in TYPES}
    figures.compare(cases, arguments, "page of 10,000 series")


if __name__ == "__main__":
    main()
