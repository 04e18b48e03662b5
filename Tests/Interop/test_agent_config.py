"""config/agent.yaml as it is, on free ports and with short intervals: what an agent collects without being told."""

import otlp
from clients import export
from process import REPOSITORY, eventually, free_port


def names(sink):
    return {
        metric.name for message in sink.accepted("metrics") for resource in message.resource_metrics
        for scope in resource.scope_metrics for metric in scope.metrics}


def hosts(sink, metric_name):
    """The host.name of the resources that have a metric."""
    return {
        attribute.value.string_value for message in sink.accepted("metrics") for resource in message.resource_metrics
        for scope in resource.scope_metrics for metric in scope.metrics if metric.name == metric_name
        for attribute in resource.resource.attributes if attribute.key == "host.name"}


def test_an_agent_collects_the_host_pages_and_otlp(launch, grpc_sink, tmp_path):
    ports = {"grpc": free_port(), "http": free_port(), "health": free_port(), "metrics": free_port()}
    text = (REPOSITORY / "config/agent.yaml").read_text()
    for usual, port in {"4317": ports["grpc"], "4318": ports["http"], "13133": ports["health"]}.items():
        assert f"}}:{usual}\n" in text
        text = text.replace(f"}}:{usual}\n", f"}}:{port}\n")
    assert text.count("8888") == 3  # the page, the comment on it, and who scrapes it
    text = text.replace("8888", str(ports["metrics"]))
    assert text.count(": 1m\n") == 2
    text = text.replace(": 1m\n", ": 1s\n")
    targets = tmp_path / "targets"
    targets.mkdir()
    apus = launch(text, ports, env={"APUS_GATEWAY": grpc_sink.address, "APUS_TARGETS": str(targets)})
    for signal in otlp.SIGNALS:
        export(apus.grpc, signal, otlp.complete(signal))
    for signal in ("traces", "logs"):
        message = otlp.complete(signal)
        assert grpc_sink.wait_for_items(signal, otlp.count(message)) == otlp.items(message)
    wanted = {
        "system.cpu.time", "system.disk.io", "system.filesystem.usage", "system.cpu.load_average.1m",
        "system.memory.usage", "system.network.io", "system.paging.faults", "system.processes.count", "system.uptime",
        "up", "otelcol_receiver_accepted_spans"}
    eventually(lambda: wanted <= names(grpc_sink), lambda: f"{wanted - names(grpc_sink)} of {names(grpc_sink)}")
    assert len(hosts(grpc_sink, "system.cpu.time")) == 1
    assert hosts(grpc_sink, "up") == hosts(grpc_sink, "system.cpu.time")
    # A file that comes later is found: its target is scraped, and is the agent's own page once more.
    (targets / "shop.yaml").write_text(f"- targets: ['127.0.0.1:{ports['metrics']}']\n  labels: {{team: shop}}\n")

    def teams():
        return {
            attribute.value.string_value for message in grpc_sink.accepted("metrics")
            for resource in message.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics
            if metric.name == "up" for point in metric.gauge.data_points for attribute in point.attributes
            if attribute.key == "team"}

    eventually(lambda: teams() == {"shop"}, lambda: f"a label of the file; there are {teams()}\n{apus.log}", 60)
