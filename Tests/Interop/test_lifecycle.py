"""Start, reload and stop, as a service manager sees them."""

import copy
import signal
import time
import urllib.request

import grpc
import otlp
import pytest
import yaml
from clients import call, export
from conftest import configuration, to_grpc
from process import REPOSITORY, eventually, free_port, get
from sinks import Answer

# That of the fleet manager is no collector's; test_commands.py looks at it.
CONFIGS = sorted(path for path in (REPOSITORY / "config").glob("*.yaml") if path.stem != "fleet")


def test_start_says_what_listens_where(start, record_property):
    health = free_port()
    apus = start({"debug": {}}, extensions={"health_check": {"endpoint": f"127.0.0.1:{health}"}})
    for port in (*apus.ports.values(), health):
        assert f"127.0.0.1:{port}" in apus.log
    for pipeline in ("traces", "metrics", "logs"):
        assert f"{pipeline}: otlp → debug" in apus.log
    record_property("start_seconds", apus.start_seconds)
    print(f"from the start of the process to its ready line: {apus.start_seconds * 1000:.0f} ms")


def test_sigterm_delivers_what_was_accepted_and_prints_a_receipt(start, grpc_sink):
    grpc_sink.default = Answer(delay=0.2)
    apus = start(
        to_grpc(grpc_sink, sending_queue={"num_consumers": 1}),
        processors={"batch": {"send_batch_size": 10, "timeout": "1h"}})
    with grpc.insecure_channel(apus.grpc) as channel:
        for number in range(11):
            call(channel, "logs", otlp.sample("logs", 5, name=f"n{number}"))
    assert apus.stop() == 0
    assert grpc_sink.wait_for_items("logs", 55)
    receipt = apus.receipts()["logs", "otlp_grpc"]
    assert receipt.pop("delivered") == 55
    assert set(receipt.values()) == {0}
    assert "stopped" in apus.log.splitlines()[-1]


def test_the_receipt_tells_what_was_lost(start):
    apus = start(
        to_grpc(f"127.0.0.1:{free_port()}"), signals=["logs"], service={
            "shutdown_timeout": "1s",
            "pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["otlp_grpc"]}}})
    export(apus.grpc, "logs", otlp.sample("logs", 9))
    begin = time.monotonic()
    apus.stop()
    assert time.monotonic() - begin < 20
    receipt = apus.receipts()["logs", "otlp_grpc"]
    assert receipt["delivered"] == 0
    assert receipt["lost"] + receipt["dropped"] == 9


def test_sigint_stops_as_well(start):
    apus = start({"nop": {}})
    apus.signal(signal.SIGINT)
    assert apus.process.wait(30) == 0


def test_a_second_signal_stops_at_once(start):
    apus = start(to_grpc(f"127.0.0.1:{free_port()}"))
    export(apus.grpc, "logs", otlp.sample("logs", 1))
    apus.signal(signal.SIGTERM)
    apus.wait_for_log("stopping")
    apus.signal(signal.SIGTERM)
    assert apus.process.wait(10) == 130


def test_while_it_drains_nothing_new_is_accepted(start, grpc_sink):
    grpc_sink.default = Answer(delay=2)
    apus = start(to_grpc(grpc_sink))
    with grpc.insecure_channel(apus.grpc) as channel:
        call(channel, "logs", otlp.sample("logs", 1))
        apus.signal(signal.SIGTERM)
        apus.wait_for_log("stopping")
        accepted = 1
        while apus.is_running:
            try:
                rpc = channel.unary_unary(otlp.SERVICES["logs"].method, lambda raw: raw, lambda raw: raw)
                rpc(otlp.sample("logs", 1).SerializeToString(), timeout=5)
                accepted += 1
            except grpc.RpcError:
                break
    assert apus.process.wait(30) == 0
    assert len(grpc_sink.wait_for_items("logs", accepted)) == accepted


def test_sighup_with_a_wrong_file_changes_nothing(start, grpc_sink):
    apus = start(to_grpc(grpc_sink))
    with grpc.insecure_channel(apus.grpc) as channel:
        call(channel, "logs", otlp.sample("logs", 1))
        for text in ("receivers: [", "receivers: {otlpp: {}}\nservice: {pipelines: {}}\n", ""):
            begin = len(apus.log)
            apus.write(text)
            apus.signal(signal.SIGHUP)
            apus.wait_for_log("the running one stays", begin=begin)
            call(channel, "logs", otlp.sample("logs", 1))
    assert grpc_sink.wait_for_items("logs", 4)
    assert apus.metric("otelcol_receiver_accepted_log_records") == 4


def test_sighup_with_a_good_file_switches(start, grpc_sink, http_sink):
    apus = start(to_grpc(grpc_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 1))
    config = dict(apus.config)
    config["exporters"] = {"otlp_http": {"endpoint": http_sink.url}}
    for pipeline in config["service"]["pipelines"].values():
        pipeline["exporters"] = ["otlp_http"]
    apus.write(config)
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs")
    export(apus.grpc, "logs", otlp.sample("logs", 2))
    assert http_sink.wait_for_items("logs", 2)
    assert grpc_sink.wait_for_items("logs", 1)


def test_sighup_also_changes_how_own_metrics_are_published(start, grpc_sink):
    apus = start(to_grpc(grpc_sink))
    config = copy.deepcopy(apus.config)
    config["service"]["telemetry"]["resource"] = {"service.name": "renamed"}
    apus.write(config)
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs")
    with urllib.request.urlopen(f"http://127.0.0.1:{apus.ports['metrics']}/metrics", timeout=10) as page:
        assert 'service_name="renamed"' in page.read().decode()


def test_sighup_again_and_again_while_data_flows_loses_nothing(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"batch": {"timeout": "20ms"}})
    accepted, failures = [], []
    for round_number in range(5):
        config = dict(apus.config, processors={"batch": {"timeout": f"{20 + round_number}ms"}})
        begin = len(apus.log)
        apus.write(config)
        apus.signal(signal.SIGHUP)
        while "the new configuration runs" not in apus.log[begin:]:
            message = otlp.sample("logs", 3, name=f"r{round_number}-{len(accepted) + len(failures)}")
            try:
                export(apus.grpc, "logs", message, timeout=5)
                accepted.append(message)
            except grpc.RpcError as error:
                failures.append((message, error))
    apus.stop()
    delivered = grpc_sink.items("logs")
    assert set(otlp.items(*accepted)) <= set(delivered)
    assert len(set(delivered)) == len(delivered), "delivered twice"
    print(f"{len(failures)} calls failed: {[(error.code(), error.details()) for _, error in failures]}")


@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_health_check(start, path):
    port = free_port()
    apus = start({"nop": {}}, extensions={"health_check": {"endpoint": f"127.0.0.1:{port}", "path": path}})
    status, headers, body = get(port, path)
    assert status == 200
    assert headers["content-type"].startswith("application/json")
    found = yaml.safe_load(body)
    assert found["status"] == "Server available"
    assert found["uptime"] and found["upSince"]
    apus.stop()


def test_a_port_that_is_taken_is_an_error_at_the_start(start, launch):
    first = start({"nop": {}})
    ports = {**first.ports, "metrics": free_port()}
    with pytest.raises(AssertionError, match=f"127.0.0.1:{first.ports['grpc']}|127.0.0.1:{first.ports['http']}"):
        launch(configuration(ports, {"nop": {}}), ports)
    assert first.is_running


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_example_starts(launch, path, grpc_sink, http_sink, tmp_path):
    """The files of config/ as they are, except for the ports."""
    text = path.read_text()
    ports = {name: free_port() for name in ("grpc", "http", "health", "metrics")}
    for name, port in (("grpc", 4317), ("http", 4318), ("health", 13133), ("metrics", 8888)):
        text = text.replace(f":{port}", f":{ports[name]}").replace(f"port: {port}", f"port: {ports[name]}")
    env = {
        "APUS_GATEWAY": grpc_sink.address, "APUS_BACKEND": http_sink.url, "APUS_FILE": str(tmp_path / "out.jsonl"),
        "APUS_LISTEN": "127.0.0.1",
    }
    arguments = ["--set", f"service.telemetry.metrics.readers=[{{pull: {{exporter: {{prometheus: {{port: "
                 f"{ports['metrics']}}}}}}}}}]"]
    if "health_check:\n\n" in text:
        arguments += ["--set", f"extensions.health_check.endpoint=127.0.0.1:{ports['health']}"]
    apus = launch(text, ports, env=env, arguments=arguments)
    if "health_check:" in text:
        eventually(lambda: get(ports["health"])[0] == 200, "health")
    for signal_name in otlp.SIGNALS:
        export(f"localhost:{ports['grpc']}", signal_name, otlp.complete(signal_name))
    assert apus.stop() == 0
    receipts = apus.receipts()
    assert all(line["lost"] == 0 for line in receipts.values()), receipts
    # What is measured comes at intervals, perhaps not yet.
    measured = ("metrics/host", "metrics/scraped")
    sent = [line for (pipeline, _), line in receipts.items() if pipeline not in measured]
    assert sent and all(line["delivered"] > 0 for line in sent), receipts
