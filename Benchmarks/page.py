"""What the page of a collector costs whoever has it open, in headless Chromium.

    page.py load                  bytes of the first page, and the time until it can be used
    page.py open [--minutes 60]   memory and CPU of a page that is left open on a busy collector

MINUTES in the environment is the same as --minutes; without `load` or `open` it is both.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/Interop"))

import clients  # noqa: E402
import grpc  # noqa: E402
import otlp  # noqa: E402
from browser import Browser  # noqa: E402
from conftest import configuration  # noqa: E402
from process import Apus, command, free_port  # noqa: E402

SIGNALS = ("traces", "metrics", "logs")
#: When the graph is there, by the clock that begins with the navigation.
WATCH = """
    new MutationObserver((_, observer) => {
      if (!document.querySelector("a.node .dot.good")) return;
      window.usable = performance.now();
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true, attributes: true });"""


class Collector:
    """A collector with its page and a pipeline of three processors for each signal."""

    def __init__(self, directory):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        self.port, environment = free_port(), {"STATE_DIRECTORY": str(directory / "state")}
        processors = {"memory_limiter": {"check_interval": "1s", "limit_mib": 512}, "resource": {
            "attributes": [{"key": "site", "value": "here", "action": "upsert"}]}, "batch": {}}
        self.apus = Apus(
            configuration(ports, {"nop": {}, "nop/second": {}}, processors, level="info"), directory, ports, environment,
            ("--admin", f"127.0.0.1:{self.port}"))
        self.address = f"127.0.0.1:{ports['grpc']}"
        self.token = command("token", "create", "--role", "configure", env=environment, check=0).stdout.strip()

    def load(self, over):
        """About 5,000 items a second of all signals, until it is over."""
        messages = [(signal, otlp.sample(signal, 100).SerializeToString()) for signal in SIGNALS]
        with grpc.insecure_channel(self.address) as channel:
            while not over.wait(0.06):
                for signal, message in messages:
                    clients.call(channel, signal, message)


def opened(browser, collector):
    browser.open("about:blank")
    browser.open(f"http://127.0.0.1:{collector.port}/#token={collector.token}")
    browser.settle()
    browser.wait_for("ready for data")


def load(browser, collector):
    driver = browser.driver
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    added = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    times = []
    for _ in range(9):
        opened(browser, collector)
        times.append(driver.execute_script("return window.usable"))
    size, number = driver.execute_script("""
        const parts = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
          .filter(({ name }) => new URL(name).pathname === "/" || new URL(name).pathname.startsWith("/page/"));
        return [parts.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0), parts.length];""")
    driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": added["identifier"]})
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    print(f"first page, without libraries: {size / 1000:.1f} kB in {number} files (goal: below 150)")
    print(
        f"until the graph is there and can be used, of {len(times)} without a cache: median {statistics.median(times):.0f} ms, "
        f"longest {max(times):.0f} ms (goal: below 1000)", flush=True)


def processes(driver):
    """The processes of the browser by their kind."""
    parents, kinds = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            # Some processes have one text there, with spaces between what were words.
            found = re.search(r"--type=([\w-]+)", (entry / "cmdline").read_text())
        except OSError:
            continue
        kinds[int(entry.name)] = found[1] if found else "browser"
    below, wave = set(), {driver.service.process.pid}
    while wave:
        wave = {pid for pid, parent in parents.items() if parent in wave}
        below |= wave
    return {pid: kinds[pid] for pid in below}


def cpu(pid):
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """MB that a process has for itself, its share of what it shares included; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def heap(driver):
    """MB of JavaScript's heap after its garbage is gone."""
    driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return {one["name"]: one["value"] for one in metrics}["JSHeapUsedSize"] / 1e6


def leave_open(browser, collector, minutes):
    driver, over = browser.driver, threading.Event()
    driver.execute_cdp_cmd("Performance.enable", {})
    sender = threading.Thread(target=collector.load, args=(over,))
    sender.start()
    try:
        opened(browser, collector)
        time.sleep(20)  # What begins with a page is not what it costs to leave it open.
        known = processes(driver)
        renderers = [pid for pid, kind in known.items() if kind == "renderer"]
        begun, start = time.monotonic(), {pid: cpu(pid) for pid in known}
        readings = [(heap(driver), {pid: memory(pid) for pid in renderers})]
        while time.monotonic() - begun < minutes * 60:
            time.sleep(min(30, minutes * 60))
            readings.append((heap(driver), {pid: memory(pid) for pid in renderers}))
        took = time.monotonic() - begun
        spent = {pid: cpu(pid) - start[pid] for pid in known if Path(f"/proc/{pid}").exists()}
        # Others stand ready for pages that nobody opens.
        renderer = max(renderers, key=lambda pid: spent.get(pid, 0))
    finally:
        over.set()
        sender.join()
    print(f"left open for {took / 60:.0f} minutes on a collector with about 5,000 items a second:")
    heaps, sizes = [one for one, _ in readings], [sizes[renderer] for _, sizes in readings]
    for name, series in (("heap of JavaScript", heaps), ("memory of the renderer (PSS)", sizes)):
        print(f"{name}: {series[0]:.1f} MB at first, {series[-1]:.1f} at last, {max(series):.1f} at most (goal: below 100)")
    print(
        f"CPU: {100 * spent[renderer] / took:.1f} % of a core for the renderer (goal: below 5), "
        f"{100 * sum(spent.values()) / took:.1f} % with all processes of the browser", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["load", "open"])
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("MINUTES", 60)))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        collector = Collector(Path(directory))
        browser = Browser()
        try:
            if options.what != "open":
                load(browser, collector)
            if options.what != "load":
                leave_open(browser, collector, options.minutes)
        finally:
            browser.close()
            collector.apus.kill()


if __name__ == "__main__":
    main()
