"""Dead letters of a collector that runs: looked at, sent again and discarded through the admin API."""

import json
from urllib.parse import quote

import otlp
from clients import export
from conftest import to_http
from process import eventually
from sinks import Answer
from test_admin import admin  # noqa: F401 (a fixture)


def test_letters_are_replayed_and_discarded_while_it_runs(admin, http_sink, tmp_path):  # noqa: F811
    http_sink.answers = [Answer(400, "the reason"), Answer(400, "the reason"), Answer(400, "still")]
    exporters = to_http(http_sink)
    for exporter in exporters.values():
        exporter.update({"on_permanent_error": "dead_letter", "sending_queue": {"storage": "file_storage"}})
    api = admin(exporters=exporters, extensions={
        "file_storage": {"directory": str(tmp_path / "storage"), "create_directory": True}})
    export(api.apus.grpc, "logs", otlp.sample("logs", 5))
    eventually(lambda: len(letters(api)) == 1, "a letter")
    export(api.apus.grpc, "logs", otlp.sample("logs", 3))
    eventually(lambda: len(letters(api)) == 2, "another letter")
    first, second = letters(api)
    assert first["items"] == 5 and "the reason" in first["reason"] and first["exporter"] == "otlp_http"
    assert api.get(place(first)) == first

    assert replay(api, first)["outcome"] == "refused"
    assert len(letters(api)) == 2
    done = replay(api, first)
    assert done["outcome"] == "delivered" and done["items"] == 5
    # The disk knows within milliseconds.
    eventually(lambda: letters(api) == [second], "one letter less")
    assert api.curl(place(second) + "?dry_run=true", "-X", "DELETE")[0] == 200
    assert letters(api) == [second]
    assert api.curl(place(second), "-X", "DELETE")[0] == 200
    eventually(lambda: letters(api) == [], "no letters")
    assert api.curl(place(second), "-X", "DELETE")[0] == 404


def letters(api):
    return api.get("/v1/dead-letters")["dead_letters"]


def place(letter):
    return "/v1/dead-letters/" + quote(letter["id"], safe="")


def replay(api, letter):
    status, body = api.curl(place(letter) + ":replay", "-X", "POST")
    assert status == 200, body
    return json.loads(body)
