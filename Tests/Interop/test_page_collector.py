"""The page of a collector, in a real browser and against a real process."""

import http.client
import json
import re
import threading
import urllib.parse

import pytest
import yaml
from browser import browser, chromium  # noqa: F401
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from process import command, eventually, free_port, get


class Page:
    def __init__(self, apus, port, environment):
        self.apus, self.port, self.environment = apus, port, environment
        self.url = f"http://127.0.0.1:{port}/"

    def token(self, role):
        return command("token", "create", "--role", role, env=self.environment, check=0).stdout.strip()

    def open(self, browser, role="configure", place="/"):
        browser.open(f"{self.url}#token={self.token(role)}")
        browser.settle()
        if place != "/":
            browser.go(place)

    def replace_configuration(self, document):
        """As somebody else does it, who does not look at what is shown."""
        fields = {"Authorization": f"Bearer {self.token('configure')}", "If-Match": "*", "Content-Type": "application/yaml"}
        status, _, body = get(self.port, "/v1/config", "PUT", fields, yaml.safe_dump(document))
        assert status == 200, body

    def send_span(self, name, **attributes):
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{self.apus.ports['http']}/v1/traces")
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        with provider.get_tracer("test").start_as_current_span(name) as span:
            span.set_attributes(attributes)
        provider.shutdown()


@pytest.fixture
def page(start, tmp_path):
    def page(exporters=None, **options):
        state, port = tmp_path / "state", free_port()
        environment = {"STATE_DIRECTORY": str(state)}
        apus = start(
            exporters or {"debug": {}}, env=environment, arguments=("--admin", f"127.0.0.1:{port}"),
            processors={"memory_limiter": {"check_interval": "1s", "limit_mib": 512}, "batch": {}}, **options)
        return Page(apus, port, environment)
    return page


#: Every view with its title, and with what stands there as soon as it has its data.
VIEWS = {
    "/": ("Pipelines", "ready for data"), "/components": ("Components", "memory_limiter"),
    "/components/exporter/debug": ("debug", "since the start"), "/configuration": ("Configuration", "This is what runs."),
    "/configuration/revisions": ("Revisions", "confirmed"), "/tap": ("Live telemetry", "Look"),
    "/drops": ("Drops", "Nothing was dropped"), "/dead-letters": ("Dead letters", "No backend refused"),
    "/events": ("Events", "live"), "/process": ("Process", "Program"),
}


def test_every_view_opens_without_errors_and_can_be_used_by_everybody(browser, page):
    page = page()
    page.open(browser)
    page.send_span("checkout")
    for place, (title, data) in VIEWS.items():
        browser.go(place)
        browser.wait_for(data)
        assert browser.find("main h1")[0].text == title
        assert not browser.find(".problem"), browser.text
        assert browser.accessibility() == [], place
        browser.screenshot(f"collector-{title.lower().replace(' ', '-')}")


def test_the_graph_shows_what_flows(browser, page):
    page = page()
    page.open(browser)
    over = threading.Event()

    def send():
        while not over.is_set():
            page.send_span("checkout")

    sender = threading.Thread(target=send)
    sender.start()
    try:
        eventually(
            lambda: len(browser.find("section[aria-label='Pipeline traces'] .edge.flows")) == 3, lambda: browser.text)
        eventually(lambda: "1 delivered" not in browser.text and re.search(r"\d\d delivered", browser.text), lambda: browser.text)
        browser.screenshot("collector-flow")
    finally:
        over.set()
        sender.join()


def test_phones_and_the_dark(browser, page):
    page = page()
    page.open(browser)
    browser.size(420, 860)
    for place, (_, data) in VIEWS.items():
        browser.go(place)
        browser.wait_for(data)
        assert browser.overflow() <= 1, place
    browser.go("/")
    browser.wait_for("debug")
    browser.screenshot("collector-phone")
    browser.size(1360, 900)
    browser.tick("button[aria-label='Light or dark']")
    browser.wait_for("debug")
    assert browser.accessibility() == []
    browser.screenshot("collector-dark")


def test_without_a_token_there_is_a_form_and_nothing_else(browser, page):
    page = page()
    browser.open(page.url)
    browser.wait_for("Log in")
    assert browser.accessibility() == []
    browser.screenshot("collector-login")
    browser.fill("#token", "apus_no_token")
    browser.click("Log in")
    browser.wait_for("This token is not valid")
    browser.fill("#token", page.token("read"))
    browser.click("Log in")
    browser.wait_for("Pipelines", "debug")
    assert page.url == browser.driver.current_url.split("#")[0]
    browser.click("Log out")
    browser.wait_for("Log in")


def test_a_token_in_the_address_stays_neither_there_nor_in_the_history(browser, page):
    page = page()
    token = page.token("read")
    browser.open(f"{page.url}#token={token}")
    browser.settle()
    assert token not in browser.driver.current_url
    assert token not in browser.driver.execute_script("return document.documentElement.outerHTML")
    # The address with the token is no entry of the history: before this page is the one from which it was opened.
    browser.driver.back()
    assert browser.driver.current_url == "about:blank"
    browser.driver.forward()
    browser.settle()
    assert browser.driver.current_url == page.url


def test_the_policy_lets_no_other_script_run(browser, page):
    page = page()
    page.open(browser)
    ran = browser.driver.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.ran = true';"
        "document.body.append(script); return window.ran === true")
    assert not ran
    browser.console()


def test_the_first_page_is_small(page):
    page = page()
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=20)
    sizes, wanted = {}, ["/", "/page/collector/sections.js", "/page/collector/pipelines.js"]
    for path in wanted:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, path
        sizes[path] = len(text)
        # What is loaded with it: parts of the document, and modules that it imports at once.
        for found in re.findall(r'(?:href|src|from)[= ]"([^"#]+)"', text.decode()):
            other = urllib.parse.urljoin(path, found)
            if other.startswith("/page/") and other not in wanted:
                wanted.append(other)
    assert "/page/ui/flow.js" in sizes and "/page/style/flow.css" in sizes
    assert sum(sizes.values()) < 150_000, sizes


def test_a_mistake_is_shown_at_its_line_and_the_mended_change_is_applied_and_confirmed(browser, page):
    page = page()
    page.open(browser, place="/configuration")
    browser.wait_for("This is what runs.")
    document = yaml.safe_load(browser.editor)
    document["processors"]["batch"] = {"send_batch_sise": 100}
    broken = yaml.safe_dump(document)
    browser.editor = broken
    line = broken.split("\n").index("    send_batch_sise: 100") + 1
    browser.wait_for(f"{line}:5", "send_batch_size")
    browser.screenshot("collector-mistake")
    browser.editor = broken.replace("sise", "size")
    browser.wait_for("Valid.")
    browser.click("See the plan and apply…")
    browser.wait_for("replaced", "batch")
    browser.screenshot("collector-plan")
    browser.fill("dialog input[name=reason]", "smaller batches")
    browser.click("Apply", "dialog")
    browser.wait_for("waits to be confirmed")
    browser.screenshot("collector-confirm")
    browser.click("Confirm")
    browser.wait_until_gone("waits to be confirmed")
    browser.go("/configuration/revisions")
    browser.wait_for("smaller batches", "confirmed")
    browser.go("/components/processor/batch")
    browser.wait_for("send_batch_size: 100")


def test_an_applied_change_is_taken_back_by_hand(browser, page):
    page = page()
    page.open(browser, place="/configuration")
    browser.wait_for("This is what runs.")
    document = yaml.safe_load(browser.editor)
    document["exporters"]["debug"] = {"verbosity": "detailed"}
    browser.editor = yaml.safe_dump(document)
    browser.wait_for("Valid.")
    browser.click("See the plan and apply…")
    browser.click("Apply", "dialog")
    browser.wait_for("waits to be confirmed")
    browser.click("Take back")
    browser.wait_until_gone("waits to be confirmed")
    browser.go("/components/exporter/debug")
    browser.wait_for("debug")
    assert "verbosity: detailed" not in browser.text


def test_the_tap_shows_a_span_that_is_sent(browser, page):
    page = page()
    page.open(browser, place="/tap?pipeline=traces")
    browser.click("Look")
    browser.wait_for("Waiting for telemetry")
    eventually(lambda: page.send_span("checkout of a basket", color="green") or "checkout of a basket" in browser.text, lambda: browser.text)
    browser.wait_for("shop")
    browser.tick("details.item > summary")
    browser.wait_for("green")
    browser.screenshot("collector-tap")
    browser.click("Stop")
    browser.wait_for("Not looking any more")
    assert not browser.find(".problem"), browser.text


def test_what_an_exporter_could_not_deliver_is_shown_with_the_reason(browser, page, http_sink):
    page = page(exporters={"otlp_http": {"endpoint": f"http://127.0.0.1:{free_port()}", "retry_on_failure": {"enabled": False}}})
    page.open(browser, place="/drops")
    browser.wait_for("Nothing was dropped")
    page.send_span("lost")
    browser.wait_for("otlp_http", "failed")
    browser.screenshot("collector-drops-some")


def test_who_may_only_look_is_told_so(browser, page):
    page = page()
    page.open(browser, role="read", place="/configuration")
    browser.wait_for("This is what runs.")
    document = yaml.safe_load(browser.editor)
    document["exporters"]["debug"] = {"verbosity": "basic"}
    browser.editor = yaml.safe_dump(document)
    browser.wait_for("Valid.")
    browser.click("See the plan and apply…")
    browser.click("Apply", "dialog")
    browser.wait_for("The role does not allow it")
    browser.click("Cancel", "dialog")
    sections = browser.find("#sections")[0].text
    assert "Events" in sections and "Drops" not in sections and "Live telemetry" not in sections
    browser.go("/drops")
    browser.wait_for("The role does not allow it")
    browser.go("/components/extension/none")
    browser.wait_for("no extension 'none' runs")


def test_a_token_that_is_revoked_ends_the_page(browser, page):
    page = page()
    page.open(browser, role="read")
    browser.wait_for("debug")
    for token in json.loads(command("token", "list", "--json", env=page.environment, check=0).stdout):
        command("token", "revoke", token["id"], env=page.environment, check=0)
    browser.wait_for("Log in")
