"""What people do on the page of a collector, and what may come between."""

import json

import pytest
import yaml
from browser import browser, chromium  # noqa: F401
from conftest import to_http
from process import eventually
from selenium.webdriver.common.keys import Keys
from sinks import Answer
from test_page_collector import page  # noqa: F401 (a fixture)


def test_who_logs_in_again_sees_each_view_once(browser, page):  # noqa: F811
    page = page()
    page.open(browser)
    for _ in range(2):
        browser.click("Log out")
        browser.wait_for("Log in")
        browser.fill("#token", page.token("configure"))
        browser.click("Log in")
        browser.wait_for("ready for data")
    browser.forget_requests()
    browser.go("/process")
    browser.wait_for("Program")
    browser.go("/drops")
    browser.wait_for("Nothing was dropped")
    assert browser.requests("/v1/operations") == 1


def test_what_somebody_else_applied_meanwhile_is_not_undone_unseen(browser, page):  # noqa: F811
    page = page()
    page.open(browser, place="/configuration")
    browser.wait_for("This is what runs.")
    document = yaml.safe_load(browser.editor)
    mine = {**document, "processors": {**document["processors"], "batch": {"timeout": "3s"}}}
    browser.editor = yaml.safe_dump(mine)
    browser.wait_for("Valid.")
    document["exporters"]["debug"] = {"verbosity": "detailed"}
    page.replace_configuration(document)
    browser.wait_for("your text was begun from the one before")
    browser.screenshot("collector-configuration-newer")
    browser.click("See the plan and apply…")
    browser.click("Apply", "dialog")
    eventually(lambda: browser.find("dialog .problem"), lambda: browser.text)
    browser.click("Cancel", "dialog")
    browser.click("Start over from what runs")
    browser.wait_for("This is what runs.")
    assert yaml.safe_load(browser.editor)["exporters"]["debug"] == {"verbosity": "detailed"}
    browser.editor = yaml.safe_dump({**document, "processors": mine["processors"]})
    browser.wait_for("Valid.")
    browser.click("See the plan and apply…")
    browser.click("Apply", "dialog")
    browser.wait_for("waits to be confirmed")
    assert not browser.find("main .problem"), browser.text


def test_a_template_is_put_where_it_belongs_or_says_why_not(browser, page):  # noqa: F811
    page = page()
    page.open(browser, place="/configuration")
    browser.wait_for("This is what runs.")
    document = {**yaml.safe_load(browser.editor), "extensions": {}}
    text = yaml.safe_dump(document)
    assert "extensions: {}\n" in text
    browser.editor = text
    browser.choose("select[aria-label='Insert a template']", "1")
    eventually(lambda: "file_storage" in browser.editor, lambda: browser.editor)
    added = yaml.safe_load(browser.editor)
    assert added.pop("extensions") == {"file_storage": {"directory": "/var/lib/apus/queue", "create_directory": True}}
    assert added == {key: value for key, value in document.items() if key != "extensions"}
    del document["exporters"]
    text = "exporters: {debug: {verbosity: basic}}  # of old\n" + yaml.safe_dump(document)
    browser.editor = text
    browser.choose("select[aria-label='Insert a template']", "0")
    browser.wait_for("“exporters” is written in braces")
    assert browser.editor == text


def test_a_level_of_the_log_is_shown_as_it_was_chosen(browser, page):  # noqa: F811
    page = page()
    page.open(browser, place="/process")
    for level in ("warning", "debug"):
        browser.choose("#level", level)
        browser.wait_for(f"The log level is {level}.")
        browser.go("/drops")
        browser.go("/process")
        assert browser.find("#level")[0].get_attribute("value") == level


def test_a_dead_letter_is_sent_again_and_what_comes_of_it_is_told(browser, page, http_sink, tmp_path):  # noqa: F811
    http_sink.answers = [Answer(400, "the reason"), Answer(400, "still no"), Answer(delay=3)]
    exporters = to_http(http_sink)
    for exporter in exporters.values():
        exporter.update({"on_permanent_error": "dead_letter", "sending_queue": {"storage": "file_storage"}})
    page = page(exporters=exporters, extensions={
        "file_storage": {"directory": str(tmp_path / "storage"), "create_directory": True}})
    page.open(browser, place="/dead-letters")
    browser.wait_for("No backend refused")
    page.send_span("lost")
    browser.wait_for("the reason")
    browser.click("Send again")
    browser.wait_for("The backend refused it again", "still no")
    # This takes so long that the answer is an operation.
    browser.click("Send again")
    browser.wait_for("The backend took it.", "No backend refused")
    http_sink.wait_for_requests(3)


def test_a_tap_that_breaks_off_says_so(browser, page):  # noqa: F811
    page = page()
    page.open(browser, place="/tap?pipeline=traces")
    browser.click("Look")
    browser.wait_for("Waiting for telemetry")
    page.apus.kill()
    browser.wait_for("Not looking any more", "the server does not answer")


def test_a_tap_that_the_collector_ends_says_why(browser, page):  # noqa: F811
    page = page()
    page.open(browser, place="/tap?pipeline=traces")
    end = json.dumps({"reason": "time", "shown_items": 0, "seen_items": 3, "skipped_items": 3})
    browser.answer("/v1/tap", 200, f"event: end\ndata: {end}\n\n", type="text/event-stream")
    browser.click("Look")
    browser.wait_for("Not looking any more", "Ten minutes are over", "3 items came too fast")


def test_who_logs_out_of_a_server_that_is_away_is_told_so(browser, page):  # noqa: F811
    page = page()
    page.open(browser)
    browser.wait_for("ready for data")
    page.apus.kill()
    browser.click("Log out")
    browser.wait_for("the server does not answer")
    assert browser.find("main.alone .problem") and not browser.find("#sections")


def test_a_dialog_stays_until_it_is_known_what_came_of_it(browser, page):  # noqa: F811
    page = page()
    page.open(browser, place="/process")
    browser.answer("/v1/drain", 500, json.dumps({"title": "It failed", "detail": "for a test"}))
    browser.hold("/v1/drain")
    browser.click("Drain…")
    browser.click("Drain", "dialog")
    browser.wait_for_held(1)
    for _ in range(2):
        browser.press(Keys.ESCAPE)
    assert browser.find("dialog"), browser.text
    browser.let_go(0)
    browser.wait_for("for a test")
    browser.press(Keys.ESCAPE)
    eventually(lambda: not browser.find("dialog"), lambda: browser.text)


def test_keys_are_completed_and_the_editor_is_left_with_the_keyboard(browser, page):  # noqa: F811
    page = page()
    page.open(browser, place="/configuration")
    browser.wait_for("This is what runs.")
    if not browser.find(".CodeMirror"):
        pytest.skip("CodeMirror is not installed")
    browser.editor = "receivers:\n  otlp:\n    pro"
    browser.run("const mirror = document.querySelector('.CodeMirror').CodeMirror; mirror.focus(); mirror.setCursor(2, 7);")
    browser.press(Keys.CONTROL, Keys.SPACE)
    eventually(lambda: browser.find(".CodeMirror-hints"), lambda: browser.text)
    assert "protocols" in browser.find(".CodeMirror-hints")[0].text
    browser.press(Keys.ENTER)
    eventually(lambda: browser.editor.endswith("    protocols:"), lambda: browser.editor)
    browser.wait_for("Esc leaves the editor")
    browser.press(Keys.ESCAPE)
    assert browser.run("return document.activeElement.closest('.CodeMirror') === null")


def test_an_extension_is_shown_and_only_what_is_new_is_asked_for(browser, page, tmp_path):  # noqa: F811
    page = page(extensions={"file_storage": {"directory": str(tmp_path / "storage"), "create_directory": True}})
    page.open(browser, place="/components/extension/file_storage")
    browser.wait_for("since the start")
    assert "Live telemetry" not in browser.find("main")[0].text
    browser.forget_requests()
    eventually(lambda: browser.requests("/v1/events") > 1, lambda: browser.text)
    assert browser.requests("/v1/events") == browser.requests("/v1/events", "after=")


def test_a_component_shows_what_it_writes_to_the_log(browser, page):  # noqa: F811
    page = page(exporters={"debug": {"verbosity": "detailed"}})
    page.open(browser, place="/components/exporter/debug")
    page.send_span("checkout of a basket", color="green", api_key="hunter2")
    eventually(lambda: browser.find("section[aria-label=Log] details"), lambda: browser.text)
    browser.tick("section[aria-label=Log] details > summary")
    browser.wait_for("checkout of a basket", "green")
    assert "hunter2" not in browser.text
    assert browser.accessibility() == []
    browser.screenshot("collector-component-log")
    browser.choose("select[aria-label='Least level']", "warning")
    browser.wait_for("It has written nothing of that level.")
    assert browser.driver.current_url.endswith("level=warning")
    browser.forget_requests()
    browser.choose("select[aria-label='Least level']", "")
    eventually(lambda: browser.find("section[aria-label=Log] details"), lambda: browser.text)
    eventually(lambda: browser.requests("/v1/log-records/exporter/debug", "after=") > 1, lambda: browser.text)


def test_who_may_only_look_sees_no_lines_of_the_log_and_no_controls(browser, page):  # noqa: F811
    page = page()
    page.open(browser, role="read", place="/components/exporter/debug")
    browser.wait_for("since the start")
    assert not browser.find("section[aria-label=Log]") and not browser.find("main .problem"), browser.text
    assert not browser.find("main select")
    browser.go("/process")
    browser.wait_for("Standard level debug")
    assert not browser.find("main select") and not browser.find("main button"), browser.text


@pytest.mark.parametrize("ids", [[2], [2, 7, 9], [8]])
def test_the_log_of_a_component_is_read_anew_when_the_collector_has_begun_again(browser, page, ids):  # noqa: F811
    page = page()
    page.open(browser, place="/")
    record = {"id": 7, "time": "2026-05-05T11:50:36Z", "level": "error", "message": "before", "fields": {}}
    later = {**record, "time": "2026-05-05T11:50:52Z", "message": "after"}
    kept = [{**later, "id": id} for id in ids]
    answers = [
        {"records": [record], "last": 7, "forgotten": 0}, {"records": [record], "last": 7, "forgotten": 0},
        {"records": [one for one in kept if one["id"] > 6], "last": ids[-1], "forgotten": 3},
        {"records": kept, "last": ids[-1], "forgotten": 3}]
    asked, shown = browser.run("""
        const { ComponentLog } = await import("/page/collector/log.js");
        const [answers, asked] = [given[0], []];
        window.fetch = async (address) => asked.push(new URL(address, location).searchParams.get("after")) && Response.json(answers.shift());
        const log = new ComponentLog("exporter", "debug", "error");
        for (let time = 0; time < 3; time += 1) await log.load();
        return [asked, log.element.textContent];""", answers)
    assert asked == [None, "6", "6", None]
    assert shown.count("after") == len(ids) and "before" not in shown and "Older lines are in the log of the process." in shown


@pytest.mark.parametrize("text, words", [
    ("exporters:\n  otlp_gr", {"otlp_grpc"}), ("exporters:\n  otlp_grpc/backup:\n    ", {"endpoint", "sending_queue", "retry_on_failure"}),
    ("exporters:\n  otlp_grpc:\n    endpoint: a:1\n    endp", set()), ("exporters:\n  otlp_grpc:\n    sending_queue:\n      queue", {"queue_size"}),
    ("exporters:\n  debug:\n    verbosity: ", {"basic", "detailed"}),
    ("receivers:\n  otlp/one:\nprocessors:\n  batch/slow:\nservice:\n  pipelines:\n    traces:\n      processors:\n        - ba", {"batch/slow"})])
def test_the_schema_says_what_can_be_written_at_a_place(browser, page, text, words):  # noqa: F811
    page = page()
    page.open(browser)
    found = browser.run("""
        const { completions } = await import("/page/ui/completion.js");
        const { get } = await import("/page/app/api.js");
        const lines = given[0].split("\\n");
        const found = completions(await get("/v1/schema"), lines, lines.length - 1, lines.at(-1).length);
        return (found?.words ?? []).map(({ text }) => text);""", text)
    assert words <= set(found) and (words or not found), found
