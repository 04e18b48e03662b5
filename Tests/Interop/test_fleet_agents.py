"""A fleet manager and agents that are ours, together: joining, good and harmful configurations, going back."""

import pytest
import yaml
from conftest import configuration
from opamp_fleet import FleetManager
from process import eventually, free_port

EVERYTHING = {
    "accepts_remote_config": True, "accepts_restart_command": True, "accepts_opamp_connection_settings": True}
#: A rollout that does not take its time.
QUICK = {
    "gate": {"min_healthy_time": "1s", "analysis": [], "max_failures": 0},
    "plan": [{"name": "all", "size": "100%", "bake": "1s"}]}
GOOD = {"exporters": {"debug/fleet": {"verbosity": "basic"}},
        "service": {"pipelines": {"traces": {"exporters": ["debug", "debug/fleet"]}}}}


@pytest.fixture
def manager(tmp_path, afterwards):
    directory = tmp_path / "fleet"
    directory.mkdir()
    manager = FleetManager(directory)
    afterwards.callback(manager.kill)
    yield manager
    print(f"log of the manager:\n{manager.log[-20000:]}")


@pytest.fixture
def join(launch):
    """Starts an agent of a manager."""

    def join(manager, headers=None, **keys):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        server = {"endpoint": f"ws://127.0.0.1:{manager.port}/v1/opamp", "headers": headers or {}}
        config = configuration(
            ports, {"debug": {"verbosity": "basic"}}, signals=("traces",),
            extensions={"opamp": {
                "server": {"ws": server}, "capabilities": EVERYTHING, "heartbeat_interval": "1s", **keys}})
        return launch(config, ports)

    return join


def agents(manager):
    return manager.call("GET", "/v1/agents")["agents"]


def connected(manager, count=1):
    def found():
        known = [agent for agent in agents(manager) if agent["connected"]]
        return known if len(known) == count else None

    return eventually(found, lambda: manager.log, 30)


def rollout(manager, body, **keys):
    """Makes a revision of a document that lies over what agents have, and rolls it out."""
    text = body if isinstance(body, str) else yaml.safe_dump(body, sort_keys=False)
    made = manager.call("POST", "/v1/configs/sample/revisions", {
        "files": [{"name": "", "type": "text/yaml", "body": text}], "message": "for a test", "partial": True})
    number = made["revision"]["number"] if "revision" in made else made["number"]
    return manager.call("POST", "/v1/rollouts", {
        "target": f"sample@{number}", "selector": "", "blast_radius": {"max_agents": 100}, **QUICK, **keys})["id"]


def ended(manager, name, state, within=60):
    def found():
        now = manager.call("GET", f"/v1/rollouts/{name}")
        return now if now["state"] in ("succeeded", "rolled_back", "aborted", "paused") else None

    last = eventually(found, lambda: str(manager.call("GET", f"/v1/rollouts/{name}")), within)
    assert last["state"] == state, last
    return last


def test_a_good_configuration_arrives_and_stays(manager, join):
    apus = [join(manager, labels={"env": "prod"}), join(manager, labels={"env": "test"})]
    connected(manager, 2)
    ended(manager, rollout(manager, GOOD, selector="env=prod"), "succeeded")
    assert "debug/fleet" in apus[0].log and "debug/fleet" not in apus[1].log


def test_what_only_the_agent_can_know_fails_there_and_is_told_with_its_place(manager, join):
    apus = join(manager)
    connected(manager)
    document = "exporters:\n  file:\n    path: /etc/passwd\nservice:\n  pipelines:\n    traces:\n" \
        "      exporters: [debug, file]\n"
    name = rollout(manager, document, validate={"agents": 0})
    ended(manager, name, "rolled_back")
    seen = str(manager.call("GET", f"/v1/rollouts/{name}/agents")) + str(manager.call("GET", f"/v1/rollouts/{name}"))
    assert "3:11" in seen and "local policy" in seen
    assert apus.is_running


def test_a_configuration_that_cuts_the_way_to_the_manager_is_taken_back_by_the_agent(manager, join):
    apus = join(manager)
    agent = connected(manager)[0]
    name = rollout(
        manager, {"extensions": {"opamp": {"server": {"ws": {
            "endpoint": f"ws://127.0.0.1:{free_port()}/v1/opamp"}}}}},
        confirm={"mode": "server", "deadline": "10s"}, validate={"agents": 0})
    apus.wait_for_log("was taken back", 60)
    ended(manager, name, "rolled_back", 120)
    assert connected(manager)[0]["uid"] == agent["uid"]


def test_agents_come_back_after_a_restart_of_the_manager(manager, join):
    join(manager)
    agent = connected(manager)[0]
    ended(manager, rollout(manager, GOOD), "succeeded")
    manager.stop()
    manager.start()
    assert connected(manager)[0]["uid"] == agent["uid"]


def test_an_agent_joins_with_a_token_and_gets_one_of_its_own(tmp_path, afterwards, join):
    directory = tmp_path / "fleet"
    directory.mkdir()
    manager = FleetManager(directory, auth="token")
    afterwards.callback(lambda: print(f"log of the manager:\n{manager.log[-20000:]}"))
    afterwards.callback(manager.kill)
    made = manager.call("POST", "/v1/enrollment-tokens", {"name": "edge", "auto_approve": True, "uses": 1})
    keys = {"headers": {"authorization": f"Bearer {made['token']}"}, "storage": {"directory": str(tmp_path / "agent")}}
    apus = join(manager, **keys)
    apus.wait_for_log("the OpAMP connection has other settings now", 30)
    agent = connected(manager)[0]
    apus.stop()
    eventually(lambda: not [agent for agent in agents(manager) if agent["connected"]], lambda: manager.log, 30)
    # The token is used up: it comes back with its own.
    again = join(manager, **keys)
    assert connected(manager)[0]["uid"] == agent["uid"]
    again.wait_for_log("connected with the OpAMP server")
    assert "have other settings now" not in again.log
