"""The parts that the views of the page are made of, each for itself, in a browser."""

import pytest
from browser import browser, chromium  # noqa: F401
from test_page_collector import page  # noqa: F401 (a fixture)


@pytest.fixture
def parts(browser, page):  # noqa: F811
    """A browser before the form that asks for a token, where no view runs yet."""
    browser.open(page().url)
    browser.wait_for("Log in")
    return browser


def test_what_may_not_be_had_is_not_asked_for_again(parts):
    assert parts.run("""
        const { repeat } = await import("/page/app/live.js");
        const { Problem } = await import("/page/app/api.js");
        const { Errors } = await import("/page/ui/problem.js");
        const errors = new Errors();
        let calls = 0;
        const work = () => {
          calls += 1;
          throw new Problem(calls < 3 ? 500 : 403, { detail: calls < 3 ? "not now" : "not for you" });
        };
        await repeat(1, new AbortController().signal, work, errors);
        return [calls, errors.element.textContent.includes("not for you")];""") == [3, True]


def test_the_same_error_is_told_once_until_it_is_over(parts):
    assert parts.run("""
        const { Errors } = await import("/page/ui/problem.js");
        const errors = new Errors();
        const told = (text) => {
          errors.tell(new Error(text));
          return errors.element.firstChild;
        };
        const [first, second, other] = [told("one"), told("one"), told("two")];
        errors.clear();
        const isEmpty = errors.element.childElementCount === 0;
        return [first === second, second === other, isEmpty, told("two") !== null];""") == [True, False, True, True]


def test_a_list_tells_its_error_and_throws_it_so_that_it_is_asked_for_less_often(parts):
    parts.answer("/v1/things", 500, '{"title": "It failed", "detail": "for a test"}')
    assert parts.run("""
        const { Pager } = await import("/page/ui/pager.js");
        const { Table } = await import("/page/ui/table.js");
        const table = new Table({ columns: [], key: () => "", caption: "Things" });
        const pager = new Pager({ path: "/v1/things", name: "things", table, signal: new AbortController().signal });
        const thrown = await pager.load().then(() => "nothing", (error) => error.message);
        await pager.refresh();
        return [thrown, pager.element.textContent.includes("for a test")];""") == ["for a test", True]


#: Stands for a server with so many events; `events` may be changed.
EVENTS = """
    window.events = Array.from({ length: 2500 }, (_, index) => ({ id: index + 1, time: "before" }));
    window.asked = [];
    window.fetch = async (address) => {
      const query = new URL(address, location).searchParams;
      asked.push(query.get("after"));
      const start = Number(query.get("page_token") ?? 0);
      const found = events.filter(({ id }) => id > Number(query.get("after") ?? 0));
      const end = start + Number(query.get("page_size"));
      return Response.json({ events: found.slice(start, end), ...(end < found.length ? { next_page_token: String(end) } : {}) });
    };
    const { LatestEvents } = await import("/page/app/events.js");
    const latest = new LatestEvents({ limit: 3, takes: ({ id }) => id % 2 === 0 });
    const ids = (list) => list.map(({ id }) => id);
"""


def test_the_newest_events_are_found_and_only_new_ones_asked_for(parts):
    first, second, asked = parts.run(EVENTS + """
        const first = ids(await latest.load());
        asked.length = 0;
        events.push({ id: 2501, time: "now" }, { id: 2502, time: "now" });
        return [first, ids(await latest.load()), asked];""")
    assert first == [2500, 2498, 2496]
    assert second == [2502, 2500, 2498]
    assert asked == ["2499"]


@pytest.mark.parametrize("number", [4, 2500])
def test_the_newest_events_are_listed_anew_when_the_server_has_begun_again(parts, number):
    again = parts.run(EVENTS + """
        await latest.load();
        events = Array.from({ length: given[0] }, (_, index) => ({ id: index + 1, time: "again" }));
        return (await latest.load()).map(({ id, time }) => [id, time]);""", number)
    assert again == [[id, "again"] for id in (number, number - 2, number - 4) if id > 0]


def test_a_stream_is_asked_for_less_and_less_often_until_something_comes(parts):
    delays, problem = parts.run("""
        const { follow } = await import("/page/app/api.js");
        const delays = [];
        const later = window.setTimeout;
        window.setTimeout = (work, milliseconds) => {
          delays.push(milliseconds);
          return later(work);
        };
        Math.random = () => 0.5;
        const answers = ["", "", 'id: 7\\ndata: {}\\n\\n', "", null];
        window.fetch = async () => {
          const text = answers.shift();
          return text === null ? Response.json({ detail: "they are forgotten" }, { status: 410 }) : new Response(text);
        };
        const problem = await follow("/v1/events", { onEvent: () => {} }).then(() => null, (error) => [error.status, error.message]);
        return [delays, problem];""")
    assert delays == [500, 1000, 500, 1000]
    assert problem == [410, "they are forgotten"]


@pytest.mark.parametrize("answer, name", [
    ("Response.json({}, { status: 403 })", "Problem"), ("Response.json({}, { status: 503 })", "Problem"),
    ("Promise.reject(new TypeError())", "Unreachable")])
def test_a_stream_that_is_asked_for_once_says_why_it_is_not_there(parts, answer, name):
    assert parts.run(f"""
        const {{ follow }} = await import("/page/app/api.js");
        window.fetch = () => {answer};
        const ended = follow("/v1/tap", {{ again: false, onEvent: () => {{}} }});
        return ended.then(() => null, (error) => error.name);""") == name


def test_a_view_that_was_left_does_not_paint_over_the_next(parts):
    assert parts.run("""
        const { Router } = await import("/page/app/router.js");
        const { show } = await import("/page/app/element.js");
        const place = document.createElement("main");
        let finish;
        let views = 0;
        const slow = async (element) => {
          await new Promise((resolve) => (finish = resolve));
          show(element, "the first");
        };
        const second = async (element) => {
          views += 1;
          show(element, "the second");
        };
        const router = new Router(place, [["/slow", async () => slow], ["/second", async () => second]], () => {});
        history.replaceState(null, "", "#/slow");
        const left = router.go();
        await new Promise((resolve) => setTimeout(resolve));
        history.replaceState(null, "", "#/second");
        await router.go();
        finish();
        await left;
        const text = place.textContent;
        router.stop();
        dispatchEvent(new HashChangeEvent("hashchange"));
        await new Promise((resolve) => setTimeout(resolve));
        return [text, views];""") == ["the second", 1]


def test_profiles_are_rows_too(parts):
    rows = parts.run("""
        const { readable } = await import("/page/collector/telemetry.js");
        const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
        const profile = { profileId: "0102", timeUnixNano: "1700000000123000000", samples: [{}, {}] };
        return [...readable({ resourceProfiles: [{ resource, scopeProfiles: [{ profiles: [profile] }] }] })];""")
    assert [(row["title"], row["note"], row["time"]) for row in rows] == [("profile 0102", "shop · 2 samples", "22:13:20.123")]
    assert rows[0]["raw"]["profileId"] == "0102"
