"""The commands of `apus fleet`, as a person and as a program use them; agents are in other files."""

import os
import pty
import subprocess
import threading

import opamp_messages as opamp
from opamp_agent import WebSocketAgent
from process import command, eventually, free_port, program
from test_fleet_api import DRAFT, file_with, manager  # noqa: F401 (a fixture)


def test_on_the_machine_of_the_manager_nothing_has_to_be_set_up(manager):  # noqa: F811
    api = manager()
    place = ("--address", f"127.0.0.1:{api.port}")
    text = command("fleet", "status", *place, env={"STATE_DIRECTORY": str(api.state)}, check=0).stdout
    assert text.startswith("apus ") and "0 agents, 0 connected" in text
    assert command("fleet", "whoami", *place, env={"STATE_DIRECTORY": str(api.state)}, check=0).stdout.startswith("token:admin")
    assert "token" in command("fleet", "status", *place, env={"STATE_DIRECTORY": "/nowhere"}, check=4).stderr
    done = command("fleet", "status", env={"APUS_FLEET_ADDRESS": f"127.0.0.1:{free_port()}"}, check=3)
    assert "cannot be reached" in done.stderr and "--address" in done.stderr


def test_groups_values_and_plans(manager, tmp_path):  # noqa: F811
    api = manager()
    assert "has 0 agents" in api.text("groups", "set", "eu", "--selector", "region=eu", "--value", "port=1")
    assert api.shown("groups", "show", "eu")["values"] == {"port": "1"}
    assert "would be done" in api.text("groups", "set", "eu", "--selector", "region=us", "--dry-run")
    assert api.shown("groups", "show", "eu")["selector"] == "region=eu"
    assert "eu" in api.text("groups")
    assert api.run("groups", "set", "eu", "--selector", "a in (", check=2).stderr
    api.text("groups", "delete", "eu")
    assert "no group" in api.run("groups", "delete", "eu", check=1).stderr
    api.text("values", "set", "backend", "a:1")
    api.text("values", "set", "hosts", "a", "b")
    assert {value["name"]: value["value"] for value in api.shown("values")["values"]} == {"backend": "a:1", "hosts": ["a", "b"]}
    api.text("values", "delete", "hosts")
    plan = file_with(tmp_path, "plan.yaml", "summary: slow\nstages:\n  - {name: canary, size: 1, bake: 5m}\n  - {size: 100%}\n")
    assert "2 stages" in api.text("plans", "set", "slow", plan)
    assert "canary" in api.text("plans", "show", "slow")
    wrong = file_with(tmp_path, "wrong.yaml", "stages:\n  - {name: canary, sise: 1}\n")
    done = api.run("plans", "set", "slow", wrong, check=2)
    assert f"{wrong}:2:" in done.stderr and "did you mean 'size'?" in done.stderr


def test_configurations_are_pushed_checked_and_compared(manager, tmp_path):  # noqa: F811
    api = manager()
    file = file_with(tmp_path, "edge.yaml", DRAFT)
    assert "edge@1 is made" in api.text("configs", "push", "edge", file, "-m", "first")
    assert "edge@1 is the same already" in api.text("configs", "push", "edge", file)
    file.write_text(DRAFT.replace("debug: ", "debug: {verbosity: detailed}"))
    assert api.shown("configs", "push", "edge", file)["reference"] == "edge@2"
    assert [line.split()[0] for line in api.text("configs", "revisions", "edge").splitlines()[1:]] == ["edge@2", "edge@1"]
    assert "verbosity" in api.text("configs", "diff", "edge")
    assert "~ exporters::debug: " in api.text("configs", "diff", "edge", "1", "2", "--semantic")
    assert api.text("configs", "show", "edge@1") == DRAFT
    assert "it can be run" in api.text("configs", "validate", "edge@2")
    broken = file_with(tmp_path, "broken.yaml", "receivers: [\n")
    for verb in ("push", "validate"):
        done = api.run("configs", verb, "edge", broken, check=2)
        assert "broken.yaml:" in done.stderr or "configuration:" in done.stderr, done.stderr
    assert api.shown("configs")["configs"][0]["latest"] == 2
    assert "is deleted" in api.text("configs", "delete", "edge")


def test_a_directory_is_applied_again_and_pruned(manager, tmp_path):  # noqa: F811
    api = manager()
    place = tmp_path / "site"
    for name in ("configs/gateway", "groups", "plans"):
        (place / name).mkdir(parents=True)
    file_with(place, "configs/edge.yaml", DRAFT)
    file_with(place, "configs/edge.meta.yaml", "description: the edge\nsilence: [no-batch]\n")
    file_with(place, "configs/gateway/10-base.yaml", DRAFT)
    file_with(place, "configs/gateway/20-more.yaml", "processors: {batch: }\n")
    file_with(place, "groups/eu.yaml", "selector: region=eu\n")
    file_with(place, "plans/slow.yaml", "stages: [{size: 1}]\n")
    file_with(place, "values.yaml", "backend: a:1\n")
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    assert "configuration edge is created" in api.text("apply", "-f", place, "--dry-run")
    assert api.shown("configs")["configs"] == []
    assert api.text("apply", "-f", place).count("is created") == 5
    assert "everything is as the directory has it" in api.text("apply", "-f", place)
    assert api.shown("configs", "show", "gateway")["files"][1]["name"] == "20-more.yaml"
    assert api.shown("configs")["configs"][0]["description"] == "the edge"
    os.remove(place / "groups/eu.yaml")
    assert "everything is as" in api.text("apply", "-f", place)
    assert "group eu is deleted" in api.text("apply", "-f", place, "--prune")
    file_with(place, "groups/us.yaml", "selector: 'a in ('\n")
    assert "error" in api.run("apply", "-f", place, check=2).stderr
    assert "has no groups" in api.run("apply", "-f", tmp_path, check=2).stderr


def test_access_is_given_and_taken(manager):  # noqa: F811
    api = manager()
    viewer = api.text("tokens", "create", "board", "--role", "viewer", "--owner", "eve").strip()
    assert api.text("whoami", token=viewer).startswith("token:board (viewer)")
    assert api.run("values", "set", "a", "1", token=viewer, check=4).stderr
    api.text("tokens", "revoke", "board")
    assert api.run("whoami", token=viewer, check=4).stderr
    enrollment = api.text("enrollment", "create", "--name", "edge", "--auto-approve", "--label", "env=prod", "--uses", "3").strip()
    assert enrollment and enrollment not in api.text("enrollment", "tokens")
    assert api.shown("enrollment", "tokens")["enrollment_tokens"][0]["labels"] == {"env": "prod"}
    assert "none" in api.text("enrollment")
    api.text("enrollment", "revoke", "edge")
    assert "createToken" in api.text("audit")
    assert "whole: " in api.text("audit", "verify")
    assert len(api.text("audit", "export").splitlines()) >= 4
    assert api.text("ca").startswith("-----BEGIN CERTIFICATE-----")
    assert "approval_size" in api.text("approvals")


def test_events_are_followed(manager):  # noqa: F811
    api = manager()
    api.text("values", "set", "first", "1")
    assert "value.changed" in api.text("events", "--kind", "value.*")
    follower = subprocess.Popen(
        [program(), "fleet", "events", "--follow", "--kind", "value.changed", "-o", "json", "--address", f"127.0.0.1:{api.port}"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "APUS_FLEET_TOKEN": api.token})
    try:
        assert '"first"' in follower.stdout.readline()
        api.text("values", "set", "second", "2")
        assert '"second"' in follower.stdout.readline()
    finally:
        follower.kill()
        follower.wait(10)


def test_a_rollout_without_agents_is_refused(manager, tmp_path):  # noqa: F811
    api = manager()
    api.text("configs", "push", "edge", file_with(tmp_path, "edge.yaml", DRAFT))
    done = api.run("rollouts", "start", "edge@latest", "--selector", "env=prod", "--stage", "1:5m", check=2)
    assert "no agent" in done.stderr
    assert api.run("rollouts", "start", "edge@7", check=2).stderr
    assert api.run("rollouts", "watch", "none", check=1).stderr
    assert "none" in api.text("rollouts")
    command("fleet", "rollouts", "start", check=64)
    command("fleet", "rollouts", "start", "edge@1", "--plan", "a", "--stage", "1", check=64)


class Obedient(threading.Thread):
    """An agent that runs whatever it is offered, or says that it cannot."""

    def __init__(self, port, name, fails=False):
        super().__init__(daemon=True)
        self.agent = WebSocketAgent(port, name=name)
        self.fails = fails
        self.agent.begin()
        self.start()

    def run(self):
        try:
            while True:
                message = self.agent.receive(600)
                if message.HasField("remote_config"):
                    offer = message.remote_config
                    status = opamp.FAILED if self.fails else opamp.APPLIED
                    answer = self.agent.message()
                    answer.remote_config_status.last_remote_config_hash = offer.config_hash
                    answer.remote_config_status.status = status
                    answer.remote_config_status.error_message = "the port is taken" if self.fails else ""
                    if not self.fails:
                        answer.effective_config.config_map.CopyFrom(offer.config)
                    self.agent.send(answer)
        except Exception:  # The end of the connection ends the agent.
            pass


STEPS = ("--stage", "1:0s", "--stage", "100%:0s")


def rollout_file(directory):
    """Agents that are played have no telemetry to compare."""
    return file_with(directory, "rollout.yaml", "gate: {analysis: [], min_healthy_time: 0s}\nvalidate: {agents: 0}\n")


def test_a_rollout_is_started_watched_and_shown(manager, tmp_path):  # noqa: F811
    api = manager(agents={"auth": "none"})
    agents = [Obedient(api.agents, f"agent-{number}") for number in range(3)]
    eventually(lambda: api.shown("summary")["connected"] == 3, lambda: api.log)
    uid = agents[0].agent.text
    assert "labels: " in api.text("agents", "label", uid, "env=prod")
    assert len(api.text("agents", "list", "--selector", "env=prod").splitlines()) == 2
    api.text("configs", "push", "edge", file_with(tmp_path, "edge.yaml", DRAFT))
    rollout = rollout_file(tmp_path)
    preview = api.text("rollouts", "start", "edge@latest", "-f", rollout, *STEPS, "--dry-run")
    assert "edge@1 would reach 3 agents" in preview and api.text("rollouts") == "none\n"
    text = api.text("rollouts", "start", "edge@latest", "-f", rollout, *STEPS, "--watch")
    assert "is succeeded (3 healthy)" in text and "stage passed" in text, text
    shown = api.shown("rollouts")["rollouts"][0]
    assert shown["state"] == "succeeded" and shown["target"] == "edge@1"
    assert "succeeded" in api.text("rollouts", "show", shown["id"])
    assert {agent["phase"] for agent in api.shown("rollouts", "agents", shown["id"])["agents"]} == {"healthy"}
    eventually(lambda: api.shown("summary")["drift"].get("in_sync") == 3, lambda: str(api.shown("summary")))
    variants = api.shown("variants")["variants"]
    assert variants[0]["agents"] == 3 and variants[0]["revisions"] == ["edge@1"]
    assert api.text("agents", "config", uid) == DRAFT
    assert "applied" in api.text("agents", "history", uid)
    assert "edge@1" in api.text("agents", "show", uid)
    assert "ought to run" in api.run("configs", "delete", "edge", check=1).stderr
    # On a terminal the same is a picture, and ends the same way.
    main, other = pty.openpty()
    watch = subprocess.run(
        [program(), "fleet", "rollouts", "watch", shown["id"], "--address", f"127.0.0.1:{api.port}"], stdout=other,
        stderr=other, stdin=other, env={**os.environ, "APUS_FLEET_TOKEN": api.token, "TERM": "xterm"}, timeout=60)
    os.close(other)
    picture = os.read(main, 1 << 20).decode()
    os.close(main)
    assert watch.returncode == 0 and "3 of 3 agents healthy" in picture and "STAGE" in picture


def test_a_rollout_that_fails_ends_the_watch_with_1(manager, tmp_path):  # noqa: F811
    api = manager(agents={"auth": "none"})
    agents = [Obedient(api.agents, f"agent-{number}", fails=True) for number in range(3)]
    eventually(lambda: api.shown("summary")["connected"] == len(agents), lambda: api.log)
    api.text("configs", "push", "edge", file_with(tmp_path, "edge.yaml", DRAFT))
    arguments = ("rollouts", "start", "edge@1", "-f", rollout_file(tmp_path), *STEPS)
    done = api.run(*arguments, "--watch", check=1)
    assert "the port is taken" in done.stdout and "rolled back" in done.stdout, done.stdout
    # With --until-decision a script gets its answer when a person has to decide.
    done = api.run(*arguments, "--on-failure", "pause", "--watch", "--until-decision", check=5)
    assert "is paused" in done.stdout
    paused = api.shown("rollouts", "list", "--state", "active")["rollouts"][0]["id"]
    assert "aborted" in api.text("rollouts", "abort", paused, "--reason", "enough")
    assert api.run("rollouts", "resume", paused, check=1).stderr
    assert "enough" in api.text("rollouts", "show", paused)
    kinds = {event["kind"] for event in api.shown("events", "--kind", "rollout*")["events"]}
    assert {"rollout.state", "rollout.agent"} <= kinds


def test_an_admin_goes_on_without_a_second_person_and_everybody_sees_it(manager, tmp_path):  # noqa: F811
    api = manager(agents={"auth": "none"})
    agents = [Obedient(api.agents, f"agent-{number}") for number in range(2)]
    eventually(lambda: api.shown("summary")["connected"] == len(agents), lambda: api.log)
    api.text("configs", "push", "edge", file_with(tmp_path, "edge.yaml", DRAFT))
    file = file_with(
        tmp_path, "rollout.yaml", "approval: true\ngate: {analysis: [], min_healthy_time: 0s}\nvalidate: {agents: 0}\n")
    api.text("rollouts", "start", "edge@1", "-f", file, *STEPS)
    shown = api.shown("rollouts")["rollouts"][0]
    assert shown["state"] == "awaiting_approval"
    api.run("rollouts", "approve", shown["id"], "--break-glass", check=64)
    # Somebody has to have switched it on.
    alone = ("rollouts", "approve", shown["id"], "--break-glass", "--reason", "the old one leaks")
    assert "allow_break_glass" in api.run(*alone, check=4).stderr
    api.text("approvals", "set", file_with(tmp_path, "approvals.yaml", "allow_break_glass: true\n"))
    assert "another person" in api.run("rollouts", "approve", shown["id"], check=4).stderr
    api.text(*alone)
    eventually(
        lambda: api.shown("rollouts", "show", shown["id"])["state"] == "succeeded", lambda: api.text("rollouts"), 60)
    assert "NO SECOND PERSON" in api.text("rollouts", "show", shown["id"])
    glass = api.shown("rollouts")["rollouts"][0]["break_glass"]
    assert glass["reason"] == "the old one leaks" and glass["actor"] == "token:admin"
    lines = [line for line in api.shown("audit")["entries"] if line["action"] == "rollout.broken_glass"]
    assert [line["actor"] for line in lines] == ["token:admin"]
