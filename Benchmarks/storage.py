"""What a queue on disk costs beside one in memory, and how long it takes to start again with a gigabyte in it.

Cost: as in compare.py, for pairs of runs that differ in nothing but `storage` (fsync every second, as is the default).
Where the backend is away everything has to be written; where it is there, what is delivered in time need not be.
Recovery: the backend is away, clients send a gigabyte, kill -9, start: seconds until the collector listens and until
its queue has the size that it had; once with the files in the cache of the system and once without.
"""

import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

from comparison import figures
from comparison.cases import Case
from comparison.collectors import otelcol_configuration
from comparison.measure import cpu, free_port, h2load, settled_cpu, start, wait_for
from comparison.payloads import PATHS, body as body_of

CASES = [
    # name, spans per request, requests, batch processor, backend is there, h2load's connections and streams
    ("512 spans per request", 512, 4000, False, True, (4, 8)),
    ("10 spans per request", 10, 40000, False, True, (4, 16)),
    ("512 spans per request, batch", 512, 4000, True, True, (4, 16)),
    ("512 spans per request, backend away", 512, 1000, False, False, (4, 8)),
    ("10 spans per request, backend away", 10, 20000, False, False, (4, 16)),
]


def configuration(port, sink, directory, batch=False, metrics=None):
    """OTLP/gRPC in and out; with a directory, the queue is on disk."""
    storage = "" if directory is None else (
        f'extensions: {{file_storage: {{directory: "{directory}", create_directory: true, fsync: false}}}}\n')
    steps = "processors: [batch], " if batch else ""
    page = "level: none" if metrics is None else (
        "readers: [{pull: {exporter: {prometheus: "
        f"{{host: 127.0.0.1, port: {metrics}, without_type_suffix: true, without_units: true}}}}}}}}]")
    return (
        f'receivers: {{otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{port}"}}}}}}}}\n{storage}'
        "processors: {batch: {send_batch_size: 8192, timeout: 200ms}}\n"
        f'exporters: {{otlp_grpc: {{endpoint: "127.0.0.1:{sink}", tls: {{insecure: true}}, compression: none,\n'
        "  retry_on_failure: {initial_interval: 1s, max_interval: 5s, max_elapsed_time: 0s},\n"
        f"  sending_queue: {{queue_size: 1000000{'' if directory is None else ', storage: file_storage'}}}}}}}\n"
        f"service:\n  extensions: [{'' if directory is None else 'file_storage'}]\n"
        f"  telemetry: {{logs: {{level: error}}, metrics: {{{page}}}}}\n"
        f"  pipelines: {{traces: {{receivers: [otlp], {steps}exporters: [otlp_grpc]}}}}\n"
    )


def payload(spans):
    return body_of(Case("traces", spans))[0]


def start_sink(apus, port):
    config = otelcol_configuration(Case("traces", 512), {"grpc": port, "http": free_port()}, None)
    return start([apus, "--config", "{config}"], config, "1")


def load(port, body, requests, concurrency):
    """Sends so many requests; returns the seconds it took."""
    connections, streams = concurrency
    fields = {"content-type": "application/grpc", "te": "trailers"}
    return h2load(f"http://127.0.0.1:{port}{PATHS['traces'][0]}", requests, body, fields, connections, streams)


def stop(*processes):
    for process in filter(None, processes):
        process.send_signal(signal.SIGTERM)
    for process in filter(None, processes):
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(command, case, on_disk, apus, disk):
    """CPU seconds per million spans, thousands of spans a second, and the most memory in MB, of one run."""
    _, spans, requests, batch, there, concurrency = case
    body = payload(spans)
    port, sink = free_port(), free_port()
    directory = tempfile.mkdtemp(dir=disk) if on_disk else None
    helper = start_sink(apus, sink) if there else None
    if there:
        wait_for(sink, helper)
    collector = start(command, configuration(port, sink, directory, batch), "0")
    try:
        wait_for(port, collector)
        before = cpu(collector)
        seconds = load(port, body, requests, concurrency)
        used = (settled_cpu(collector) if there else cpu(collector)) - before
        memory = int(re.search(
            r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{collector.pid}/status").read_text()).group(1)) / 1000
        if not there:
            collector.kill()
        return used / (requests * spans / 1e6), requests * spans / seconds / 1000, memory
    finally:
        stop(collector, helper)
        if directory:
            shutil.rmtree(directory, ignore_errors=True)


def cost(collectors, arguments):
    found = []
    print("| case | collector | memory CPU s/M | disk CPU s/M | ratio | memory k/s | disk k/s | memory MB | disk MB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for case in CASES:
        if arguments.case and arguments.case not in case[0]:
            continue
        seen = {name: [] for name in collectors}
        for number in range(arguments.runs):
            for name, command in collectors.items():
                order = (False, True) if number % 2 == 0 else (True, False)
                pair = {disk: run(command, case, disk, arguments.apus, arguments.disk) for disk in order}
                seen[name].append((pair[False], pair[True]))
        for name, pairs in seen.items():
            ratio = statistics.median(disk[0] / memory[0] for memory, disk in pairs)
            (mc, mk, mm), (dc, dk, dm) = (
                [statistics.median(pair[side][figure] for pair in pairs) for figure in range(3)] for side in range(2))
            print(f"| {case[0]} | {name} | {mc:.2f} | {dc:.2f} | {ratio:.2f} | {mk:.0f} | {dk:.0f} | {mm:.0f} "
                  f"| {dm:.0f} |", flush=True)
            found.append({"case": case[0], "collector": name, "ratio": ratio, "pairs": pairs})
    return found


def queue_size(port):
    """The size of the queues; None when there is no page (yet)."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            found = re.findall(r"^otelcol_exporter_queue_size(?:{.*})? (\S+)", page.read().decode(), re.MULTILINE)
        return sum(map(float, found)) if found else None
    except OSError:
        return None


def forget(directory):
    """Takes the files out of the cache of the system."""
    for path in pathlib.Path(directory).rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def restart(command, config, port, metrics, wanted):
    """Seconds until it listens, and until the queue has the size it had; memory in MB then."""
    begin = time.monotonic()
    collector = start(command, config, "0,1")
    wait_for(port, collector)
    listening = time.monotonic() - begin
    while (size := queue_size(metrics)) is None or size < wanted:
        if time.monotonic() - begin > 120:
            raise SystemExit(f"after 120 s the queue has {size} instead of {wanted} requests")
        time.sleep(0.01)
    restored = time.monotonic() - begin
    memory = int(re.search(
        r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{collector.pid}/status").read_text()).group(1)) / 1000
    collector.kill()
    collector.wait()
    return listening, restored, memory, size


def recovery(collectors, arguments):
    body = payload(arguments.spans)
    requests = -(-arguments.bytes // len(body))
    found = []
    print("| collector | requests | on disk GB | cache | listens after s | queue restored after s | memory MB |")
    print("|---|---:|---:|---|---:|---:|---:|")
    for name, command in collectors.items():
        port, metrics, sink = free_port(), free_port(), free_port()
        directory = tempfile.mkdtemp(dir=arguments.disk)
        config = configuration(port, sink, directory, metrics=metrics)
        collector = start(command, config, "0")
        try:
            wait_for(port, collector)
            load(port, body, requests, (4, 8))
        finally:
            collector.kill()
            collector.wait()
        on_disk = sum(path.stat().st_size for path in pathlib.Path(directory).rglob("*") if path.is_file()) / 1e9
        for cache in ("warm", "cold"):
            for _ in range(arguments.runs):
                if cache == "cold":
                    forget(directory)
                listening, restored, memory, size = restart(command, config, port, metrics, requests)
                print(f"| {name} | {size:.0f} of {requests} | {on_disk:.2f} | {cache} | {listening:.2f} "
                      f"| {restored:.2f} | {memory:.0f} |", flush=True)
                found.append({
                    "collector": name, "requests": requests, "size": size, "cache": cache, "listening": listening,
                    "restored": restored, "memory": memory})
        shutil.rmtree(directory, ignore_errors=True)
    return found


def main():
    options = figures.options(__doc__)
    options.add_argument("what", choices=["cost", "recovery"])
    options.add_argument("--case", help="part of the name of a case")
    options.add_argument("--bytes", type=int, default=1 << 30, help="what recovery has to read (1 GiB)")
    options.add_argument("--spans", type=int, default=512, help="in each request that recovery has to read")
    options.add_argument("--disk", help="directory for the storage; default: that of temporary files")
    arguments = options.parse_args()
    compared = figures.collectors(arguments)
    figures.write({"cost": cost, "recovery": recovery}[arguments.what](compared, arguments), arguments)


if __name__ == "__main__":
    main()
