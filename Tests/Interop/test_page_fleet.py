"""The page of a fleet manager, in a real browser, with a real manager and agents that are ours."""

import json

import pytest
import yaml
from browser import browser, chromium  # noqa: F401
from conftest import configuration
from opamp_fleet import FleetManager
from process import Apus, eventually, free_port, get
from selenium.webdriver.common.keys import Keys

GATE = json.dumps({"gate": {"min_healthy_time": "1s", "analysis": []}, "on_failure": "rollback_all"})
QUICK = {"stages": [{"name": "canary", "size": 1, "bake": "1s"}, {"name": "rest", "size": "100%", "bake": "1s"}]}
#: A second stage that does not end by itself.
SLOW = {"stages": [{"name": "canary", "size": 1, "bake": "1s"}, {"name": "rest", "size": "100%", "bake": "30m"}]}


def laid_over(name="fleet"):
    """What a revision adds to the configuration of an agent."""
    return {
        "exporters": {f"debug/{name}": {"verbosity": "basic"}},
        "service": {"pipelines": {"traces": {"exporters": ["debug", f"debug/{name}"]}}}}


LAID_OVER = laid_over()


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
        manager.call("POST", "/v1/apply", {"source": "tests", "plans": [{"name": "quick", "spec": QUICK}, {"name": "slow", "spec": SLOW}]})
        manager.members = agents
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


def put_group(fleet, name, **keys):
    """As somebody else does it, whatever is there."""
    condition = "If-Match" if keys else "If-None-Match"
    fields = {"Authorization": f"Bearer {fleet.token}", "Content-Type": "application/json", condition: "*"}
    status, _, body = get(fleet.api_port, f"/v1/groups/{name}", "PUT", fields, json.dumps({"selector": "site=two", **keys}))
    assert status < 300, body


def roll_out(fleet, name, plan):
    """Begins a rollout of a configuration of its own; returns its id."""
    fleet.call("POST", f"/v1/configs/{name}/revisions", {"body": yaml.safe_dump(laid_over(name)), "partial": True})
    return fleet.call("POST", "/v1/rollouts", {"target": f"{name}@1", "plan": plan, **json.loads(GATE)})["id"]


def wait_for_rollout(fleet, rollout, condition):
    def seen():
        now = fleet.call("GET", f"/v1/rollouts/{rollout}")
        return now if condition(now) else None

    return eventually(seen, lambda: fleet.call("GET", f"/v1/rollouts/{rollout}"), 60)


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


def test_a_rollout_is_paused_resumed_and_aborted_in_a_later_stage(page, fleet):
    rollout = roll_out(fleet, "stopped", "slow")
    page.go(f"/rollouts/{rollout}")
    page.wait_for("running")
    wait_for_rollout(fleet, rollout, lambda now: now["stage"] == 1)
    for title, state in (("Pause…", "paused"), ("Resume…", "running"), ("Abort…", "aborted")):
        page.click(title)
        page.fill("dialog input[name=reason]", "for a test")
        page.click(title.removesuffix("…"), "dialog")
        wait_for_rollout(fleet, rollout, lambda now, state=state: now["state"] == state)
        page.wait_for(state)
        assert not page.find("dialog"), page.text


def test_a_rollout_is_promoted_in_a_later_stage(page, fleet):
    rollout = roll_out(fleet, "promoted", "slow")
    page.go(f"/rollouts/{rollout}")
    page.wait_for("running")
    # Both agents run it, so that nothing is left of the stage but its wait.
    wait_for_rollout(fleet, rollout, lambda now: now["stage"] == 1 and now["phases"] == {"healthy": 2})
    eventually(lambda: "1 of 1 agents" in page.text and "2 of 2" not in page.text, lambda: page.text)
    page.click("Promote…")
    page.tick("dialog input[name=all]")
    page.click("Promote", "dialog")
    page.wait_for("succeeded", seconds=60)


@pytest.fixture(scope="module")
def rollout(fleet):
    """One that has succeeded."""
    rollout = roll_out(fleet, "views", "quick")
    wait_for_rollout(fleet, rollout, lambda now: now["state"] == "succeeded")
    return rollout


#: Every view with its title, and with what stands there as soon as it has its data.
VIEWS = {
    "/": ("Fleet", "2 connected"), "/agents": ("Agents", "site=one"), "/configs": ("Configurations", "edge"),
    "/configs/edge": ("edge", "the first"), "/configs/edge/1": ("edge@1", "the first"),
    "/configs/edge/edit": ("New revision of edge", "Valid"), "/variants": ("What really runs", "views@1"),
    "/rollouts": ("Rollouts", "views@1"), "/rollouts/new": ("New rollout", "Choose a configuration."),
    "/groups": ("Groups", "There is none yet."), "/enrollment": ("Enrollment", "Nobody has asked."), "/tokens": ("Tokens", "admin"),
    "/events": ("Events", "live"), "/audit": ("Audit", "startRollout"),
}


def test_every_view_opens_without_errors_and_can_be_used_by_everybody(page, fleet, rollout):
    uid = fleet.call("GET", "/v1/agents")["agents"][0]["uid"]
    single = {f"/agents/{uid}": (None, "What it runs"), f"/rollouts/{rollout}": (None, "What happened")}
    for place, (title, data) in {**VIEWS, **single}.items():
        page.go(place)
        page.wait_for(data)
        assert title is None or page.find("main h1")[0].text == title
        assert not page.find("main .problem"), page.text
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


def test_a_search_that_was_left_does_not_change_the_address_of_the_next_view(page, fleet):
    page.go("/agents")
    page.wait_for("site=one")
    page.run("""
        const later = window.setTimeout;
        window.setTimeout = (work, milliseconds) => (milliseconds === 250 ? (window.search = work) : later(work, milliseconds));""")
    page.fill("input[name=search]", "nobody")
    page.go("/rollouts")
    page.run("search()")
    assert page.driver.current_url.endswith("#/rollouts")


def test_labels_are_edited_again_and_again(page, fleet):
    uid = fleet.call("GET", "/v1/agents?selector=site%3Done")["agents"][0]["uid"]
    page.go(f"/agents/{uid}")
    for text, labels in (("owner=shop\ntier=front", {"owner": "shop", "tier": "front"}), ("owner=web", {"owner": "web"}), ("", {})):
        page.click("Labels…")
        page.fill("dialog textarea", text or Keys.DELETE)
        page.click("Save", "dialog")
        eventually(lambda: not page.find("dialog"), lambda: page.text)
        assert fleet.call("GET", f"/v1/agents/{uid}")["own_labels"] == labels
    page.click("Labels…")
    page.fill("dialog textarea", "nonsense")
    page.click("Save", "dialog")
    page.wait_for("“nonsense” is not key=value")
    page.click("Cancel", "dialog")


def test_what_an_agent_runs_is_shown_although_it_could_not_be_had_at_first(page, fleet, rollout):
    uid = fleet.call("GET", "/v1/agents?selector=site%3Done")["agents"][0]["uid"]
    page.answer("/effective-config", 503, json.dumps({"title": "Not now", "detail": "for a test"}), times=1)
    page.go(f"/agents/{uid}")
    page.wait_for("for a test")
    page.wait_until_gone("for a test")
    eventually(lambda: page.find("pre[aria-label='Effective configuration']"), lambda: page.text)
    reports = fleet.call("GET", f"/v1/agents/{uid}/history")["reports"]
    assert len(reports) > 1 and reports[0]["revision"] == "views@1"
    shown = [item.text for item in page.find("main section.card ul.plain li")]
    assert "views@1" in shown[0] and len(shown) == len(reports), shown


def test_what_a_rollout_would_do_is_said_of_what_was_asked_last(page, fleet):
    page.go("/rollouts/new?target=edge@1")
    page.wait_for("2 agents would get edge@1")
    page.hold("dry_run")
    page.fill("input[name=selector]", "site=one")
    page.wait_for_held(1)
    page.fill("input[name=selector]", "site=none")
    page.wait_for_held(2)
    page.let_go(1)
    page.wait_for("0 agents would get edge@1")
    page.let_go(0)
    assert "0 agents would get edge@1" in page.text
    assert not [button for button in page.find("main button[type=submit]") if button.is_enabled()]


def test_a_rollout_that_needs_approval_says_that_it_asks_for_it(page, fleet):
    page.go("/rollouts/new?target=edge@1")
    page.wait_for("2 agents would get edge@1")
    page.click("Gates, windows, approval and other keys")
    page.fill("textarea[name=further]", json.dumps({"approval": True}))
    page.wait_for("A second person has to approve it.")
    page.click("Ask for approval")
    page.wait_for("The rollout waits for the approval of somebody else.", "awaiting approval")
    page.click("Abort…")
    page.click("Abort", "dialog")
    page.wait_for("aborted")


def test_a_configuration_is_judged_by_what_was_written_last(page, fleet):
    page.go("/configs/edge/edit")
    page.wait_for("Valid")
    page.hold(":validate")
    for number, text in ((1, "receivers: {otlp: {}}\nnonsense: 1\n"), (2, yaml.safe_dump(laid_over()))):
        page.editor = text
        page.wait_for_held(number)
    page.let_go(1)
    before = page.text
    assert "Checking…" not in before
    page.let_go(0)
    assert page.text == before


def test_revisions_that_cannot_be_compared_say_so(page, fleet):
    for name in ("before", "after"):
        fleet.call("POST", "/v1/configs/compared/revisions", {"body": yaml.safe_dump(laid_over(name)), "partial": True})
    page.go("/configs/compared")
    page.wait_for("compared@2")
    page.click("Compare")
    page.wait_for("debug/before")
    page.answer("/revisions/", 503, json.dumps({"title": "Not now", "detail": "for a test"}))
    page.click("Compare")
    page.wait_for("for a test")


def test_an_enrollment_token_is_valid_for_ever_when_no_time_is_given(page, fleet):
    page.go("/enrollment")
    for name, expires in (("a-day", "24h"), ("for-ever", Keys.DELETE)):
        page.click("New token…")
        page.fill("dialog input[name=name]", name)
        page.fill("dialog input[name=labels]", "env=prod, region=eu")
        page.fill("dialog input[name=expires]", expires)
        page.click("Make it", "dialog")
        page.wait_for("shown this once")
        page.click("Close", "dialog")
    tokens = {token["name"]: token for token in fleet.call("GET", "/v1/enrollment-tokens")["enrollment_tokens"]}
    assert "expires" in tokens["a-day"] and "expires" not in tokens["for-ever"]
    assert tokens["for-ever"]["labels"] == {"env": "prod", "region": "eu"}


def test_the_audit_log_is_downloaded_as_it_is_kept(page, fleet, tmp_path):
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.go("/audit")
    page.click("Download")
    file = tmp_path / "apus-fleet-audit.jsonl"
    eventually(file.exists, lambda: page.text)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) > 1 and file.read_text() == fleet.call_text("/v1/audit/export")[:file.stat().st_size]


def test_a_group_is_made_changed_and_deleted(page, fleet):
    page.go("/groups")
    page.click("New…")
    page.fill("dialog input[name=name]", "second")
    page.fill("dialog input[name=selector]", "site=two")
    page.click("Save", "dialog")
    page.wait_for("second", "site=two")
    # Somebody else changes it after the list was shown.
    put_group(fleet, "second", description="by another")
    page.click("Edit…")
    eventually(lambda: page.find("dialog input[name=description]"), lambda: page.text)
    assert page.find("dialog input[name=description]")[0].get_attribute("value") == "by another"
    page.fill("dialog input[name=selector]", "site=one")
    page.click("Save", "dialog")
    page.wait_for("site=one", "by another")
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
    eventually(lambda: page.find("dialog .problem"), lambda: page.text)
    assert "edit-groups" in page.find("dialog .problem")[0].text
    page.click("Cancel", "dialog")
    sections = page.find("#sections")[0].text
    assert "Groups" in sections and "Tokens" not in sections and "Audit" not in sections
    page.go("/enrollment")
    page.wait_for("Nobody has asked.")
    assert not page.find("main .problem"), page.text
    page.go("/audit")
    page.wait_for("The permissions do not allow it")
    assert fleet.call("GET", "/v1/groups")["groups"] == []


def test_phones(page, rollout):
    page.size(420, 860)
    for place, (_, data) in VIEWS.items():
        page.go(place)
        page.wait_for(data)
        assert page.overflow() <= 1, place


def test_events_go_on_when_the_manager_begins_again(page, fleet):
    page.go("/events")
    page.wait_for("live")
    fleet.stop()
    page.wait_for("connecting…")
    fleet.start()
    put_group(fleet, "afterwards")
    page.wait_for("live", "has made the group")
