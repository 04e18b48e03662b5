"""What the control plane costs: the time of a change, the latency of what it does not touch, an idle admin API.

    control.py reload [--changes 200]     one of 20 pipelines changes while another one is under load
    control.py idle                       resident memory and CPU with and without the admin API
"""

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/Interop"))

import grpc  # noqa: E402
import otlp  # noqa: E402
from process import Apus, free_port  # noqa: E402


class Admin(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))

    def merge(self, patch):
        self.request("PATCH", "/v1/config", json.dumps(patch), {
            "If-Match": "*", "Content-Type": "application/merge-patch+json"})
        answer = self.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(text)
        return json.loads(text)


def configuration(pipelines, ports):
    """So many pipelines, each with a receiver, a batch processor and an exporter of its own."""
    names = [f"p{number}" for number in range(pipelines)]
    return {
        "receivers": {f"otlp/{name}": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{port}"}}}
                      for name, port in zip(names, ports)} if ports else {"nop": {}},
        "processors": {f"batch/{name}": {"timeout": "50ms"} for name in names},
        "exporters": {f"nop/{name}": {} for name in names},
        "service": {
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {f"logs/{name}": {
                "receivers": [f"otlp/{name}" if ports else "nop"], "processors": [f"batch/{name}"],
                "exporters": [f"nop/{name}"]} for name in names},
        },
    }


def launch(config, directory, *arguments):
    directory = Path(tempfile.mkdtemp(dir=directory))
    return Apus(config, directory, env={"STATE_DIRECTORY": str(directory / "state")}, arguments=arguments)


def seconds(duration):
    """A duration as the API writes it."""
    units = {"µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1, "ns": 1e-9}
    number, unit = re.fullmatch(r"([\d.]+)(\D+)", duration).groups()
    return float(number) * units[unit]


def percentile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)]


class Load:
    """One client that sends as fast as answers come and times every request."""

    def __init__(self, port):
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.call = channel.unary_unary(otlp.SERVICES["logs"].method)
        self.message = otlp.sample("logs", 10).SerializeToString()
        self.times, self.stopping = [], False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping:
            begin = time.perf_counter()
            self.call(self.message, timeout=30)
            self.times.append(time.perf_counter() - begin)

    def take(self):
        times, self.times = self.times, []
        return times

    def stop(self):
        self.stopping = True
        self.thread.join()


def reload(directory, changes):
    ports = [free_port() for _ in range(20)]
    path = Path(directory) / "admin.sock"
    apus = launch(configuration(20, ports), directory, "--admin", f"unix://{path}", "--probes", "none")
    load, admin = Load(ports[0]), Admin(path)
    time.sleep(1)
    quiet, busy, swaps, answers = [], [], [], []
    # Quiet and busy stretches take turns, so that what else the machine does falls on both.
    for block in range(10):
        load.take()
        begin = time.perf_counter()
        for number in range(changes // 10):
            sent = time.perf_counter()
            answer = admin.merge({"processors": {"batch/p19": {"timeout": f"{60 + (block * 100 + number) % 97}ms"}}})
            answers.append(time.perf_counter() - sent)
            swaps.append(seconds(answer["swapped"]))
            time.sleep(0.05)
        length = time.perf_counter() - begin
        busy += load.take()
        time.sleep(length)
        quiet += load.take()
    load.stop()
    apus.stop()
    before, during = percentile(quiet, 0.99), percentile(busy, 0.99)
    print(f"{changes} changes of one of 20 pipelines; answers of the admin API took "
          f"{statistics.median(answers) * 1000:.1f} ms (median), {max(answers) * 1000:.1f} ms (longest)")
    print(f"until telemetry flowed through the new graph: {statistics.median(swaps) * 1000:.1f} ms (median), "
          f"{max(swaps) * 1000:.1f} ms (longest)")
    print(f"an unchanged pipeline: p99 {before * 1000:.2f} ms quiet ({len(quiet)} requests), "
          f"{during * 1000:.2f} ms during changes ({len(busy)} requests): {during / before:.2f} ×")


def cpu(apus):
    fields = Path(f"/proc/{apus.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(directory, pairs=5, seconds=20):
    figures = {"without": [], "with": []}
    for _ in range(pairs):
        for name in figures:
            arguments = ("--admin", "none", "--probes", "none") if name == "without" else (
                "--admin", f"unix://{directory}/admin.sock", "--admin", f"127.0.0.1:{free_port()}", "--probes", "none")
            apus = launch(configuration(2, None), directory, *arguments)
            time.sleep(2)
            figures[name].append(apus.rss())
            apus.stop()
    medians = {name: statistics.median(values) / 2**20 for name, values in figures.items()}
    print(f"resident, idle: {medians['without']:.1f} MiB without the admin API, {medians['with']:.1f} MiB with it: "
          f"{medians['with'] - medians['without']:+.2f} MiB")
    apus = launch(configuration(200, None), directory, "--admin", f"unix://{directory}/admin.sock", "--probes", "none")
    time.sleep(3)
    begin = cpu(apus)
    time.sleep(seconds)
    used = cpu(apus) - begin
    threads = len(os.listdir(f"/proc/{apus.process.pid}/task"))
    apus.stop()
    print(f"200 pipelines, rates and status at 1 Hz: {used / seconds * 100:.2f} % of a core, {threads} threads")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["reload", "idle"])
    parser.add_argument("--changes", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        if options.what == "reload":
            reload(directory, options.changes)
        else:
            idle(directory)


if __name__ == "__main__":
    main()
