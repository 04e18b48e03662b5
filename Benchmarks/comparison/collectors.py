"""The collectors that are compared: how each is started for a case."""

import os
import pathlib
import shutil
import subprocess
import tempfile

PEERS = pathlib.Path(os.environ.get("PEERS", pathlib.Path.home() / ".cache/apus-peers"))
EDITS = (
    "[{key: environment, value: production, action: insert}, {key: http.route, value: /, action: update},"
    " {key: tenant, value: blue, action: upsert}, {key: user_agent.original, action: delete}]"
)
FILTER = """{error_mode: propagate, traces: {span: ['attributes["http.route"] == "/health"']}}"""


def otelcol_configuration(case, ports, sink):
    """The same file for Apus and otelcol."""
    steps = {}
    if case.edits:
        steps["memory_limiter"] = "{check_interval: 1s, limit_mib: 4000, spike_limit_mib: 800}"
        steps["attributes"] = f"{{actions: {EDITS}}}"
        steps["filter"] = FILTER
    if case.send is not None:
        steps["batch"] = "{send_batch_size: 8192, timeout: 200ms}"
    exporter = "nop: {}" if case.send is None else (
        f'otlp_grpc: {{endpoint: "127.0.0.1:{sink}", tls: {{insecure: true}}, compression: {case.send},'
        " sending_queue: {queue_size: 100, block_on_overflow: true}}")
    processors = "".join(f"  {name}: {settings}\n" for name, settings in steps.items())
    return (
        f'receivers: {{otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{ports["grpc"]}"}},'
        f' http: {{endpoint: "127.0.0.1:{ports["http"]}"}}}}}}}}\n'
        + (f"processors:\n{processors}" if steps else "")
        + f"exporters: {{{exporter}}}\n"
        "service:\n  telemetry: {logs: {level: warn}, metrics: {level: none}}\n"
        f"  pipelines: {{{case.signal}: {{receivers: [otlp], processors: [{', '.join(steps)}],"
        f" exporters: [{exporter.split(':')[0]}]}}}}\n")


class FromFile:
    """Apus or otelcol: a command to which the configuration is given as a file."""

    def __init__(self, name, command):
        self.name, self.base = name, command

    def takes(self, case):
        return True

    def command(self, case, ports, sink, message_bytes):
        file = tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False)
        file.write(otelcol_configuration(case, ports, sink))
        file.close()
        return [*self.base, "--config", file.name]


class Rotel:
    name = "rotel"

    def __init__(self, program):
        self.program = program

    def takes(self, case):
        return not case.edits

    def command(self, case, ports, sink, message_bytes):
        send = ["--exporter", "blackhole", "--disable-batching"] if case.send is None else [
            "--exporter", "otlp", "--otlp-exporter-endpoint", f"http://127.0.0.1:{sink}",
            "--otlp-exporter-protocol", "grpc", "--otlp-exporter-compression", case.send,
            "--batch-max-size", "8192", "--batch-timeout", "200ms"]
        return [
            self.program, "start", "--otlp-grpc-endpoint", f"127.0.0.1:{ports['grpc']}",
            "--otlp-http-endpoint", f"127.0.0.1:{ports['http']}", *send]


class Limit:
    """Bare nghttp2: Benchmarks/Limit/limit.c."""

    name = "limit"

    def __init__(self, program):
        self.program = program

    def takes(self, case):
        return case.protocol == "grpc" and not case.gzip_in and case.send != "gzip" and not case.edits

    def command(self, case, ports, sink, message_bytes):
        batch = [] if case.send is None else [case.signal, sink, message_bytes * 8192 // case.items]
        return [self.program, *map(str, [ports["grpc"], *batch])]


def build_limit(directory):
    """Compiles it; the sink of all cases is the same program."""
    source = pathlib.Path(__file__).resolve().parent.parent / "Limit/limit.c"
    program = directory / "limit"
    compiler = next(filter(None, map(shutil.which, ("cc", "clang"))), None)
    if not compiler:
        raise SystemExit("a C compiler is needed for Benchmarks/Limit; the Swift toolchain has clang")
    subprocess.run([compiler, "-O2", "-o", program, source, "-lnghttp2"], check=True)
    return str(program)


def peers():
    """Those that are installed under PEERS."""
    found = []
    if (otelcol := PEERS / "bin/otelcol").exists():
        found.append(FromFile("otelcol", [str(otelcol)]))
    if (rotel := PEERS / "rotelpy/rotel/rotel-agent").exists():
        found.append(Rotel(str(rotel)))
    return found
