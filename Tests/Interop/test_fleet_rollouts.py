"""Rollouts of harmful configurations to real agents through which telemetry flows: each ends with the agent on what it
ran before, and with the reason on the rollout."""

import http.client
import json
import socket
import threading
import time
from contextlib import ExitStack

import opamp_messages as opamp
import pytest
import yaml
from opamp_agent import WebSocketAgent
from opamp_fleet import FleetManager
from process import Apus, eventually, free_port, get
from sinks import Answer, HTTPSink
from websockets.exceptions import WebSocketException

ENDED = ("succeeded", "rolled_back", "aborted", "superseded")
LOGS = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [
    {"severityText": "INFO", "body": {"stringValue": "hello"}}] * 20}]}]})
#: Stages that do not take their time; what is compared needs some seconds of flow.
CAREFUL = {
    "gate": {"min_healthy_time": "2s", "healthy_deadline": "40s"},
    "plan": [{"name": "canary", "size": 1, "bake": "10s"}, {"name": "rest", "size": "100%", "bake": "2s"}],
    "validate": {"agents": 0}}
FIRST = {
    "gate": {"min_healthy_time": "1s", "analysis": []}, "plan": [{"name": "all", "size": "100%", "bake": "0s"}],
    "blast_radius": {"max_agents": 1000}}


class Site:
    """One agent with its port and its backend."""

    def __init__(self, name, sink, manager, directory, stack):
        self.name, self.sink, self.port = name, sink, free_port()
        directory.mkdir()
        self.directory = directory
        self.config = {
            "extensions": {"opamp": {
                "server": {"ws": {"endpoint": f"ws://127.0.0.1:{manager.port}/v1/opamp"}},
                "capabilities": {"accepts_remote_config": True}, "heartbeat_interval": "1s",
                "labels": {"site": name}}},
            "receivers": {"nop": None}, "exporters": {"nop": None},
            "service": {
                "extensions": ["opamp"], "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {"traces": {"receivers": ["nop"], "exporters": ["nop"]}}},
        }
        self.start()
        stack.callback(lambda: self.apus.kill())

    def start(self):
        self.apus = Apus(self.config, self.directory)

    def document(self, port=None, url=None, processors=None):
        processors = processors or {}
        return {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port or self.port}"}}}},
            "processors": processors,
            "exporters": {"otlp_http": {
                "endpoint": url or self.sink.url,
                "retry_on_failure": {"initial_interval": "50ms", "max_interval": "200ms", "max_elapsed_time": "2s"}}},
            "service": {"pipelines": {"logs": {
                "receivers": ["otlp"], "processors": list(processors), "exporters": ["otlp_http"]}}}}


class Dropper:
    """An agent in Python: with its second configuration it lets nothing through, and says that all is well."""

    def __init__(self, manager, stack):
        self.agent = WebSocketAgent(manager.port, name="dropper")
        self.stopped = threading.Event()
        self.hashes, self.running = [], None
        self.accepted = self.delivered = 0
        thread = threading.Thread(target=self.run, daemon=True)
        stack.callback(self.agent.close)
        stack.callback(thread.join, 10)
        stack.callback(self.stopped.set)
        first = self.agent.report()
        first.custom_capabilities.capabilities.extend([opamp.FLOW, opamp.CONFIG])
        self.agent.send(first)
        thread.start()

    def run(self):
        while not self.stopped.is_set():
            try:
                self.report()
                self.listen(1)
            except (OSError, WebSocketException):
                self.come_back()

    def report(self):
        self.accepted += 100
        self.delivered += 0 if self.hashes[1:] and self.running == self.hashes[1] else 100
        message = self.agent.message()
        message.custom_message.capability, message.custom_message.type = opamp.FLOW, "counters"
        message.custom_message.data = opamp.FlowReport(
            accepted=self.accepted, delivered=self.delivered,
            filtered=self.accepted - self.delivered).SerializeToString()
        self.agent.send(message)

    def listen(self, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                self.take(self.agent.receive(left))
            except TimeoutError:
                break

    def come_back(self):
        """Connects until it succeeds: the manager is killed in one of the tests."""
        while not self.stopped.wait(0.2):
            try:
                self.agent.connect()
                break
            except (OSError, WebSocketException):
                pass

    def take(self, message):
        if message.flags & opamp.REPORT_FULL_STATE:
            self.agent.send(self.agent.report())
        if not message.HasField("remote_config"):
            return
        self.running = message.remote_config.config_hash
        if self.running not in self.hashes:
            self.hashes.append(self.running)
        answer = self.agent.message()
        answer.remote_config_status.last_remote_config_hash = self.running
        answer.remote_config_status.status = opamp.APPLIED
        self.agent.send(answer)


class Fleet:
    """A manager and agents that all have a first configuration, and telemetry that never ends."""

    names = ("good", "moved", "refused", "taken", "killed", "paused", "aborted")

    def __init__(self, directory, stack):
        self.manager = FleetManager(directory)
        stack.callback(self.manager.kill)
        self.sites = {}
        for name in self.names:
            sink = HTTPSink()
            stack.callback(sink.close)
            self.sites[name] = Site(name, sink, self.manager, directory / name, stack)
        self.dropper = Dropper(self.manager, stack)
        eventually(lambda: len(self.connected()) == len(self.names) + 1, lambda: self.manager.log, 60)
        first = [self.start(name, site.document(), **FIRST) for name, site in self.sites.items()]
        first.append(self.start("drops", self.sites["good"].document(), **FIRST))
        for rollout in first:
            assert self.end(rollout)["state"] == "succeeded"
        self.stopped = threading.Event()
        thread = threading.Thread(target=self.send, daemon=True)
        thread.start()
        stack.callback(thread.join, 10)
        stack.callback(self.stopped.set)
        for site in self.sites.values():
            eventually(lambda: site.sink.received, f"telemetry through {site.name}", 30)
        # What went through before is what harm is measured with.
        time.sleep(12)

    def send(self):
        while not self.stopped.wait(0.1):
            for site in self.sites.values():
                try:
                    get(site.port, "/v1/logs", "POST", {"Content-Type": "application/json"}, LOGS)
                except (OSError, http.client.HTTPException):
                    pass

    def connected(self):
        return [agent for agent in self.manager.call("GET", "/v1/agents")["agents"] if agent["connected"]]

    def start(self, name, document, **keys):
        made = self.manager.call("POST", f"/v1/configs/{name}/revisions", {
            "files": [{"name": "", "type": "text/yaml", "body": yaml.safe_dump(document, sort_keys=False)}],
            "message": "for a test", "partial": True})
        number = made["revision"]["number"] if "revision" in made else made["number"]
        return self.manager.call("POST", "/v1/rollouts", {
            "target": f"{name}@{number}",
            "selector": "service.name=dropper" if name == "drops" else f"site={name}", **{**CAREFUL, **keys}})["id"]

    def get(self, rollout):
        return self.manager.call("GET", f"/v1/rollouts/{rollout}")

    def wait(self, rollout, *states, seconds=90):
        eventually(lambda: self.get(rollout)["state"] in states, lambda: json.dumps(self.get(rollout), indent=1), seconds)
        return self.get(rollout)

    def end(self, rollout):
        return self.wait(rollout, *ENDED, "paused")

    def flows(self, name):
        """Whether telemetry reaches the backend of an agent now."""
        sink = self.sites[name].sink
        before = len(sink.received)
        eventually(lambda: len(sink.received) > before + 2, f"telemetry through {name}", 30)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    with ExitStack() as stack:
        fleet = Fleet(tmp_path_factory.mktemp("rollouts"), stack)
        yield fleet
        print(f"log of the manager:\n{fleet.manager.log[-30000:]}")


@pytest.fixture(scope="module")
def harms(fleet):
    """All harmful rollouts at once, because each takes its time; their ends by name."""
    refusing = HTTPSink()
    refusing.default = Answer(code=401)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        started = {
            "drops": fleet.start("drops", fleet.sites["good"].document(port=free_port())),
            "moved": fleet.start("moved", fleet.sites["moved"].document(port=free_port())),
            "refused": fleet.start("refused", fleet.sites["refused"].document(url=refusing.url)),
            "killed": fleet.start(
                "killed", fleet.sites["killed"].document(processors={"batch": {"timeout": "100ms"}}),
                gate={"min_healthy_time": "15s", "healthy_deadline": "40s"},
                confirm={"mode": "server", "deadline": "60s"}),
            "taken": fleet.start("taken", fleet.sites["taken"].document(port=taken.getsockname()[1])),
        }
        # As when the configuration ended the process: nobody has said yet that it may stay.
        eventually(
            lambda: fleet.get(started["killed"])["phases"].get("applied"), lambda: str(fleet.get(started["killed"])), 60)
        fleet.sites["killed"].apus.kill()
        fleet.sites["killed"].start()
        yield {name: fleet.end(rollout) for name, rollout in started.items()}
    refusing.close()


@pytest.mark.parametrize("name, reason", [
    ("drops", "delivers 0 % of what it accepts"), ("moved", "accepts 0 items per second"),
    ("refused", "401|fails|delivers 0 % of what it accepts"), ("taken", "in use"),
    ("killed", "went back by itself|began anew|reported a failure")])
def test_harm_ends_with_the_agent_on_what_it_ran_before(fleet, harms, name, reason):
    end = harms[name]
    assert end["state"] == "rolled_back", end
    assert any(part in end["reason"] for part in reason.split("|")), end["reason"]
    agents = fleet.manager.call("GET", f"/v1/rollouts/{end['id']}/agents")["agents"]
    assert [agent["phase"] for agent in agents] == ["reverted"], agents
    assert agents[0]["previous"] == f"{name}@1"
    if name == "drops":
        assert fleet.dropper.running == fleet.dropper.hashes[0]
    else:
        fleet.flows(name)


def test_a_rollout_survives_a_manager_that_is_killed_in_the_middle(fleet, harms):
    rollout = fleet.start("good", fleet.sites["good"].document(processors={"batch": {"timeout": "100ms"}}))
    eventually(lambda: fleet.get(rollout)["phases"].get("healthy"), lambda: str(fleet.get(rollout)), 60)
    fleet.manager.kill()
    fleet.manager.start()
    assert fleet.end(rollout)["state"] == "succeeded", fleet.get(rollout)
    kinds = [event["kind"] for event in fleet.get(rollout)["events"]]
    assert "recovering" in kinds and "recovered" in kinds
    fleet.flows("good")


def test_a_paused_rollout_changes_nobody_until_it_is_resumed(fleet, harms):
    changed = fleet.sites["paused"].document(processors={"batch": {"timeout": "100ms"}})
    rollout = fleet.start("paused", changed)
    fleet.manager.call("POST", f"/v1/rollouts/{rollout}:pause", {"reason": "lunch"})
    assert fleet.get(rollout)["reason"] == "lunch"
    time.sleep(2)
    assert fleet.get(rollout)["state"] == "paused"
    fleet.manager.call("POST", f"/v1/rollouts/{rollout}:resume", {})
    assert fleet.end(rollout)["state"] == "succeeded"
    fleet.flows("paused")


def test_an_aborted_rollout_has_ended(fleet, harms):
    changed = fleet.sites["aborted"].document(processors={"batch": {"timeout": "100ms"}})
    rollout = fleet.start("aborted", changed)
    fleet.manager.call("POST", f"/v1/rollouts/{rollout}:abort", {"reason": "never mind"})
    assert fleet.get(rollout)["state"] == "aborted"
    again = fleet.manager.call("POST", f"/v1/rollouts/{rollout}:resume", {}, check=False)
    assert again["status"] == 409
    fleet.flows("aborted")


def newcomer(fleet, stack, name="newcomers"):
    """An agent that has just turned up."""
    agent = WebSocketAgent(fleet.manager.port, name=name)
    stack.callback(agent.close)
    agent.begin()
    return agent


def offered(agent, seconds=20):
    """The body that the agent is offered, which it then has."""
    message = agent.receive_until(lambda message: message.HasField("remote_config"), seconds)
    answer = agent.message()
    answer.remote_config_status.last_remote_config_hash = message.remote_config.config_hash
    answer.remote_config_status.status = opamp.APPLIED
    agent.send(answer)
    return message.remote_config.config.config_map[""].body.decode()


def test_agents_that_turn_up_after_the_end_get_what_the_newest_rollout_brought(fleet):
    def start(text):
        made = fleet.manager.call("POST", "/v1/configs/later/revisions", {
            "files": [{"name": "", "type": "text/yaml", "body": text}], "message": "for a test", "partial": True})
        return fleet.manager.call("POST", "/v1/rollouts", {
            "target": f"later@{made['number']}", "selector": "service.name=newcomers", **FIRST,
            "gate": {"min_healthy_time": "0s", "analysis": []}, "validate": {"agents": 0}})["id"]

    def standing(rollout):
        return fleet.get(rollout)["standing"]

    with ExitStack() as stack:
        agents = [newcomer(fleet, stack)]
        first = start("receivers: {nop: }  # one")
        assert "# one" in offered(agents[0])
        fleet.wait(first, "succeeded")
        assert standing(first)["state"] == "active"
        agents.append(newcomer(fleet, stack))
        assert "# one" in offered(agents[1])
        eventually(lambda: standing(first)["healthy"] == 1, lambda: str(standing(first)), 20)
        assert fleet.get(first)["agents"] == 1

        second = start("receivers: {nop: }  # two")
        for agent in agents:
            assert "# two" in offered(agent)
        fleet.wait(second, "succeeded")
        assert standing(first)["state"] == "ended" and second in standing(first)["reason"]
        listed = fleet.manager.call("GET", "/v1/rollouts?state=standing")["rollouts"]
        assert second in [rollout["id"] for rollout in listed] and first not in [rollout["id"] for rollout in listed]
        agents.append(newcomer(fleet, stack))
        assert "# two" in offered(agents[2])

        fleet.manager.call("POST", f"/v1/rollouts/{second}:abort", {"reason": "enough"})
        assert standing(second) == {**standing(second), "state": "ended", "reason": "enough"}
        assert fleet.get(second)["state"] == "succeeded"
        last = newcomer(fleet, stack)
        with pytest.raises(TimeoutError):
            offered(last, 8)


def test_a_rollout_that_has_nothing_to_wait_for_is_over_at_once(fleet):
    with ExitStack() as stack:
        agent = newcomer(fleet, stack, "prompt")
        made = fleet.manager.call("POST", "/v1/configs/prompt/revisions", {
            "files": [{"name": "", "type": "text/yaml", "body": "receivers: {nop: }"}], "message": "for a test",
            "partial": True})
        rollout = fleet.manager.call("POST", "/v1/rollouts", {
            "target": f"prompt@{made['number']}", "selector": "service.name=prompt", **FIRST,
            "gate": {"min_healthy_time": "0s", "analysis": []}, "validate": {"agents": 0}})["id"]
        assert "nop" in offered(agent)
        events = fleet.wait(rollout, "succeeded")["events"]
        kinds = [event["kind"] for event in events]
        assert kinds == ["created", "validated", "started", "stage_started", "stage_passed", "succeeded"]
