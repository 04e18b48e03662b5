"""The configuration over the life of a process and of the next ones: files, signals, what is kept on disk."""

import json
import os
import signal

import pytest
import yaml
from conftest import configuration
from process import Apus, command, eventually, free_port


@pytest.fixture
def ports():
    return {name: free_port() for name in ("grpc", "http", "metrics")}


@pytest.fixture
def begin(tmp_path, ports):
    """Starts Apus with a state directory and a file, again and again in the same directory."""
    running = []

    def begin(config=None, arguments=(), env=None):
        directory = tmp_path / "apus"
        directory.mkdir(exist_ok=True)
        if config is None and (directory / "apus.yaml").exists():
            config = (directory / "apus.yaml").read_text()
        arguments = ("--state-directory", str(tmp_path / "state"), "--probes", "none", *arguments)
        apus = Apus(config or agent(ports), directory, ports, env=env, arguments=arguments)
        running.append(apus)
        return apus

    yield begin
    for apus in running:
        if apus.is_running:
            apus.kill()


def agent(ports, verbosity="basic"):
    return configuration(ports, {"debug": {"verbosity": verbosity}})


def revisions(tmp_path):
    return sorted((tmp_path / "state" / "revisions").glob("*.revision"), key=lambda path: int(path.stem))


def test_a_wrong_file_on_sighup_is_reported_and_changes_nothing(begin, ports):
    apus = begin()
    for text in ("receivers: [", "receivers: {otlpp: {}}\nservice: {pipelines: {}}\n"):
        position = len(apus.log)
        apus.write(text)
        apus.signal(signal.SIGHUP)
        apus.wait_for_log("the running one stays as it is", begin=position)
    position = len(apus.log)
    apus.write(agent(ports, "normal"))
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs", begin=position)
    assert apus.stop() == 0


def test_revisions_are_kept_and_nobody_else_can_read_them(begin, ports, tmp_path):
    apus = begin()
    apus.write(agent(ports, "normal"))
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs")
    assert apus.stop() == 0
    assert [path.stem for path in revisions(tmp_path)] == ["1", "2"]
    for path in [*(tmp_path / "state").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    lines = [json.loads(line) for line in (tmp_path / "state" / "audit.log").read_text().splitlines()]
    assert [(line["action"], line["result"]) for line in lines] == [
        ("config.reload", "begun"), ("config.reload", "done")]


def test_a_file_that_is_wrong_at_the_start_is_answered_with_what_ran_last(begin, ports, tmp_path):
    begin().stop()
    apus = begin("receivers: [")
    assert "error in the configuration" in apus.log
    assert "it was confirmed last" in apus.log
    assert apus.stop() == 0


def test_without_a_revision_a_wrong_file_leaves_an_empty_configuration(begin, ports):
    apus = begin("receivers: [")
    assert "an empty configuration" in apus.log
    position = len(apus.log)
    apus.write(agent(ports))
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs", begin=position)
    apus.wait_for_metric("otelcol_receiver_accepted_spans", 0)
    assert apus.stop() == 0


def test_without_a_named_state_directory_a_wrong_file_ends_the_start(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("receivers: [")
    done = command("run", "--config", file, "--admin", "none", env={"HOME": str(tmp_path)}, check=2)
    assert "wrong.yaml:2:" in done.stderr


def test_a_killed_process_starts_again_and_takes_damaged_files_lightly(begin, ports, tmp_path):
    apus = begin()
    apus.write(agent(ports, "normal"))
    apus.signal(signal.SIGHUP)
    apus.wait_for_log("the new configuration runs")
    apus.kill()
    revisions(tmp_path)[0].write_text("garbage")
    (tmp_path / "state" / "revisions" / "history.0").write_text("garbage")
    apus = begin()
    assert "is damaged and left out" in apus.log
    assert apus.stop() == 0


def test_a_configuration_that_ends_the_process_again_and_again_is_left(begin, ports):
    begin().stop()
    bad = agent(ports, "detailed")
    for _ in range(3):
        begin(bad).kill()
    apus = begin(bad)
    assert "has ended the process 3 times" in apus.log
    assert "starting with revision" in apus.log
    assert apus.stop() == 0


def test_two_processes_do_not_share_a_state_directory(begin, tmp_path):
    begin()
    file = tmp_path / "other.yaml"
    file.write_text("receivers: {}")
    done = command("run", "--config", file, "--state-directory", tmp_path / "state", "--admin", "none", check=1)
    assert "used by another Apus" in done.stderr


def test_a_wrong_policy_ends_the_start(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text("endpoints: {allow: ['http://x']}\n")
    file = tmp_path / "apus.yaml"
    file.write_text("receivers: {}")
    done = command("run", "--config", file, "--policy", policy, "--admin", "none", check=2)
    assert "is no endpoint" in done.stderr


def test_watched_files_are_read_again(begin, ports):
    apus = begin(arguments=("--watch",))
    apus.wait_for_log("watching the files")
    position = len(apus.log)
    apus.write("receivers: [")
    apus.wait_for_log("the running one stays as it is", begin=position)
    apus.file.touch()
    position = len(apus.log)
    apus.write(agent(ports, "normal"))
    apus.wait_for_log("the new configuration runs", begin=position)
    assert apus.log.count("the running one stays as it is") == 1
    assert apus.stop() == 0


def test_a_config_map_is_watched_through_its_links(tmp_path, ports):
    mount = tmp_path / "mount"
    mount.mkdir()

    def publish(name, config):
        # As the kubelet does it: a new directory, and then one rename of the link to it.
        (mount / name).mkdir()
        (mount / name / "agent.yaml").write_text(yaml.safe_dump(config))
        os.symlink(name, mount / "..data_tmp")
        os.rename(mount / "..data_tmp", mount / "..data")

    publish("..first", agent(ports))
    os.symlink("..data/agent.yaml", mount / "agent.yaml")
    directory = tmp_path / "apus"
    directory.mkdir()
    # The last of two sources wins, and the first is what this class wants to write.
    apus = Apus(agent(ports), directory, ports, arguments=(
        "--config", str(mount / "agent.yaml"), "--watch", "--state-directory", str(tmp_path / "state"),
        "--probes", "none"))
    try:
        apus.wait_for_log("watching the files")
        for number, verbosity in enumerate(("normal", "detailed", "basic")):
            position = len(apus.log)
            publish(f"..next{number}", agent(ports, verbosity))
            apus.wait_for_log("the new configuration runs", begin=position)
        assert apus.stop() == 0
    finally:
        apus.kill()
