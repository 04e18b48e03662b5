"""What the page shows and offers of rollouts: promises to agents that come later, and who may say something."""

import json

from browser import browser, chromium  # noqa: F401
from process import eventually
from test_page_fleet import fleet, page, roll_out, rollout, wait_for_rollout  # noqa: F401 (fixtures)

CARD = "section[aria-label='Agents that come later']"


def buttons(page, within):  # noqa: F811
    return [button.text for button in page.find(f"{within} button") if button.is_displayed()]


def in_the_dark_and_on_a_phone(page, name):  # noqa: F811
    """Looks at the view in other lights and sizes."""
    page.screenshot(name)
    page.tick("button[aria-label='Light or dark']")
    assert page.accessibility() == []
    page.screenshot(f"{name}-dark")
    page.tick("button[aria-label='Light or dark']")
    page.size(420, 860)
    assert page.overflow() <= 1
    page.screenshot(f"{name}-phone")
    page.size(1360, 900)


def test_what_a_rollout_promises_is_shown_until_somebody_ends_it(page, fleet):  # noqa: F811
    id = roll_out(fleet, "promise", "quick")
    page.go(f"/rollouts/{id}")
    eventually(lambda: page.find(CARD), lambda: page.text, 60)
    page.wait_for("succeeded", "Agents that the selector chooses from now on get promise@1.")
    assert page.accessibility() == []
    assert buttons(page, CARD) == ["Abort…"] and buttons(page, "main .heading") == []
    in_the_dark_and_on_a_phone(page, "fleet-rollout-standing")
    page.go("/rollouts")
    page.wait_for("later agents get it")
    in_the_dark_and_on_a_phone(page, "fleet-rollouts-standing")
    page.go("/")
    page.wait_for("later agents get it")
    page.go(f"/rollouts/{id}")
    page.click("Abort…", CARD)
    page.wait_for("those that have it keep it")
    page.fill("dialog input[name=reason]", "the site is full")
    page.click("Abort", "dialog")
    page.wait_for("ended", "the site is full", "do not get promise@1 because of this rollout")
    assert buttons(page, CARD) == []
    assert fleet.call("GET", f"/v1/rollouts/{id}")["standing"]["state"] == "ended"
    page.go("/rollouts")
    page.wait_for("promise@1")
    page.wait_until_gone("later agents")


def test_a_promise_that_has_stopped_is_resumed_as_it_was_seen(page, fleet, rollout):  # noqa: F811
    path = f"/v1/rollouts/{rollout}"
    now = fleet.call("GET", path)
    reason = "3 agents in a row failed, the last: 0197-… could not run it"
    now["standing"] = {**now["standing"], "state": "stopped", "reason": reason, "since": now["created"], "failed": 3}
    page.run("""
        const [path, body] = given;
        const before = window.fetch;
        window.told = [];
        window.fetch = async (address, options) => {
          if (String(address).startsWith("/v1/rollouts?")) return Response.json({ rollouts: [body] });
          if (!String(address).startsWith(path)) return before(address, options);
          if (options.method === "POST") told.push([String(address), options.headers["if-match"] ?? null]);
          return Response.json(body, { headers: { etag: '"5.2"' } });
        };""", path, now)
    page.go("/rollouts")
    page.wait_for("later agents do not get it any more")
    page.go(f"/rollouts/{rollout}")
    page.wait_for("stopped", reason)
    assert buttons(page, CARD) == ["Resume…", "Abort…"]
    assert page.accessibility() == []
    in_the_dark_and_on_a_phone(page, "fleet-rollout-stopped")
    for title in ("Resume", "Abort"):
        page.click(f"{title}…", CARD)
        page.click(title, "dialog")
        eventually(lambda: not page.find("dialog"), lambda: page.text)
    # Ending it is meant for whatever it has come to by now.
    assert page.run("return told") == [[f"{path}:resume", '"5.2"'], [f"{path}:abort", None]]


def test_who_only_looks_is_offered_no_commands(page, fleet, rollout):  # noqa: F811
    running = roll_out(fleet, "watched", "slow")
    wait_for_rollout(fleet, running, lambda now: now["state"] == "running")
    for name, roles in (("viewer", ["viewer"]), ("approver", ["approver"])):
        token = fleet.call("POST", "/v1/tokens", {"name": f"page-{name}", "roles": roles})["token"]
        page.open(f"http://127.0.0.1:{fleet.api_port}/?{name}#token={token}")
        page.settle()
        page.wait_for("Rollouts")
        assert "New rollout" not in page.text
        for place, text in (
                ("/rollouts", "watched@1"), (f"/rollouts/{rollout}", "Agents that come later"), (f"/rollouts/{running}", "running"),
                ("/configs/views", "views@1"), ("/configs/views/1", "views@1")):
            page.go(place)
            page.wait_for(text)
            assert not [one for one in buttons(page, "main") if one.endswith("…")], place
            assert "New rollout" not in page.text and "Roll out…" not in page.text, place
        waiting = json.dumps({**fleet.call("GET", f"/v1/rollouts/{running}"), "state": "awaiting_approval"})
        page.answer(f"/v1/rollouts/{running}", 200, waiting)
        page.go("/rollouts")
        page.go(f"/rollouts/{running}")
        page.wait_for("awaiting approval")
        assert buttons(page, "main .heading") == (["Approve…"] if name == "approver" else [])
    fleet.call("POST", f"/v1/rollouts/{running}:abort", {})
