"""Two fleet managers on one PostgreSQL: agents come to either, and when one is killed the other goes on."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import opamp_messages as opamp
import pytest
from opamp_agent import WebSocketAgent
from opamp_fleet import FleetManager
from process import eventually
from websockets.exceptions import WebSocketException

PROGRAMS = Path("/usr/lib/postgresql/15/bin")

pytestmark = pytest.mark.skipif(not (PROGRAMS / "initdb").exists(), reason="postgresql-15 is not installed")

CONFIGURATION = """receivers: {otlp: {protocols: {grpc: {endpoint: "localhost:4317"}}}}
exporters: {debug: {}}
service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}
"""


class Database:
    """A throw-away server of PostgreSQL on a socket in a directory of its own; it refuses to run as root."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="apus-postgres-")
        self.drop = []
        if os.geteuid() == 0:
            self.drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(self.directory, "postgres")
        self.data = f"{self.directory}/data"
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses= -c fsync=off -k {self.directory}"
        self.run("pg_ctl", "-D", self.data, "-w", "-l", f"{self.directory}/log", "-o", options, "start")
        self.url = f"postgres://postgres@/postgres?host={self.directory}"

    def run(self, program, *arguments):
        done = subprocess.run(
            [*self.drop, PROGRAMS / program, *arguments], cwd="/", stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=True)
        return done.stdout

    def ask(self, question):
        return self.run("psql", "-h", self.directory, "-U", "postgres", "-d", "postgres", "-tAc", question).strip()

    def stop(self):
        subprocess.run([*self.drop, PROGRAMS / "pg_ctl", "-D", self.data, "-m", "immediate", "stop"], cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)


class Replica(FleetManager):
    """One of the managers of a store; those that come later have the authority of the first."""

    def __init__(self, directory, name, store, first=None, auth="none"):
        directory.mkdir()
        self.first = first
        self.options = ("--replica", name, "--set", f"store={store}")
        self.name = name
        if first:
            for file in first.state.rglob("agents-ca.*"):
                place = directory / "state" / file.relative_to(first.state)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, place)
        super().__init__(directory, auth=auth)

    @property
    def token(self):
        return self.first.token if self.first else super().token


class Obedient(threading.Thread):
    """An agent that runs what it is told, and goes to the next manager when the connection ends."""

    def __init__(self, ports, name):
        super().__init__(daemon=True)
        self.ports = ports
        self.agent = WebSocketAgent(ports[0], connected=False, name=name)
        self.body = b"receivers: {}\n"
        self.applied = []
        self.is_done = threading.Event()
        self.start()

    def run(self):
        turn = 0
        while not self.is_done.is_set():
            self.agent.url = f"ws://127.0.0.1:{self.ports[turn % len(self.ports)]}/v1/opamp"
            turn += 1
            try:
                self.agent.connect(open_timeout=5)
                self.agent.send(self.report())
                self.serve()
            except (OSError, WebSocketException, TimeoutError):
                self.is_done.wait(0.2)

    def report(self, **parts):
        report = self.agent.report(**parts)
        report.effective_config.config_map.config_map[""].body = self.body
        if self.applied:
            report.remote_config_status.last_remote_config_hash = self.applied[-1]
            report.remote_config_status.status = opamp.APPLIED
        return report

    def serve(self):
        while not self.is_done.is_set():
            try:
                message = self.agent.receive(1)
            except TimeoutError:
                self.agent.send(self.agent.message())
                continue
            if message.HasField("remote_config"):
                hash = message.remote_config.config_hash
                status = self.agent.message()
                status.remote_config_status.last_remote_config_hash = hash
                status.remote_config_status.status = opamp.APPLYING
                self.agent.send(status)
                self.body = message.remote_config.config.config_map[""].body
                self.applied.append(hash)
                self.agent.send(self.report())
            elif message.flags & opamp.REPORT_FULL_STATE:
                self.agent.send(self.report())

    def stop(self):
        self.is_done.set()
        self.agent.close()
        self.join(10)


@pytest.fixture
def database(afterwards):
    database = Database()
    afterwards.callback(database.stop)
    return database


@pytest.fixture
def managers(database, tmp_path, afterwards, request):
    """Two managers of one store."""
    auth = getattr(request, "param", "none")
    first = Replica(tmp_path / "a", "a", database.url, auth=auth)
    afterwards.callback(first.kill)
    second = Replica(tmp_path / "b", "b", database.url, first=first, auth=auth)
    afterwards.callback(second.kill)
    return first, second


def test_a_manager_with_another_authority_does_not_start(database, tmp_path, afterwards):
    first = Replica(tmp_path / "a", "a", database.url)
    afterwards.callback(first.kill)
    with pytest.raises(AssertionError, match="agents-ca"):
        Replica(tmp_path / "b", "b", database.url)


def test_a_rollout_goes_on_when_its_manager_is_killed(managers, database, afterwards):
    first, second = managers
    ports = [first.port, second.port]
    agents = [Obedient(ports if number % 2 else ports[::-1], f"edge-{number}") for number in range(6)]
    for agent in agents:
        afterwards.callback(agent.stop)

    def connected(manager):
        listed = manager.call("GET", "/v1/agents?page_size=100")["agents"]
        return len([item for item in listed if item.get("connected", item.get("is_connected"))])

    # Each knows the agents of both.
    for manager in managers:
        eventually(lambda: connected(manager) == 6, lambda: f"{connected(manager)}\n{manager.log}", 60)
    rollout = first.roll_out(
        CONFIGURATION, name="edge", validate={"agents": 0}, gate={"analysis": [], "min_healthy_time": "1s"},
        plan=[{"name": "canary", "size": 1, "bake": "8s"}, {"name": "all", "size": "100%", "bake": "1s"}])
    path = f"/v1/rollouts/{rollout['id']}"
    eventually(lambda: sum(1 for agent in agents if agent.applied) == 1, lambda: f"{first.log}\n{second.log}", 60)
    holder = database.ask("SELECT holder FROM leases WHERE name = 'rollouts'")
    owner, other = (first, second) if holder.startswith("a#") else (second, first)
    owner.kill()
    states = []

    def has_ended():
        state = other.call("GET", path)["state"]
        if state not in states[-1:]:
            states.append(state)
        # Half of the fleet went at once: what a person says then is to go on.
        if state in ("frozen", "paused") and all(agent.is_alive() for agent in agents):
            other.call("POST", f"{path}:resume", {}, check=False)
        time.sleep(0.2)
        return state in ("succeeded", "rolled_back", "aborted")

    eventually(has_ended, lambda: f"{states}\n{other.log}", 180)
    assert states[-1] == "succeeded", f"{states}\n{other.log}"
    # Everybody has it, and nobody got it twice.
    assert [len(agent.applied) for agent in agents] == [1] * 6, states
    assert len({agent.body for agent in agents}) == 1


def owner_and_other(managers, database):
    """The manager that moves the rollouts, and the one that does not."""
    holder = eventually(
        lambda: database.ask("SELECT holder FROM leases WHERE name = 'rollouts'"), managers[0].log)
    first, second = managers
    return (first, second) if holder.startswith("a#") else (second, first)


def slow_rollout(manager, agents, name="edge", **spec):
    """A rollout that stays in its first stage until it is told something."""
    made = manager.call("POST", f"/v1/configs/{name}/revisions", {
        "files": [{"name": "", "type": "text/yaml", "body": CONFIGURATION + "# again\n" * len(spec)}], "message": "x"})
    return {
        "target": f"{name}@{made['number']}", "selector": "", "validate": {"agents": 0},
        "gate": {"analysis": [], "min_healthy_time": "1s"}, "blast_radius": {"max_agents": 100},
        "plan": [{"name": "canary", "size": 1, "bake": "10m"}, {"name": "all", "size": "100%", "bake": "1s"}], **spec}


def fleet_of(managers, afterwards, count=4):
    ports = [manager.port for manager in managers]
    agents = [Obedient(ports if number % 2 else ports[::-1], f"edge-{number}") for number in range(count)]
    for agent in agents:
        afterwards.callback(agent.stop)
    for manager in managers:
        eventually(
            lambda: len([item for item in manager.call("GET", "/v1/agents")["agents"] if item["connected"]]) == count,
            lambda: manager.log, 60)
    return agents


def test_every_manager_takes_commands_for_the_one_that_moves_the_rollouts(managers, database, afterwards):
    owner, other = owner_and_other(managers, database)
    agents = fleet_of(managers, afterwards)
    made = other.call("POST", "/v1/tokens", {"name": "bob", "owner": "bob", "roles": ["admin"]})
    bob = made["token"]
    spec = slow_rollout(other, agents, approval=True)
    # A look is made where it is asked for.
    assert other.call("POST", "/v1/rollouts?dry_run=true", spec)["needs_approval"] is True
    rollout = other.call("POST", "/v1/rollouts?draft=true", spec)
    path = f"/v1/rollouts/{rollout['id']}"
    assert rollout["state"] == "draft"
    assert other.call("POST", f"{path}:begin", {})["state"] == "awaiting_approval"
    # Who began it may not approve it, and is told so.
    assert "another person" in other.call("POST", f"{path}:approve", {}, check=False)["detail"]
    assert other.call("POST", f"{path}:approve", {}, token=bob)["approver"] == "bob"
    eventually(lambda: sum(bool(agent.applied) for agent in agents) == 1, lambda: owner.log, 60)
    assert other.call("POST", f"{path}:pause", {"reason": "lunch"})["reason"] == "lunch"
    assert owner.call("GET", path)["state"] == "paused"
    # What cannot be done says why, with the state that the owner knows.
    assert "is paused and cannot be paused" in other.call("POST", f"{path}:pause", {}, check=False)["detail"]
    assert other.call("POST", f"{path}:resume", {})["state"] == "running"
    again = slow_rollout(other, agents, note="b", approval=False)
    assert rollout["id"] in str(other.call("POST", "/v1/rollouts?dry_run=true", again)["conflicts"])
    assert rollout["id"] in other.call("POST", "/v1/rollouts", again, check=False)["detail"]

    def promoted():
        answer = other.call("POST", f"{path}:promote", {"all": True}, check=False, token=bob)
        return answer if answer.get("state") == "running" else time.sleep(0.5)

    eventually(promoted, lambda: owner.log)
    eventually(lambda: other.call("GET", path)["state"] == "succeeded" or time.sleep(0.5), lambda: owner.log, 60)
    second = other.call("POST", "/v1/rollouts", again)
    eventually(lambda: any(len(agent.applied) == 2 for agent in agents), lambda: owner.log, 60)
    path = f"/v1/rollouts/{second['id']}"
    assert other.call("POST", f"{path}:rollback", {"reason": "no"}, token=bob)["state"] in ("rolling_back", "rolled_back")
    eventually(lambda: other.call("GET", path)["state"] == "rolled_back" or time.sleep(0.5), lambda: owner.log, 60)
    third = other.call("POST", "/v1/rollouts", slow_rollout(other, agents, note="c", approval=False, ignore_bad=True))
    assert other.call("POST", f"/v1/rollouts/{third['id']}:abort", {"reason": "enough"})["state"] == "aborted"
    # Everything was done once, and by whom it was said.
    for manager in managers:
        lines = manager.call("GET", "/v1/audit?page_size=1000")["entries"]
        said = [(line["action"], line["actor"]) for line in lines if line["outcome"] == "done"]
        assert said.count(("approveRollout", "token:bob")) == 1, said
        assert said.count(("promoteRollout", "token:bob")) == 1, said
    assert database.ask("SELECT count(*) FROM documents WHERE kind = 'rolloutRequest'") == "0"


def test_a_command_survives_the_manager_it_was_for(managers, database, afterwards):
    owner, other = owner_and_other(managers, database)
    agents = fleet_of(managers, afterwards)
    rollout = other.call("POST", "/v1/rollouts", slow_rollout(other, agents))
    path = f"/v1/rollouts/{rollout['id']}"
    eventually(lambda: sum(bool(agent.applied) for agent in agents) == 1, lambda: owner.log, 60)
    before = other.call("GET", path)
    # Nobody knows that it is dead before its lease is over: the command waits for its successor.
    owner.kill()
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(other.call("POST", f"{path}:pause", {"reason": "storm"}, check=False)))
    asking.start()
    eventually(
        lambda: database.ask("SELECT count(*) FROM documents WHERE kind = 'rolloutRequest'") == "1", lambda: other.log)
    asking.join(60)
    assert answers and answers[0].get("state") == "paused", f"{answers}\n{other.log}"
    events = [event for event in other.call("GET", path)["events"] if event["kind"] == "paused"]
    assert [event["reason"] for event in events] == ["storm"], events
    assert len(before["events"]) < len(other.call("GET", path)["events"])
    assert database.ask("SELECT count(*) FROM documents WHERE kind = 'rolloutRequest'") == "0"
    # It moves what is left by itself now.
    assert other.call("POST", f"{path}:abort", {})["state"] == "aborted"
    assert sum(bool(agent.applied) for agent in agents) == 1


def test_without_a_manager_that_moves_the_rollouts_nothing_is_done_and_that_is_said(managers, database, afterwards):
    owner, other = owner_and_other(managers, database)
    agents = fleet_of(managers, afterwards)
    rollout = other.call("POST", "/v1/rollouts", slow_rollout(other, agents))
    path = f"/v1/rollouts/{rollout['id']}"
    owner.kill()
    # A lease of somebody who is not there, so that nobody takes over.
    database.ask("UPDATE leases SET holder = 'x#1', expires = expires + 1000000000000 WHERE name = 'rollouts'")
    problem = other.call("POST", f"{path}:pause", {}, check=False)
    assert problem["status"] == 503 and "so nothing was done" in problem["detail"], problem
    assert database.ask("SELECT count(*) FROM documents WHERE kind = 'rolloutRequest'") == "0"


@pytest.mark.parametrize("managers", ["token"], indirect=True)
def test_what_one_manager_revokes_the_other_closes(managers, afterwards):
    first, second = managers
    made = first.call("POST", "/v1/enrollment-tokens", {"name": "sites", "auto_approve": True})
    token = next(value for value in made.values() if str(value).startswith("apuse_"))
    headers = {"Authorization": f"Bearer {token}"}
    # The other manager hears of the token within seconds.
    agent = WebSocketAgent(second.port, headers=headers, connected=False)
    afterwards.callback(agent.close)

    def is_taken():
        try:
            agent.connect()
            return True
        except WebSocketException:
            time.sleep(0.5)
            return False

    eventually(is_taken, lambda: second.log)
    agent.begin()
    agent.receive_until(lambda message: message.HasField("connection_settings"))
    eventually(
        lambda: any(item["uid"] == agent.text for item in first.call("GET", "/v1/agents")["agents"]),
        lambda: first.log)
    first.call("POST", f"/v1/agents/{agent.text}:revoke", {"reason": "stolen"})
    assert agent.close_code(15) == 1008


def seen(manager, agent):
    """What a manager says of an agent; `None` when it does not know it."""
    return next((item for item in manager.call("GET", "/v1/agents")["agents"] if item["uid"] == agent.text), None)


def is_connected(manager, agent):
    found = seen(manager, agent)
    return found["connected"] if found else None


def test_agents_of_a_manager_that_died_are_not_connected_whoever_has_its_name_now(managers, afterwards):
    first, second = managers
    agent = WebSocketAgent(second.port, name="edge")
    afterwards.callback(agent.close)
    agent.begin()
    eventually(lambda: is_connected(first, agent), lambda: first.log)
    assert first.agent(agent)["replica"] == "b"
    second.kill()
    second.start()
    # Its presence ends after ten seconds, though a manager of the same name is there all the time.
    for manager in managers:
        eventually(lambda: is_connected(manager, agent) is False, lambda: f"{seen(manager, agent)}\n{manager.log}", 30)
    summary = first.call("GET", "/v1/summary")
    assert (summary["agents"], summary["connected"]) == (1, 0)
    agent.connect()
    agent.begin()
    for manager in managers:
        eventually(lambda: is_connected(manager, agent), lambda: f"{seen(manager, agent)}\n{manager.log}")


def test_of_two_agents_with_one_id_at_two_managers_the_later_gets_another(managers, afterwards):
    first, second = managers
    original = WebSocketAgent(first.port, name="original")
    afterwards.callback(original.close)
    original.begin()
    eventually(lambda: is_connected(second, original), lambda: second.log)
    copy = WebSocketAgent(second.port, uid=original.uid, name="copy")
    afterwards.callback(copy.close)
    copy.begin()
    answer = copy.receive_until(lambda message: message.HasField("agent_identification"))
    copy.uid, copy.sequence = answer.agent_identification.new_instance_uid, 0
    assert copy.uid != original.uid
    copy.begin()
    for manager in managers:
        for agent in (original, copy):
            eventually(
                lambda: is_connected(manager, agent) and seen(manager, agent)["labels"]["service.name"] == agent.name,
                lambda: f"{seen(manager, agent)}\n{manager.log}")
    # Nobody was thrown out.
    for agent in (original, copy):
        assert agent.ask(agent.message()).instance_uid == agent.uid
