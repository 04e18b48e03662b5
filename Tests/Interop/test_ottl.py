"""`apus ottl check` and `apus ottl eval`: the transformation language from a terminal."""

import json
import subprocess

from process import program

TRACES = {
    "resourceSpans": [
        {
            "resource": {"attributes": [{"key": "host", "value": {"stringValue": "h1"}}]},
            "scopeSpans": [
                {
                    "spans": [
                        {"name": "a", "kind": 2, "attributes": [{"key": "k", "value": {"intValue": "1"}}]},
                        {"name": "b", "kind": 3},
                    ]
                }
            ],
        }
    ]
}


def ottl(*arguments, text=""):
    return subprocess.run(
        [str(program()), "ottl", *arguments], input=text, capture_output=True, text=True, timeout=60
    )


def test_a_right_statement_is_confirmed_with_its_context():
    result = ottl("check", 'set(span.name, "x") where span.kind == SPAN_KIND_SERVER')
    assert result.returncode == 0, result.stderr
    assert "context: span" in result.stdout


def test_a_mistake_is_marked_at_its_column():
    result = ottl("check", 'set(span.nam, "x")')
    assert result.returncode == 2
    lines = result.stdout.splitlines()
    assert lines[0] == 'wrong: set(span.nam, "x")'
    assert lines[1].index("^") == len("wrong: set(span.")
    assert "did you mean 'name'?" in lines[1]


def test_mistakes_can_be_had_as_json():
    result = ottl("check", "--json", "--context", "span", "set(nam, 1)", 'set(name, "x")')
    assert result.returncode == 2
    first, second = json.loads(result.stdout)["statements"]
    assert (first["right"], first["error"]["column"], first["error"]["suggestion"]) == (False, 5, "name")
    assert second["right"] is True


def test_a_statement_without_context_says_what_is_missing():
    result = ottl("check", 'set(name, "x")')
    assert result.returncode == 2
    assert "--context" in result.stderr


def test_statements_show_what_they_did(tmp_path):
    file = tmp_path / "traces.json"
    file.write_text(json.dumps(TRACES))
    result = ottl("eval", "--input", str(file), 'set(span.name, "x") where span.kind == 2')
    assert result.returncode == 0, result.stderr
    assert "context: span" in result.stdout
    assert "held for 1 of 2, changed 1" in result.stdout
    changed = [line.split(None, 1) for line in result.stdout.splitlines() if line and line[0] in "+-"]
    assert [(sign, text.rstrip(",")) for sign, text in changed] == [("-", '"name": "a"'), ("+", '"name": "x"')]


def test_errors_are_told_and_the_rest_still_runs():
    result = ottl(
        "eval", "--json", "--input", "-", "--context", "span", 'set(name, attributes["k"])', 'set(name, "x")',
        text=json.dumps(TRACES),
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    first, second = report["statements"]
    assert first["failed"] == 1 and first["failures"][0]["message"] == "expected string but got int"
    assert (second["ran"], second["held"], second["changed"]) == (2, 2, 2)
    assert report["before"] != report["after"]
    names = [span["name"] for span in report["after"]["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    assert names == ["x", "x"]


def test_conditions_change_nothing():
    result = ottl("eval", "--input", "-", "--condition", 'span.kind == 3 and resource.attributes["host"] != nil',
                  text=json.dumps(TRACES))
    assert result.returncode == 0, result.stderr
    assert "held for 1 of 2" in result.stdout


def test_telemetry_of_another_signal_is_refused():
    result = ottl("eval", "--input", "-", "set(log.body, 1)", text=json.dumps(TRACES))
    assert result.returncode == 2
    assert "traces have no log" in result.stderr
