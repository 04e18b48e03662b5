"""The page of a fleet manager, in a real browser, with a real manager and agents that are ours."""

import json

import pytest
import yaml
from browser import browser, chromium  # noqa: F401
from conftest import configuration
from opamp_fleet import FleetManager
from process import Apus, eventually, free_port

GATE = json.dumps({"gate": {"min_healthy_time": "1s", "analysis": []}, "on_failure": "rollback_all"})
QUICK = {"stages": [{"name": "canary", "size": 1, "bake": "1s"}, {"name": "rest", "size": "100%", "bake": "1s"}]}
EXPORTER = {"debug/fleet": {"verbosity": "basic"}}
LAID_OVER = {"exporters": EXPORTER, "service": {"pipelines": {"traces": {"exporters": ["debug", "debug/fleet"]}}}}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """A manager with two agents."""
    directory = tmp_path_factory.mktemp("page")
    (directory / "fleet").mkdir()
    manager = FleetManager(directory / "fleet")
    agents = []
    try:
        for name in ("one", "two"):
            (directory / name).mkdir()
            ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
            server = {"endpoint": f"ws://127.0.0.1:{manager.port}/v1/opamp"}
            agents.append(Apus(configuration(
                ports, {"debug": {"verbosity": "basic"}}, signals=("traces",),
                extensions={"opamp": {
                    "server": {"ws": server}, "capabilities": {"accepts_remote_config": True}, "heartbeat_interval": "1s",
                    "labels": {"site": name, "env": "test"}}}), directory / name, ports))
        eventually(
            lambda: sum(agent["connected"] for agent in manager.call("GET", "/v1/agents")["agents"]) == 2,
            lambda: manager.log, 60)
        manager.call("POST", "/v1/configs/edge/revisions", {
            "body": yaml.safe_dump(LAID_OVER), "partial": True, "message": "the first"})
        manager.call("POST", "/v1/apply", {"source": "tests", "plans": [{"name": "quick", "spec": QUICK}]})
        yield manager
    finally:
        print(f"log of the manager:\n{manager.log[-20000:]}")
        for agent in agents:
            agent.kill()
        manager.kill()


@pytest.fixture
def page(browser, fleet):
    browser.open(f"http://127.0.0.1:{fleet.api_port}/#token={fleet.token}")
    browser.settle()
    return browser


def test_a_good_rollout_is_begun_watched_and_succeeds(page, fleet):
    page.go("/configs/edge")
    page.wait_for("the first")
    page.screenshot("fleet-configuration")
    page.click("Roll out…")
    page.wait_for("New rollout")
    page.choose("select[name=plan]", "quick")
    page.click("Gates, windows, approval and other keys")
    page.fill("textarea[name=further]", GATE)
    page.wait_for("2 agents", "canary")
    page.screenshot("fleet-rollout-preview")
    page.click("Begin")
    page.wait_for("canary", "rest")
    page.screenshot("fleet-rollout-runs")
    page.wait_for("succeeded", seconds=60)
    page.screenshot("fleet-rollout-succeeded")
    page.go("/agents")
    eventually(lambda: page.text.count("in sync") >= 2, lambda: page.text)


def test_a_bad_rollout_stops_and_says_why(page, fleet):
    page.go("/configs/edge/edit")
    page.wait_for("Valid")
    broken = yaml.safe_dump({
        **LAID_OVER, "receivers": {"otlp/taken": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{fleet.api_port}"}}}},
        "service": {"pipelines": {"traces": {"receivers": ["otlp", "otlp/taken"], "exporters": ["debug", "debug/fleet"]}}}})
    page.editor = broken
    page.wait_for("Valid")
    page.screenshot("fleet-configuration-editor")
    page.click("Keep as a new revision")
    page.wait_for("edge@2")
    page.click("Roll out…")
    page.choose("select[name=plan]", "quick")
    page.click("Gates, windows, approval and other keys")
    page.fill("textarea[name=further]", GATE)
    page.wait_for("canary")
    page.click("Begin")
    page.wait_for("rolled back", "address", seconds=90)
    page.screenshot("fleet-rollout-bad")


VIEWS = {
    "/": "Fleet", "/agents": "Agents", "/configs": "Configurations", "/configs/edge": "edge", "/configs/edge/1": "edge@1",
    "/configs/edge/edit": "New revision of edge", "/variants": "What really runs", "/rollouts": "Rollouts", "/rollouts/new": "New rollout",
    "/groups": "Groups", "/enrollment": "Enrollment", "/tokens": "Tokens", "/events": "Events", "/audit": "Audit",
}


def test_every_view_opens_without_errors_and_can_be_used_by_everybody(page, fleet):
    uid = fleet.call("GET", "/v1/agents")["agents"][0]["uid"]
    rollout = fleet.call("GET", "/v1/rollouts")["rollouts"][0]["id"]
    for place, title in {**VIEWS, f"/agents/{uid}": None, f"/rollouts/{rollout}": None}.items():
        page.go(place)
        if title:
            assert page.find("main h1")[0].text == title
        else:
            page.wait_for("What happened" if "rollouts" in place else "What it runs")
        if place in ("/", "/agents"):
            page.wait_for("connected" if place == "/" else "site=one")
        assert not page.find("main > div > .problem, main > .problem") or "rollouts" in place, page.text
        assert page.accessibility() == [], place
        page.screenshot(f"fleet-{(title or place.split('/')[1][:-1]).lower().replace(' ', '-').replace('@', '-')}")


def test_agents_are_searched_and_chosen_on_the_server(page, fleet):
    page.go("/agents")
    page.wait_for("site=one", "site=two")
    page.fill("input[name=selector]", "site=two")
    page.wait_until_gone("site=one")
    page.wait_for("site=two")
    assert "selector=site" in page.driver.current_url
    page.fill("input[name=selector]", "site in (")
    page.wait_for("selector")


def test_a_group_is_made_and_deleted(page, fleet):
    page.go("/groups")
    page.click("New…")
    page.fill("dialog input[name=name]", "second")
    page.fill("dialog input[name=selector]", "site=two")
    page.click("Save", "dialog")
    page.wait_for("second", "site=two")
    page.click("Delete…")
    page.click("Delete", "dialog")
    page.wait_for("There is none yet.")


def test_roles_decide_what_can_be_done(page, fleet):
    page.go("/tokens")
    page.click("New…")
    page.fill("dialog input[name=name]", "watcher")
    page.click("Make it", "dialog")
    page.wait_for("shown this once")
    token = page.find("dialog pre")[0].text
    page.click("Close", "dialog")
    page.click("Log out")
    page.wait_for("Log in")
    page.fill("#token", token)
    page.click("Log in")
    page.wait_for("Fleet")
    page.go("/groups")
    page.click("New…")
    page.fill("dialog input[name=name]", "mine")
    page.click("Save", "dialog")
    page.wait_for("viewer")
    assert fleet.call("GET", "/v1/groups")["groups"] == []


def test_phones(page):
    page.size(420, 860)
    for place in VIEWS:
        page.go(place)
        width, inner = page.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        assert width <= inner + 1, f"{place} is {width} wide on a window of {inner}"
