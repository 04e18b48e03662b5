"""One run of one collector in one case: a fresh process on core 0, the loader and the sink on core 1."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

from .payloads import PATHS

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    cpu: float  # seconds of processor for a million items, from the first request until everything has arrived
    rate: float  # thousand items a second while the loader ran
    peak: float  # MB resident at most
    idle: float  # MB resident before the first request
    start: float  # ms from exec to an open port
    sent: float  # MB of bodies that arrived at the sink


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(command, core, **options):
    return subprocess.Popen(["taskset", "-c", core, *command], stderr=subprocess.DEVNULL, **options)


def start(command, config, core):
    """Starts a collector with a configuration; `{config}` in its command stands for the file."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
        file.write(config)
    return launch([part.replace("{config}", file.name) for part in command], core, stdout=subprocess.DEVNULL)


def wait_for(port, process):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"{process.args} ended with {process.returncode} instead of starting")
            time.sleep(0.001)
    raise SystemExit(f"{process.args} does not listen on port {port} after 20 s")


def cpu(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(process, field):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1)) / 1024


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


def h2load(url, requests, body, fields, connections=4, streams=None):
    """Sends requests from core 1, over HTTP/1.1 unless there are streams, and returns the seconds that it took."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(body or b"")
        file.flush()
        headers = [part for name, value in fields.items() for part in ("-H", f"{name}: {value}")]
        data = [] if body is None else ["-d", file.name]
        protocol = ["--h1"] if streams is None else ["-m", str(streams)]
        done = subprocess.run(
            ["taskset", "-c", "1", "h2load", *protocol, "-n", str(requests), "-c", str(connections), *data,
             *headers, url], capture_output=True, text=True, check=True)
    good = int(re.search(r"(\d+) 2xx", done.stdout).group(1))
    if good != requests:
        raise SystemExit(f"{requests - good} of {requests} requests failed:\n{done.stdout}")
    amount, unit = re.search(r"finished in ([\d.]+)(us|ms|s|m)", done.stdout).groups()
    return float(amount) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]


def load(case, port, body, fields):
    """Sends the requests of a case over four connections, and returns the seconds that it took."""
    grpc = case.protocol == "grpc"
    path = PATHS[case.signal][0 if grpc else 1]
    return h2load(f"http://127.0.0.1:{port}{path}", case.requests, body, fields, streams=8 if grpc else None)


def end(process):
    """Ends it as a service manager does; what it has said."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.communicate(timeout=30)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise SystemExit(f"{process.args} did not end within 30 s of SIGTERM")


def measure(collector, case, body, fields, message_bytes, limit):
    """Fails when telemetry was refused, or, where nothing compresses or edits it, when bytes are missing."""
    ports, sink_port = {"grpc": free_port(), "http": free_port()}, free_port()
    sink = launch([limit, str(sink_port)], "1", stdout=subprocess.PIPE, text=True)
    wait_for(sink_port, sink)
    begin = time.monotonic()
    process = launch(
        collector.command(case, ports, sink_port, message_bytes), "0", stdout=subprocess.DEVNULL)
    try:
        port = ports["grpc" if case.protocol == "grpc" else "http"]
        wait_for(port, process)
        start = time.monotonic() - begin
        time.sleep(0.5)
        idle, before = resident(process, "VmRSS"), cpu(process)
        seconds = load(case, port, body, fields)
        used, peak = settled_cpu(process) - before, resident(process, "VmHWM")
    finally:
        end(process)
        arrived = int(end(sink))
    items = case.requests * case.items
    if case.send == "none" and not case.edits and arrived < case.requests * message_bytes * 0.98:
        raise SystemExit(f"{collector.name}: {arrived} bytes arrived of {case.requests * message_bytes}")
    return Run(used / items * 1e6, items / seconds / 1e3, peak, idle, start * 1e3, arrived / 1e6)
