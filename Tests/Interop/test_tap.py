"""Telemetry as it passes, and why it did not arrive: what a person sees over the admin API."""

import json
import subprocess
import threading

import clients
import grpc
import otlp
from conftest import to_grpc
from process import eventually
from sinks import Answer
from test_admin import admin  # noqa: F401 (a fixture)


class Tap:
    """A stream of the admin API, read by curl as it comes."""

    def __init__(self, api, query):
        self.process = subprocess.Popen(
            ["curl", "-sSN", "--unix-socket", str(api.socket_path), "-H", "Accept: text/event-stream",
             f"http://localhost/v1/tap?{query}"], stdout=subprocess.PIPE, text=True)
        self.events = []
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        assert self.begun.wait(20), "the stream has not begun"

    def read(self):
        kind = None
        for line in self.process.stdout:
            self.begun.set()
            if line.startswith("event: "):
                kind = line[7:].strip()
            elif line.startswith("data: "):
                self.events.append((kind, json.loads(line[6:])))

    def end(self):
        """Waits for the end of the stream and gives its last event."""
        self.thread.join(30)
        self.process.wait(10)
        assert self.events and self.events[-1][0] == "end", self.events
        return self.events[-1][1]

    @property
    def telemetry(self):
        return [data for kind, data in self.events if kind == "telemetry"]

    def names(self):
        """The names of the log records shown, in their order."""
        return [record["body"]["stringValue"] for request in self.telemetry for resource in request["resourceLogs"]
                for scope in resource["scopeLogs"] for record in scope["logRecords"]]


def send(api, count=1, name="item", resource=None, attributes=()):
    message = otlp.sample("logs", count, name=name, resource=resource)
    for record in message.resource_logs[0].scope_logs[0].log_records:
        record.attributes.extend(otlp.attribute(key, value) for key, value in attributes)
    clients.export(api.apus.grpc, "logs", message)


def test_a_tap_shows_what_passes_until_it_has_shown_enough(admin):  # noqa: F811
    api = admin()
    tap = Tap(api, "pipeline=logs&limit=5")
    send(api, 3, "first")
    send(api, 4, "second")
    end = tap.end()
    assert tap.names() == ["first-0", "first-1", "first-2", "second-0", "second-1"]
    assert end["reason"] == "limit" and end["shown_items"] == 5 and end["seen_items"] == 7
    kinds = [event["kind"] for event in api.get("/v1/events")["events"]]
    assert "tap.began" in kinds and eventually(
        lambda: "tap.ended" in [event["kind"] for event in api.get("/v1/events")["events"]], "the event tap.ended")


def test_secrets_in_attributes_are_hidden_and_what_is_not_wanted_is_left_out(admin):  # noqa: F811
    api = admin("--admin-mask", "iban")
    tap = Tap(api, "pipeline=logs&filter=tenant=a,service.name=shop&limit=1")
    send(api, 1, "other", {"service.name": "shop"}, [("tenant", "b")])
    send(api, 1, "elsewhere", {"service.name": "office"}, [("tenant", "a")])
    send(api, 1, "wanted", {"service.name": "shop"}, [
        ("tenant", "a"), ("http.request.header.authorization", "Bearer MARKER"), ("user.IBAN", "MARKER"),
        ("plain", "shown")])
    tap.end()
    assert tap.names() == ["wanted-0"]
    text = json.dumps(tap.telemetry)
    assert "MARKER" not in text and "shown" in text and "***" in text


def test_a_tap_follows_its_pipeline_through_a_change(admin):  # noqa: F811
    api = admin(processors={"batch": {"timeout": "10ms"}})
    tap = Tap(api, "pipeline=logs&at=after:batch&limit=2")
    send(api, 1, "before")
    eventually(lambda: tap.names() == ["before-0"], tap.names)
    status, text = api.curl(
        "/v1/config", "-X", "PATCH", "-H", "If-Match: *", "-H", "Content-Type: application/merge-patch+json", "-d",
        json.dumps({"processors": {"batch": {"timeout": "20ms"}}}))
    assert status == 200, text
    send(api, 1, "after")
    tap.end()
    assert tap.names() == ["before-0", "after-0"]


def test_a_tap_ends_in_time_and_says_what_it_cannot_do(admin):  # noqa: F811
    api = admin()
    assert Tap(api, "pipeline=logs&for=100ms").end()["reason"] == "time"
    accept = ("-H", "Accept: text/event-stream")
    for query, status in [
            ("pipeline=logs/none", 404), ("pipeline=logs&at=after:none", 404), ("at=in", 400),
            ("pipeline=logs&sample=2", 400), ("pipeline=logs&for=11m", 400), ("pipeline=logs&filter=x", 400)]:
        assert api.curl(f"/v1/tap?{query}", *accept)[0] == status, query
    assert api.curl("/v1/tap?pipeline=logs")[0] == 406
    token = api.token("read")
    answer, _ = api.tcp("GET", "/v1/tap?pipeline=logs", token, headers={"Accept": "text/event-stream"})
    assert answer.status == 403


def test_drops_say_why(admin, grpc_sink):  # noqa: F811
    grpc_sink.default = Answer(grpc.StatusCode.INVALID_ARGUMENT, "no such tenant")
    api = admin(exporters=to_grpc(grpc_sink))
    assert api.get("/v1/drops") == {"drops": []}
    send(api, 3, "unwanted", attributes=[("api_key", "MARKER")])
    group, = eventually(lambda: api.get("/v1/drops")["drops"], "a drop")
    assert (group["kind"], group["component"], group["pipeline"], group["place"], group["items"]) == (
        "exporter", "otlp_grpc", "logs", "failed", 3)
    example, = group["examples"]
    assert "no such tenant" in example["message"] and example["items"] == 3
    text = json.dumps(example["item"])
    assert "unwanted-0" in text and "MARKER" not in text
    assert api.get("/v1/drops?place=expired") == {"drops": []}
