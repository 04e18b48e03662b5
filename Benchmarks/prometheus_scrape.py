"""CPU seconds that Apus spends on a million samples that its receiver `prometheus` scrapes.

The page has 10,000 series and is given out by a small server on core 1, the same bytes each time; the receiver asks for
it ten times a second. Runs of the collectors alternate, and figures are medians.
"""

import argparse
import http.server
import json
import pathlib
import statistics
import subprocess
import tempfile
import threading
import time

from comparison.measure import cpu, end, launch

ROOT = pathlib.Path(__file__).resolve().parent.parent
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
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(configuration(target.port))
        file.flush()
        collector = launch(
            [part.replace("{config}", file.name) for part in command], "0", stdout=subprocess.DEVNULL)
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
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--apus", default=str(ROOT / ".build/release/apus"))
    options.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    options.add_argument("--json", help="also write the figures to this file")
    arguments = options.parse_args()
    collectors = {"apus": [arguments.apus, "--config", "{config}"]}
    for peer in arguments.peer:
        name, command = peer.split("=", 1)
        collectors[name] = command.split()
    figures = []
    print("| page of 10,000 series | " + " | ".join(f"{name} CPU s/M" for name in collectors) + " |")
    print("|---|" + "---:|" * len(collectors))
    for kind in TYPES:
        seen = {name: [] for name in collectors}
        for _ in range(arguments.runs):
            for name, command in collectors.items():
                seen[name].append(run(command, arguments.rounds, kind))
        medians = {name: statistics.median(values) for name, values in seen.items()}
        figures.append({"case": kind, "medians": medians, "runs": seen})
        print(f"| {kind} | " + " | ".join(f"{value:.2f}" for value in medians.values()) + " |", flush=True)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
