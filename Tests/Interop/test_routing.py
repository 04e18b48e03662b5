"""The routing connector, seen from the backends: what goes where, and what becomes of the rest."""

import grpc
import otlp
import pytest
from clients import call, export
from conftest import to_grpc
from process import command
from sinks import GRPCSink


@pytest.fixture
def sinks(afterwards):
    """Backends by name, made when they are asked for."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = GRPCSink()
            afterwards.callback(made[name].close)
        return made[name]

    return get


def exporters(sinks, *names, **keys):
    return {f"otlp_grpc/{name}": to_grpc(sinks(name), **keys)["otlp_grpc"] for name in names}


def pipelines(signal, names):
    """One pipeline into the router and one out of it for each backend."""
    return {"pipelines": {
        f"{signal}/in": {"receivers": ["otlp"], "exporters": ["routing"]},
        **{
            f"{signal}/{name}": {"receivers": ["routing"], "exporters": [f"otlp_grpc/{name}"]} for name in names
        },
    }}


@pytest.mark.parametrize("protocol", ["request", "otelcol"])
def test_tenants_by_the_header_of_their_requests(start, sinks, protocol):
    """The first example of the documentation, over a real client."""
    names = ["acme", "ecorp", "other"]
    condition = {
        "request": 'request["X-Tenant"] == "{}"', "otelcol": 'otelcol.client.metadata["X-Tenant"][0] == "{}"',
    }[protocol]
    apus = start(
        exporters(sinks, *names), grpc={"include_metadata": True}, service=pipelines("logs", names),
        connectors={"routing": {
            "default_pipelines": ["logs/other"],
            "table": [
                {"context": protocol, "condition": condition.format(tenant), "pipelines": [f"logs/{tenant}"]}
                for tenant in ("acme", "ecorp")],
        }})
    sent = {}
    with grpc.insecure_channel(apus.grpc) as channel:
        for tenant in names:
            sent[tenant] = otlp.sample("logs", 3, name=tenant)
            call(channel, "logs", sent[tenant], metadata=(("x-tenant", tenant),))
    for tenant in names:
        assert sinks(tenant).wait_for_items("logs", 3) == otlp.items(sent[tenant])


@pytest.mark.parametrize("signal, condition", [
    ("traces", 'span.name == "m-1"'), ("logs", 'log.body == "m-1"'),
    ("metrics", 'metric.name == "m" and datapoint.attributes["name"] == "m-1"')])
def test_items_of_one_request_part(start, sinks, signal, condition):
    """What comes in one request goes several ways, and nothing of it is lost or comes twice."""
    names = ["one", "rest"]
    apus = start(
        exporters(sinks, *names), service=pipelines(signal, names), signals=[signal],
        connectors={"routing": {
            "default_pipelines": [f"{signal}/rest"],
            "table": [{"condition": condition, "pipelines": [f"{signal}/one"]}]}})
    message = otlp.sample(signal, 5, name="m")
    export(apus.grpc, signal, message)
    every = otlp.items(message)
    rest = sinks("rest").wait_for_items(signal, 4)
    one = sinks("one").wait_for_items(signal, 1)
    assert sorted(map(str, one + rest)) == sorted(map(str, every))
    assert apus.metric("apus_connector_routing_items", connector="routing", route="0") == 1
    assert apus.metric("apus_connector_routing_items", connector="routing", route="default") == 4


def test_what_no_route_takes_is_counted(start, sinks):
    apus = start(
        exporters(sinks, "one"), service=pipelines("logs", ["one"]),
        connectors={"routing": {
            "table": [{"condition": 'attributes["no"] == "such"', "pipelines": ["logs/one"]}]}})
    export(apus.grpc, "logs", otlp.sample("logs", 7))
    assert apus.metric(
        "apus_delivery_items", pipeline="logs/in", destination="routing", place="filtered") == 7
    assert apus.stop() == 0
    assert apus.receipts()["logs/in", "routing"]["filtered"] == 7
    assert sinks("one").received == []


def test_mistakes_are_shown_where_they_are(tmp_path):
    file = tmp_path / "apus.yaml"
    file.write_text("""\
receivers: {otlp: {protocols: {grpc: }}}
exporters: {nop: }
connectors:
  routing:
    default_pipelines: [logs/otter]
    table:
      - condition: attribute["a"] == "b"
        pipelines: [logs/other]
service:
  pipelines:
    logs: {receivers: [otlp], exporters: [routing]}
    logs/other: {receivers: [routing], exporters: [nop]}
""")
    done = command("validate", "--config", str(file))
    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert f"{file}:7:20" in text and "did you mean 'attributes'" in text, text
    file.write_text(file.read_text().replace("attribute[", "attributes["))
    done = command("validate", "--config", str(file))
    text = done.stdout + done.stderr
    assert f"{file}:5:25" in text and "did you mean 'logs/other'" in text, text
