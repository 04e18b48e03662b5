"""The commands that end by themselves: exit codes, places of mistakes, and that all of them answer."""

import json
import re

import pytest
import yaml
from process import REPOSITORY, command

CONFIGS = sorted(path for path in (REPOSITORY / "config").glob("*.yaml") if path.stem != "fleet")
GOOD = """\
receivers: {otlp: {protocols: {grpc: }}}
exporters: {debug: }
service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}
"""


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_example_is_valid(path):
    done = command("validate", "--config", path, check=0)
    assert re.match(r"valid: [345] pipelines: traces: otlp ", done.stdout), done.stdout
    assert done.stderr == ""


def test_the_example_of_a_fleet_manager_is_valid(tmp_path):
    done = command("fleet", "serve", "--config", REPOSITORY / "config" / "fleet.yaml", "--check", check=0)
    assert done.stdout == done.stderr == ""
    wrong = tmp_path / "fleet.yaml"
    wrong.write_text("agents:\n  endpoin: localhost:4320\nstore: mysql://x\n")
    done = command("fleet", "serve", "--config", wrong, "--check", check=2)
    assert "fleet.yaml:2:3: error: agents::endpoin: " in done.stderr and "endpoint" in done.stderr
    assert "fleet.yaml:3:8: error: store: must be empty or begin with postgres://" in done.stderr


@pytest.mark.parametrize("text, place, words", [
    ("receivers: [\n", r"\d+:\d+", "is not YAML"),
    (GOOD.replace("grpc: ", "gprc: "), r"1:\d+", "did you mean 'grpc'"),
    (GOOD.replace("{debug: }", "{debgu: }"), r"2:13", "did you mean 'debug'"),
    (GOOD.replace("receivers: [otlp]", "receivers: [otlp/2]"), r"3:\d+", "otlp/2"),
    (GOOD.replace("{debug: }", "{debug: {verbosity: loud}}"), r"2:\d+", "basic"),
    (GOOD.replace("exporters: [debug]", "exporters: []"), r"3:\d+", "at least one exporter"),
    (GOOD + "processors: {batch: {timeout: 5 apples}}\n", r"4:\d+", "timeout"),
    (GOOD + "processors: {batch: {send_batch_size: 10, send_batch_max_size: 5}}\n", r"4:\d+", "send_batch_max_size"),
    (GOOD + "processors: {memory_limiter: {limit_mib: 5}}\n", r"4:\d+", "check_interval"),
    (GOOD + "exporters: {nop: }\n", r"4:1", "exporters"),
    ("receivers:\n\totlp:\n", r"2:\d+", ""),
])
def test_a_mistake_is_named_with_its_place(tmp_path, text, place, words):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    done = command("validate", "--config", path, check=2)
    assert re.search(rf"{re.escape(str(path))}:{place}: error: ", done.stderr), done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_all_mistakes_are_named_at_once(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "receivers: {otlp: {protocols: {gprc: }}}\nexporters: {debug: {verbosity: loud}, fiel: {path: x}}\n"
        "service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}\n")
    done = command("validate", "--config", path, check=2)
    places = re.findall(rf"{re.escape(str(path))}:(\d+):\d+: error", done.stderr)
    assert len(places) >= 3
    assert places == sorted(places)


def test_running_a_wrong_configuration_is_2(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("receivers: {otlpp: }\n")
    assert "wrong.yaml:1:13" in command("--config", path, check=2).stderr


@pytest.mark.parametrize("arguments", [
    ["--config"], ["validate"], ["--nonsense"], ["nonsense"], ["schema", "receiver", "nonsense"], []])
def test_a_wrong_command_line_is_64(arguments):
    done = command(*arguments, check=64)
    assert done.stderr


def test_a_page_that_cannot_be_written_is_an_error(tmp_path):
    command("schema", "--directory", tmp_path, check=0)
    page = tmp_path / "ottl-functions.md"
    page.unlink()
    page.symlink_to("/dev/full")
    assert str(page) in command("schema", "--directory", tmp_path, check=64).stderr


def test_a_file_that_is_not_there():
    done = command("validate", "--config", "/nowhere/apus.yaml")
    assert done.returncode == 2
    assert "/nowhere/apus.yaml" in done.stderr


def test_sources_are_merged_and_set_wins(tmp_path):
    (tmp_path / "one.yaml").write_text(GOOD)
    (tmp_path / "two.yaml").write_text("exporters: {debug: {verbosity: basic}}\n")
    sources = ["--config", tmp_path / "one.yaml", "--config", tmp_path / "two.yaml"]
    printed = yaml.safe_load(command("print-config", *sources, check=0).stdout)
    assert printed["exporters"]["debug"]["verbosity"] == "basic"
    more = ["--set", "exporters.debug.verbosity=detailed", "--config", "yaml:exporters::debug::sampling_initial: 7"]
    printed = yaml.safe_load(command("print-config", *sources, *more, check=0).stdout)
    assert printed["exporters"]["debug"]["verbosity"] == "detailed"
    assert printed["exporters"]["debug"]["sampling_initial"] == 7


def test_the_environment_is_expanded(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(GOOD.replace("grpc: ", "grpc: {endpoint: '${env:APUS_HOST}:${env:APUS_PORT:-4000}'}"))
    done = command("print-config", "--format", "json", "--config", path, check=0, env={"APUS_HOST": "[::1]"})
    assert json.loads(done.stdout)["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"] == "[::1]:4000"


def test_secrets_are_hidden_unless_asked_for(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(GOOD.replace("{debug: }", (
        "{debug: , otlp_http: {endpoint: 'http://x', headers: {authorization: hunter2}}}")))
    assert "hunter2" not in command("print-config", "--config", path, check=0).stdout
    assert "hunter2" in command("print-config", "--config", path, "--mode", "unredacted", check=0).stdout


def test_print_config_is_a_configuration(tmp_path):
    path = tmp_path / "printed.yaml"
    path.write_text(command("print-config", "--config", CONFIGS[0], check=0).stdout)
    command("validate", "--config", path, check=0)


def test_components():
    listed = yaml.safe_load(command("components", "-o", "yaml", check=0).stdout)
    names = {kind: {item["name"] for item in items} for kind, items in listed.items() if isinstance(items, list)}
    assert names["receivers"] >= {"otlp", "nop"}
    assert names["processors"] >= {"batch", "memory_limiter"}
    assert names["exporters"] >= {"otlp_grpc", "otlp_http", "debug", "file", "nop"}
    assert names["connectors"] >= {"forward"}
    assert names["extensions"] >= {"health_check"}
    table = command("components", check=0).stdout
    assert all(name in table for kind in names.values() for name in kind)


def test_schema_of_every_component():
    listed = yaml.safe_load(command("components", "-o", "yaml", check=0).stdout)
    for section, items in listed.items():
        for item in items if isinstance(items, list) else []:
            kind = section.removesuffix("s")
            page = command("schema", kind, item["name"], check=0).stdout
            # A component whose sections are all optional has only comments.
            assert yaml.safe_load(page) is not None or "\n# " in page
            json.loads(command("schema", "-o", "json", kind, item["name"], check=0).stdout)
    whole = json.loads(command("schema", "-o", "json", check=0).stdout)
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_explain(tmp_path):
    (tmp_path / "one.yaml").write_text(GOOD.replace("{debug: }", "{debug: {verbosity: basic}}"))
    (tmp_path / "two.yaml").write_text("exporters: {debug: {verbosity: normal}}\n")
    done = command(
        "explain", "--config", tmp_path / "one.yaml", "--config", tmp_path / "two.yaml", "exporters::debug::verbosity",
        check=0)
    assert "two.yaml:1:" in done.stdout and "one.yaml:2:" in done.stdout


@pytest.mark.parametrize("arguments", [
    ["--help"], ["run", "--help"], ["validate", "--help"], ["components", "--help"], ["print-config", "--help"],
    ["schema", "--help"], ["explain", "--help"], ["version", "--help"], ["help"]])
def test_help_teaches(arguments):
    assert len(command(*arguments, check=0).stdout.splitlines()) > 3


@pytest.mark.parametrize("arguments", [["version"], ["--version"]])
def test_version(arguments):
    assert re.search(r"\d+\.\d+\.\d+", command(*arguments, check=0).stdout)
