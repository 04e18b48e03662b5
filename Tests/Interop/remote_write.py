"""Prometheus as a server and a client of remote write, and what its API says."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request

import yaml
from process import eventually

PROGRAM = shutil.which("prometheus")


class Prometheus:
    """A real Prometheus with a configuration, that takes remote write."""

    def __init__(self, directory, port, **configuration):
        self.port = port
        file = directory / f"prometheus-{self.port}.yml"
        file.write_text(yaml.safe_dump(configuration))
        self.log = directory / f"prometheus-{self.port}.log"
        self.process = subprocess.Popen(
            [PROGRAM, f"--config.file={file}", f"--storage.tsdb.path={directory / f'tsdb-{self.port}'}",
             f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-remote-write-receiver",
             "--enable-feature=native-histograms,exemplar-storage", "--log.level=warn",
             # Who is written to is gone before it stops.
             "--storage.remote.flush-deadline=1s"],
            stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        eventually(self.is_ready, lambda: f"prometheus: {self.log.read_text()}", 60)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def write_url(self):
        return f"http://{self.address}/api/v1/write"

    def is_ready(self):
        try:
            return self.get("/-/ready", raw=True)
        except OSError:
            return False

    def get(self, path, raw=False, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        with urllib.request.urlopen(f"http://{self.address}{path}{query}", timeout=20) as answer:
            body = answer.read()
        return body if raw else json.loads(body)["data"]

    def query(self, expression, time):
        """The values of an instant query by their labels, each label as name=value, sorted."""
        result = self.get("/api/v1/query", query=expression, time=time)["result"]
        return {tuple(sorted(f"{k}={v}" for k, v in series["metric"].items())): series for series in result}

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
