"""A real browser for the tests of the page: Chromium without a window."""

import json
import os
from pathlib import Path

import axe_core_python
import pytest
from process import eventually
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()


class Browser:
    def __init__(self):
        options = Options()
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1360,900"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))

    def close(self):
        self.driver.quit()

    # Going somewhere.

    def open(self, url):
        self.driver.get(url)

    def go(self, place):
        """Shows another view of the page that is open, and waits until it is there."""
        self.driver.execute_async_script(
            "const [place, done] = arguments;"
            "if (location.hash === `#${place}`) done();"
            "else { addEventListener('hashchange', () => done(), { once: true }); location.hash = place; }", place)
        self.settle()

    def settle(self):
        eventually(
            lambda: self.driver.execute_script(
                "const view = document.getElementById('view');"
                "return view !== null && view.querySelector('h1, .problem') !== null"),
            lambda: self.text)

    def size(self, width, height):
        self.driver.set_window_size(width, height)

    # Looking.

    @property
    def text(self):
        """Everything that can be read; that of an editor too."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def find(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait_for(self, *texts, seconds=20):
        for text in texts:
            eventually(
                lambda text=text: text in self.text, lambda text=text: f"no '{text}' in:\n{self.text}\n{self.console()}", seconds)

    def wait_until_gone(self, text, seconds=20):
        eventually(lambda: text not in self.text, lambda: f"still '{text}' in:\n{self.text}", seconds)

    def requests(self, path, query=""):
        """How often something was asked for since `forget_requests`, with this in its query."""
        return self.run("""
            const asked = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
            const [path, query] = given;
            return asked.filter(({ pathname, search }) => pathname === path && search.includes(query)).length;""", path, query)

    def forget_requests(self):
        self.driver.execute_script("performance.clearResourceTimings()")

    def run(self, script, *arguments):
        """What an asynchronous function with this body returns, in the page."""
        answer = self.driver.execute_async_script(
            "const given = [...arguments]; const done = given.pop();"
            f"(async (...given) => {{ {script} }})(...given)"
            ".then((value) => done({ value }), (error) => done({ error: String(error?.stack ?? error) }));", *arguments)
        assert "error" not in answer, answer["error"]
        return answer.get("value")

    # What comes between the page and its server, until another document is opened.

    def answer(self, part, status, body, type="application/json", times=None):
        """Answers requests whose address has this part, in the place of the server."""
        self.run("""
            const [part, status, body, type, times] = given;
            const before = window.fetch;
            let left = times ?? Infinity;
            window.fetch = async (address, options) => {
              if (!String(address).includes(part) || left-- <= 0) return before(address, options);
              return new Response(body, { status, headers: { "content-type": type } });
            };""", part, status, body, type, times)

    def hold(self, part):
        """Keeps answers to requests whose address has this part until they are let go."""
        self.run("""
            const [part] = given;
            const before = window.fetch;
            window.held = [];
            window.fetch = async (address, options) => {
              const answer = await before(address, options);
              if (!String(address).includes(part)) return answer;
              const text = await answer.text();
              answer.text = () => new Promise((resolve) => held.push(() => resolve(text)));
              return answer;
            };""", part)

    def wait_for_held(self, number):
        eventually(lambda: self.run("return held.length") == number, lambda: self.text)

    def let_go(self, index):
        """Lets an answer go, and waits until the page has done with it what it does."""
        self.run("held[given[0]](); await new Promise((resolve) => setTimeout(resolve));", index)

    def overflow(self):
        """Pixels by which the page is wider than the window."""
        return self.driver.execute_script("return Math.max(0, document.documentElement.scrollWidth - innerWidth)")

    def console(self):
        """What the console of the browser has said that is an error."""
        return [entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def accessibility(self):
        """What axe finds that is serious, in a few words each."""
        self.driver.execute_script(AXE)
        result = self.driver.execute_async_script(
            "axe.run(document, { resultTypes: ['violations'] }).then(arguments[arguments.length - 1])")
        return [
            f"{one['id']}: {one['help']}: {node['html'][:200]}"
            for one in result["violations"] if one["impact"] in ("serious", "critical") for node in one["nodes"]]

    def screenshot(self, name):
        """Keeps a picture where SCREENSHOTS says, if it says so."""
        if "SCREENSHOTS" in os.environ:
            self.driver.save_screenshot(str(Path(os.environ["SCREENSHOTS"]) / f"{name}.png"))

    # Doing.

    def click(self, text, within="body", seconds=20):
        """Clicks the button or link with this text."""
        self._act(lambda: self._named(text, within), lambda element: element.click(), f"button '{text}'", seconds)

    def fill(self, selector, value):
        def act(element):
            element.send_keys(Keys.CONTROL, "a")
            element.send_keys(value)
        self._act(lambda: self.find(selector), act, selector)

    def press(self, *keys):
        """Presses keys together, wherever the focus is."""
        actions = ActionChains(self.driver)
        for key in keys:
            actions.key_down(key)
        for key in reversed(keys):
            actions.key_up(key)
        actions.perform()

    def choose(self, selector, value):
        self._act(lambda: self.find(selector), lambda element: Select(element).select_by_value(value), selector)

    def tick(self, selector):
        self._act(lambda: self.find(selector), lambda element: element.click(), selector)

    @property
    def editor(self):
        return self.driver.execute_script(
            "const mirror = document.querySelector('.CodeMirror');"
            "return mirror ? mirror.CodeMirror.getValue() : document.querySelector('textarea.code').value")

    @editor.setter
    def editor(self, text):
        self.driver.execute_script(
            "const mirror = document.querySelector('.CodeMirror');"
            "if (mirror) mirror.CodeMirror.setValue(arguments[0]);"
            "else { const area = document.querySelector('textarea.code'); area.value = arguments[0];"
            " area.dispatchEvent(new Event('input')); }", text)

    def _named(self, text, within):
        return [
            element for element in self.find(f"{within} button, {within} a, {within} summary")
            if element.is_displayed() and element.is_enabled() and element.text.strip() == text]

    def _act(self, find, act, what, seconds=20):
        def tried():
            try:
                found = [element for element in find() if element.is_displayed()]
                if not found:
                    return False
                act(found[0])
                return True
            except StaleElementReferenceException:
                return False
        eventually(tried, lambda: f"no {what} in:\n{self.text}", seconds)


@pytest.fixture(scope="session")
def chromium():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium):
    """The browser, without anything from the test before; no script may have failed at the end."""
    chromium.open("about:blank")
    chromium.console()
    chromium.size(1360, 900)
    yield chromium
    errors = [entry for entry in chromium.console() if not is_expected(entry)]
    assert not errors, json.dumps(errors, indent=1)


def is_expected(entry):
    """Chromium writes every answer that is no success to the console, also those that the page waits for."""
    return entry["source"] == "network"
