"""What the tests share: starting Apus, and the two sinks."""

from contextlib import ExitStack

import pytest
from process import Apus, free_port
from sinks import GRPCSink, HTTPSink


def otlp_receiver(ports, grpc=None, http=None):
    """The settings of an OTLP receiver on `ports`, with the given keys added."""
    return {"protocols": {
        "grpc": {"endpoint": f"127.0.0.1:{ports['grpc']}", **(grpc or {})},
        "http": {"endpoint": f"127.0.0.1:{ports['http']}", **(http or {})},
    }}


def configuration(
        ports, exporters, processors=None, grpc=None, http=None, signals=("traces", "metrics", "logs"), level="debug",
        extensions=None, service=None, receiver=None, prometheus=None, connectors=None, ack=None):
    """One pipeline per signal from an OTLP receiver through all processors to all exporters."""
    processors, extensions = processors or {}, extensions or {}
    page = {
        "host": "127.0.0.1", "port": ports["metrics"], "without_type_suffix": True, "without_units": True,
        "without_scope_info": True, **(prometheus or {}),
    }
    return {
        "receivers": {"otlp": {
            **(receiver or otlp_receiver(ports, grpc, http)), **({} if ack is None else {"ack": ack})}},
        "processors": processors,
        "exporters": exporters,
        "connectors": connectors or {},
        "extensions": extensions,
        "service": {
            "shutdown_timeout": "5s",
            "extensions": list(extensions),
            "telemetry": {
                "logs": {"level": level, "sampling": {"enabled": False}},
                "metrics": {"readers": [{"pull": {"exporter": {"prometheus": page}}}]},
            },
            "pipelines": {
                signal: {"receivers": ["otlp"], "processors": list(processors), "exporters": list(exporters)}
                for signal in signals
            },
            **(service or {}),
        },
    }


@pytest.fixture
def afterwards():
    """Takes what has to be closed after Apus has delivered its last data and stopped."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def launch(tmp_path, afterwards):
    """Starts Apus with a whole configuration; ends it after the test and shows its log when the test failed."""
    running = []

    def launch(config, ports=None, **options):
        directory = tmp_path / f"apus-{len(running)}"
        directory.mkdir()
        try:
            running.append(Apus(config, directory, ports, **options))
        except AssertionError:
            print(f"configuration:\n{(directory / 'apus.yaml').read_text()}")
            raise
        return running[-1]

    yield launch
    crashed = []
    for apus in running:
        if apus.is_running:
            apus.signal(15)
            try:
                apus.process.wait(30)
            except Exception:
                apus.kill()
                crashed.append(f"did not stop within 30 s of SIGTERM:\n{apus.log}")
        if apus.process.returncode < 0 and not apus.killed:
            crashed.append(f"ended by signal {-apus.process.returncode}:\n{apus.log}")
        print(f"configuration:\n{apus.file.read_text()}\nlog:\n{apus.log[-20000:]}")
    assert not crashed, "\n".join(crashed)


@pytest.fixture
def start(launch):
    """Starts Apus with the given exporters behind an OTLP receiver; see `configuration` for what can be added."""

    def start(exporters, env=None, arguments=(), **options):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        return launch(configuration(ports, exporters, **options), ports, env=env, arguments=arguments)

    return start


@pytest.fixture
def grpc_sink(afterwards):
    sink = GRPCSink()
    afterwards.callback(sink.close)
    return sink


@pytest.fixture
def http_sink(afterwards):
    sink = HTTPSink()
    afterwards.callback(sink.close)
    return sink


#: Retries that do not make a test wait.
QUICK_RETRY = {"initial_interval": "50ms", "max_interval": "200ms", "max_elapsed_time": "20s"}


def to_grpc(sink, **keys):
    """An `otlp_grpc` exporter to a sink or an address."""
    address = sink if isinstance(sink, str) else sink.address
    return {"otlp_grpc": {
        "endpoint": address, "tls": {"insecure": True}, "retry_on_failure": QUICK_RETRY, **keys}}


def to_http(sink, **keys):
    """An `otlp_http` exporter to a sink or a URL."""
    return {"otlp_http": {
        "endpoint": sink if isinstance(sink, str) else sink.url, "retry_on_failure": QUICK_RETRY, **keys}}
