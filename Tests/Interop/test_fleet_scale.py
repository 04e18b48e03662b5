"""A thousand agents at one manager, one in a hundred hostile: rollouts reach everybody, restarts lose nothing.

Benchmarks/fleet.py does the same with a hundred times as many and measures.
"""

import pytest
from fleet_scale import Manager, Simulator, configuration, configuration_hash
from process import eventually

AGENTS, HOSTILE = 1000, 10
#: Of each ten agents seven are in production and two in staging.
PROD, STAGING = 700, 200
HONEST = "fleet=simulated"


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path)
    yield manager
    manager.kill()
    print(manager.log[-20000:])


@pytest.fixture
def simulator(manager):
    simulator = Simulator(manager.port, AGENTS, heartbeat=2, apply=0.5, reconnect=0.5, retry=2)
    yield simulator
    if simulator.process.poll() is None:
        print(simulator.status)
    simulator.stop()


def connected(manager, selector=HONEST):
    summary = manager.ask("GET", f"/v1/summary?selector={selector}")
    return summary["connected"] if summary["agents"] == summary["connected"] else -1


def wait_until_known(manager, simulator):
    simulator.wait_until_connected()
    eventually(lambda: connected(manager) == AGENTS, lambda: f"all agents in {manager.summary()}", 60)


def drift(manager):
    return manager.ask("GET", f"/v1/summary?selector={HONEST}")["drift"]


def test_rollouts_and_restarts_with_a_thousand_agents(manager, simulator, tmp_path):
    simulator.ask("hostile", HOSTILE)
    wait_until_known(manager, simulator)
    assert drift(manager) == {"unmanaged": AGENTS}

    # Two at a time, each to its own agents.
    bodies = {"prod": configuration(1), "staging": configuration(2)}
    rollouts = []
    for environment, body in bodies.items():
        simulator.expect(environment, body, tmp_path / environment)
        target = manager.add_revision(environment, body)
        rollouts.append(manager.roll_out(target, f"{HONEST},env={environment}")["id"])
    for rollout in rollouts:
        manager.wait_for_rollout(rollout)
    status = simulator.wait_for(
        lambda status: status["in_expected_state"] == PROD + STAGING, "what was rolled out is applied")
    assert (status["offers"], status["wrong"], status["broken"]) == (PROD + STAGING, 0, 0)
    assert status["compared"] == 9, "of each hundred agents one compares, of each environment some"

    # Those that never answer and never read hold nothing up but their own rollout.
    hostile = manager.roll_out(
        "prod@1", "fleet=hostile", gate={"max_lost": 0, "max_failures": 0, "healthy_deadline": "1s"})["id"]
    everybody = configuration(3)
    simulator.expect("all", everybody, tmp_path / "all")
    rollout = manager.roll_out(manager.add_revision("everybody", everybody), HONEST)["id"]
    manager.wait_for_rollout(rollout)
    simulator.wait_for(lambda status: status["in_expected_state"] == AGENTS, "everybody has the same")
    manager.wait_for_rollout(hostile, "paused")

    status = simulator.status
    for end, code in ((manager.kill, "kill -9"), (manager.stop, "SIGTERM")):
        end()
        manager.start()
        wait_until_known(manager, simulator)
        assert drift(manager) == {"in_sync": AGENTS}, code
        check_agents(manager, simulator, configuration_hash(everybody))
    after = simulator.status
    assert after["offers"] == status["offers"], "nobody gets again what it has"
    assert (after["wrong"], after["broken"], after["refusals"]) == (0, 0, 0)
    assert after["closed"] == 2 * AGENTS, "only the restarts closed connections of those who keep to the protocol"
    assert after["hostile_closed"] > 0
    assert manager.rollout(rollout)["state"] == "succeeded"
    assert manager.ask("GET", "/v1/audit/verification")["whole"] is True
    manager.stop()
    assert manager.database("PRAGMA integrity_check") == [("ok",)]


def check_agents(manager, simulator, hash):
    """Agents in the manager's eyes are what they are in their own."""
    for number in range(0, AGENTS, 37):
        own = simulator.agent(number)
        seen = manager.ask("GET", f"/v1/agents/{own['uid']}")
        assert (seen["uid"], seen["connected"], seen["drift"]) == (own["uid"], True, "in_sync"), seen
        assert seen["labels"]["env"] == own["environment"]
        assert seen["assignment"]["hash"] == own["hash"] == hash
        assert seen["healthy"] is True, seen
