"""Both our ends against opamp-go, the implementation of OpenTelemetry in Go; skipped where it has not been built."""

import base64
import json
import re

import opamp_messages as opamp
import pytest
from opamp_fleet import SMALL, FleetManager
from opamp_go import Program, needs_programs
from opamp_member import EVERYTHING, SECOND, join  # noqa: F401 (a fixture)
from process import command, eventually

pytestmark = needs_programs


# Its agent and our server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = FleetManager(tmp_path_factory.mktemp("go"))
    yield fleet
    fleet.stop()


@pytest.fixture(params=["ws", "http"])
def agent(request, fleet):
    agent = Program("agent", f"{request.param}://127.0.0.1:{fleet.port}/v1/opamp")
    agent.uid = agent.wait_for("started")["uid"]
    eventually(lambda: known(fleet, agent).get("connected"), "the agent in the inventory")
    yield agent
    agent.close()


def known(fleet, agent):
    """What the manager knows of an agent."""
    return fleet.call("GET", f"/v1/agents/{agent.uid}", check=False)


def test_its_agent_is_known(fleet, agent):
    found = eventually(
        lambda: (lambda found: found if found.get("healthy") else None)(known(fleet, agent)), "a healthy agent")
    assert found["name"] and "service.name" in found["identity"]
    assert found["identity"]["service.name"] == "opamp-go"
    assert not agent.all("error")
    capabilities = agent.wait_for("capabilities")["custom"]
    assert opamp.CONFIG in capabilities


def test_what_its_agent_says_is_known(fleet, agent):
    agent.tell("unhealthy disk is full")
    eventually(lambda: known(fleet, agent).get("error") == "disk is full", "the error")
    agent.tell("describe another-name")
    eventually(
        lambda: known(fleet, agent)["identity"].get("service.name") == "another-name", "the description")
    agent.tell("health")
    eventually(lambda: known(fleet, agent)["healthy"], "health")
    assert not agent.all("error")


def test_its_agent_gets_a_configuration_and_is_in_sync(fleet, agent):
    name = "go-" + agent.uid[-6:]
    first = fleet.roll_out(SMALL, name=name, selector=f"service.instance.id={agent.uid}")
    config = agent.wait_for("config")
    assert config["files"] == {"": SMALL}
    eventually(lambda: known(fleet, agent)["drift"] == "in_sync", "the agent in sync")
    assert len(agent.all("config")) == 1
    # The first rollout still looks whether the agent stays well.
    fleet.roll_out(
        SMALL + "# broken\n", name=name, selector=f"service.instance.id={agent.uid}", supersedes=[first["id"]])
    eventually(
        lambda: any("broken" in report.get("message", "") for report in known(fleet, agent)["history"]), "the failure")
    assert not agent.all("error")


def test_its_agent_gets_a_command(fleet, agent):
    fleet.call("POST", f"/v1/agents/{agent.uid}:restart", {})
    assert agent.wait_for("command")["type"] == 0


@pytest.mark.parametrize("kind", ["ws", "http"])
def test_its_agent_installs_packages(fleet, kind, tmp_path, monkeypatch):
    (key,) = fleet.call("GET", "/v1/package-keys")["keys"]
    monkeypatch.setenv("APUS_PACKAGE_KEY", key["public_key"])
    agent = Program("agent", f"{kind}://127.0.0.1:{fleet.port}/v1/opamp")
    try:
        agent.uid = agent.wait_for("started")["uid"]
        eventually(lambda: known(fleet, agent).get("connected"), "the agent in the inventory")
        name = "go-" + agent.uid[-6:]

        def give(version, text):
            (tmp_path / "file").write_text(text)
            (tmp_path / "set.json").write_text(json.dumps({"packages": [{
                "name": "agent", "version": version, "artefacts": [{"match": "os.type=linux", "file": "file"}]}]}))
            command("fleet", "packages", "add", name, "-f", tmp_path / "set.json", "--address",
                    f"127.0.0.1:{fleet.api_port}", env={"APUS_FLEET_TOKEN": fleet.token}, check=0)
            return fleet.call("POST", "/v1/rollouts", {
                "target": f"packages/{name}@latest", "selector": f"service.instance.id={agent.uid}",
                "gate": {"min_healthy_time": "1s", "analysis": ["component_status"]},
                "plan": [{"name": "all", "size": "100%", "bake": "0s"}]})["id"]

        def state(id):
            return fleet.call("GET", f"/v1/rollouts/{id}")["state"]

        first = give("1.0", "works\n" * 100_000)
        eventually(lambda: state(first) == "succeeded", lambda: f"{agent.events}\n{fleet.log}", 60)
        installed = agent.wait_for("installed")
        assert (installed["version"], installed["size"]) == ("1.0", 600_000)
        found = known(fleet, agent)["packages"]
        assert found["state"] == "in_sync"
        assert agent.wait_for("packages")["hash"] == found["hash"]
        assert [status["has_version"] for status in found["statuses"]] == ["1.0"]
        second = give("2.0", "broken\n")
        eventually(lambda: state(second) == "rolled_back", lambda: f"{agent.events}\n{fleet.log}", 60)
        assert any("the package is broken" in report.get("message", "")
                   for report in known(fleet, agent)["packages"]["history"])
        assert len([line for line in agent.all("installed") if line["version"] == "2.0"]) == 0
        assert not agent.all("error")
    finally:
        agent.close()


def test_its_agent_comes_back_after_the_server_was_away(tmp_path):
    fleet = FleetManager(tmp_path)
    agent = Program("agent", f"ws://127.0.0.1:{fleet.port}/v1/opamp")
    try:
        agent.uid = agent.wait_for("started")["uid"]
        eventually(lambda: known(fleet, agent).get("connected"), "the agent in the inventory")
        fleet.kill()
        fleet.start()
        eventually(lambda: known(fleet, agent).get("connected"), "the agent in the inventory again", 60)
        assert known(fleet, agent)["identity"]["service.name"] == "opamp-go"
    finally:
        agent.close()
        fleet.stop()


# Its server and our agent


@pytest.fixture(params=["ws", "http"])
def server(request):
    server = Program("server")
    server.url = f"{request.param}://{server.wait_for('listening')['address']}/v1/opamp"
    server.kind = request.param
    yield server
    server.close()


@pytest.fixture
def member(server, join):  # noqa: F811
    """Our collector as an agent of its server."""
    choice = {server.kind: {"endpoint": server.url, **({"polling_interval": "1s"} if server.kind == "http" else {})}}
    return join(None, opamp={"server": choice, "heartbeat_interval": "1s", "capabilities": EVERYTHING})


def message(server, condition):
    return server.wait_for("message", lambda line: condition(line["message"]))["message"]


def test_its_server_gets_a_first_report(server, member):
    report = message(server, lambda message: "agentDescription" in message)
    names = {pair["key"] for pair in report["agentDescription"]["identifyingAttributes"]}
    assert {"service.name", "service.instance.id"} <= names
    assert report["effectiveConfig"]["configMap"]["configMap"]
    message(server, lambda message: message.get("health", {}).get("healthy"))


def test_its_server_configures_our_agent(server, member):
    message(server, lambda message: "agentDescription" in message)
    server.tell("config 0a0c exporters:|  debug/second:|    verbosit: normal")
    failed = message(
        server, lambda message: message.get("remoteConfigStatus", {}).get("status") == "RemoteConfigStatuses_FAILED")
    assert re.search(r"\b3:5\b", failed["remoteConfigStatus"]["errorMessage"])
    server.tell(f"config 0a0b {json.dumps(SECOND)}")
    hash = base64.b64encode(b"\x0a\x0b").decode()
    message(
        server, lambda message: message.get("remoteConfigStatus", {}).get("status") == "RemoteConfigStatuses_APPLIED"
        and message["remoteConfigStatus"]["lastRemoteConfigHash"] == hash)
    message(
        server, lambda message: any(
            b"debug/second" in base64.b64decode(file["body"])
            for file in message.get("effectiveConfig", {}).get("configMap", {}).get("configMap", {}).values()))


def test_its_server_asks_for_everything(server, member):
    first = message(server, lambda message: "agentDescription" in message)
    server.tell("full")
    message(
        server, lambda message: "agentDescription" in message
        and int(message["sequenceNum"]) > int(first["sequenceNum"]))
    server.tell("components")
    message(server, lambda message: "components" in message.get("availableComponents", {}))


def test_its_server_gives_another_id_and_another_interval(server, member):
    message(server, lambda message: "agentDescription" in message)
    server.tell("heartbeat s1 2")
    message(
        server, lambda message: message.get("connectionSettingsStatus", {}).get("status")
        == "ConnectionSettingsStatuses_APPLIED")
    new = opamp.new_uid()
    server.tell(f"uid {new.hex()}")
    message(server, lambda message: message["instanceUid"] == base64.b64encode(new).decode())


def test_its_server_says_that_it_has_too_much_to_do(server, member):
    message(server, lambda message: "agentDescription" in message)
    count = len(server.all("message"))
    server.tell("unavailable 2000000000")
    eventually(lambda: len(server.all("message")) > count + 2, "more messages", 30)
    assert "not available" in member.log or "unavailable" in member.log


def test_our_agent_says_goodbye_to_its_server(server, member):
    message(server, lambda message: "agentDescription" in message)
    assert member.stop() == 0
    message(server, lambda message: "agentDisconnect" in message)
