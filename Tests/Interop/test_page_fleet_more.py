"""Further views of the page of a fleet manager: packages, plans, webhooks, new configurations, the graph of an agent."""

import json

import clients
import otlp
import pytest
import yaml
from browser import browser, chromium  # noqa: F401
from process import eventually
from test_fleet_api import manager  # noqa: F401 (a fixture)
from test_fleet_packages import site  # noqa: F401 (a fixture)
from test_fleet_webhooks import receive  # noqa: F401 (a fixture)
from test_page_fleet import fleet  # noqa: F401 (a fixture)


def opened(browser, port, token, place):  # noqa: F811
    browser.open(f"http://127.0.0.1:{port}/#token={token}")
    browser.settle()
    browser.go(place)
    return browser


def test_packages_are_shown_with_what_agents_have_and_rolled_out(browser, site):  # noqa: F811
    site = site()
    agent = site.agent()
    page = opened(browser, site.manager.api_port, site.manager.token, "/packages")
    page.wait_for("There is none yet", "The manager has no files.")
    site.add("1.0", "-m", "the first")
    page.wait_for("agents", "agent 1.0", "whole", "of the manager")
    assert page.accessibility() == []
    page.screenshot("fleet-packages")
    page.click("agents", "main")
    page.wait_for("packages/agents@1", "the first")
    page.tick("main details > summary")
    page.wait_for("os.type=linux,host.arch=amd64", "from the manager")
    assert page.accessibility() == []
    page.screenshot("fleet-package-set")
    page.click("Roll out…")
    page.wait_for("1 agents", "packages/agents@1")
    page.click("Gates, windows, approval and other keys")
    page.fill("textarea[name=further]", json.dumps({"gate": {"min_healthy_time": "1s", "analysis": []}, "plan": [{"size": "100%", "bake": "1s"}]}))
    page.click("Begin")
    page.wait_for("succeeded", seconds=60)
    page.go(f"/agents/{agent.text}")
    page.wait_for("Packages", "installed", "1.0", "packages/agents@1", "applied")
    assert page.accessibility() == []
    page.screenshot("fleet-agent-packages")
    page.size(420, 860)
    for place, text in (("/packages", "agent 1.0"), ("/packages/agents", "the first"), (f"/agents/{agent.text}", "installed")):
        page.go(place)
        page.wait_for(text)
        assert page.overflow() <= 1, place


def test_who_looks_can_change_neither_packages_nor_plans_and_sees_no_webhooks(browser, site):  # noqa: F811
    site = site()
    site.add("1.0")
    manager = site.manager  # noqa: F811
    manager.call("POST", "/v1/apply", {"source": "tests", "plans": [{"name": "quick", "spec": {"stages": [{"size": 1}]}}]})
    token = manager.call("POST", "/v1/tokens", {"name": "watcher", "roles": ["viewer"]})["token"]
    page = opened(browser, manager.api_port, token, "/packages")
    page.wait_for("agent 1.0")
    assert not page.find("main table button") and not page.find("main table a.button")
    page.go("/plans")
    page.wait_for("quick")
    assert not page.find("main button:not([disabled])")
    assert "Webhooks" not in page.find("#sections")[0].text
    page.go("/webhooks")
    page.wait_for("The permissions do not allow it")


def test_a_plan_is_made_changed_and_deleted(browser, manager):  # noqa: F811
    api = manager()
    page = opened(browser, api.port, api.token, "/plans")
    page.wait_for("There is none yet")
    page.click("New…")
    page.fill("dialog input[name=name]", "careful")
    page.fill("dialog input[name=summary]", "by hand")
    page.click("Save", "dialog")
    page.wait_for("careful", "canary: 1, bake 5m", "all: 100%, bake 15m")
    assert page.accessibility() == []
    page.screenshot("fleet-plans")
    page.click("Edit…")
    page.fill("dialog textarea", '[{"size": "none of this"}]')
    page.click("Save", "dialog")
    eventually(lambda: page.find("dialog .problem"), lambda: page.text)
    page.fill("dialog textarea", '[{"name": "half", "size": "50%"}, {"size": "100%", "bake": "1m"}]')
    page.click("Save", "dialog")
    page.wait_for("half: 50%", "100%, bake 1m", "by hand")
    assert [stage["size"] for stage in api.json("GET", "/v1/plans/careful")["stages"]] == ["50%", "100%"]
    page.click("Delete…")
    page.click("Delete", "dialog")
    page.wait_for("There is none yet")


def test_a_webhook_is_made_tested_changed_and_deleted(browser, manager, receive):  # noqa: F811
    api, receiver = manager(webhooks={"allow_loopback": True}), receive(204)
    page = opened(browser, api.port, api.token, "/webhooks")
    page.wait_for("There is none yet")
    page.click("New…")
    page.fill("dialog input[name=name]", "ops")
    page.fill("dialog input[name=url]", receiver.url)
    page.fill("dialog input[name=kinds]", "group.*, webhook.failing")
    page.click("Save", "dialog")
    page.wait_for("shown this once")
    secret = page.find("dialog pre")[0].text
    page.click("Close", "dialog")
    page.wait_for("ops", "group.*, webhook.failing")
    assert secret not in page.text and page.accessibility() == []
    page.screenshot("fleet-webhooks")
    page.click("ops", "main")
    page.click("Send a test")
    page.wait_for("The receiver took it (204).", "delivered")
    assert [event["kind"] for event in receiver.events()] == ["webhook.test"]
    api.json("PUT", "/v1/groups/edge", {"selector": "env=prod"}, status=201, if_none_match="*")
    eventually(lambda: receiver.events("group.changed"), lambda: receiver.events())
    eventually(lambda: len(page.find("section[aria-label=Deliveries] tbody tr")) == 2, lambda: page.text)
    assert page.accessibility() == []
    page.screenshot("fleet-webhook")
    page.click("Edit…")
    page.tick("dialog input[name=enabled]")
    page.click("Save", "dialog")
    eventually(lambda: not page.find("dialog"), lambda: page.text)
    assert api.json("GET", "/v1/webhooks/ops")["enabled"] is False
    assert api.json("GET", "/v1/webhooks/ops")["kinds"] == ["group.*", "webhook.failing"]
    receiver.answers[:] = [500]
    page.click("Send a test")
    page.wait_for("It has not arrived")
    page.click("Delete…")
    page.click("Delete", "dialog")
    page.wait_for("There is none yet")


def test_a_new_configuration_begins_with_a_text_that_is_valid(browser, manager):  # noqa: F811
    api = manager()
    page = opened(browser, api.port, api.token, "/configs")
    page.click("New…")
    page.fill("dialog input[name=name]", "edge")
    page.click("Write it", "dialog")
    page.wait_for("New configuration edge", "Valid.")
    assert "Not valid" not in page.text and page.accessibility() == []
    page.screenshot("fleet-configuration-new")
    page.click("Keep as a new revision")
    page.wait_for("edge@1")
    made = api.json("GET", "/v1/configs/edge/revisions/1")
    assert made["variables"]["backend"]["default"] == "backend.example:4317"
    page.go("/configs/edge/edit")
    page.wait_for("New revision of edge", "Valid")


def test_an_agent_shows_the_graph_of_what_it_runs_with_health_and_rates(browser, fleet):  # noqa: F811
    uid = fleet.call("GET", "/v1/agents?selector=site%3Done")["agents"][0]["uid"]
    page = opened(browser, fleet.api_port, fleet.token, f"/agents/{uid}")
    lane = "section[aria-label=Graph] section[aria-label='Pipeline traces']"
    eventually(lambda: page.find(f"{lane} .node"), lambda: page.text)
    runs = yaml.safe_load(fleet.call("GET", f"/v1/agents/{uid}/effective-config")["files"][0]["body"])
    traces = runs["service"]["pipelines"]["traces"]
    assert [node.text.split()[1] for node in page.find(f"{lane} .node")] == [
        *traces["receivers"], *traces.get("processors", []), *traces["exporters"]]
    eventually(lambda: len(page.find(f"{lane} .dot.good")) == len(page.find(f"{lane} .node")), lambda: page.text)

    def flows():
        clients.export(f"127.0.0.1:{fleet.members[0].ports['grpc']}", "traces", otlp.sample("traces", 5))
        return page.find(f"{lane} .edge.flows")

    # Something has to flow for two heartbeats.
    eventually(flows, lambda: page.text)
    assert "/s accepted" in page.find(lane)[0].text
    known = fleet.call("GET", f"/v1/agents/{uid}")["pipeline_rates"]
    assert [one["id"] for one in known] == ["traces"]
    assert page.accessibility() == []
    page.screenshot("fleet-agent-graph")
    page.size(420, 860)
    assert page.overflow() <= 1


@pytest.mark.parametrize("processors, rates, shown", [
    (["batch"], {"accepted": 12, "delivered": 24, "dropped": 2, "queued": 3}, ["12/s", "24/s", "2/s failed", "3 queued"]),
    ([], {"accepted": 5, "delivered": 5, "refused": 1}, ["5/s", "1/s failed"])])
def test_a_graph_shows_each_pipeline_of_several_with_its_own_rates(browser, fleet, processors, rates, shown):  # noqa: F811
    opened(browser, fleet.api_port, fleet.token, "/groups")
    first, second, kinds = browser.run("""
        const [processors, rates] = given;
        const { AgentGraph } = await import("/page/fleet/agent-graph.js");
        const graph = new AgentGraph();
        const pipelines = [
          { id: "traces", receivers: ["otlp"], processors, exporters: ["spanmetrics"] },
          { id: "metrics", receivers: ["spanmetrics"], processors: [], exporters: ["otlp"] }];
        const unwell = { healthy: false, status: "StatusRecoverableError", error: "no backend" };
        graph.update(pipelines, { pipeline_rates: [{ id: "traces", ...rates }], health: { components: {
          "pipeline:traces": { components: { "receiver:otlp": { healthy: true }, "connector:spanmetrics": { healthy: true, status: "StatusOK" } } },
          "pipeline:metrics": { components: { "exporter:otlp": unwell } } } } });
        const [first, second] = graph.element.querySelectorAll(".lane");
        return [first.textContent, [...second.querySelectorAll(".dot.warn")].length + second.textContent, [...graph.element.querySelectorAll(".kind")].map((one) => one.textContent)];""",
        processors, rates)
    assert all(text in first for text in shown), first
    assert second.startswith("1") and "/s" not in second
    assert kinds == ["receiver", *(["processor"] * len(processors)), "connector", "connector", "exporter"]
