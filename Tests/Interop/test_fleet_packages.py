"""Packages from the fleet manager: agents download them, check them and report; rollouts give them out in stages."""

import hashlib
import http.server
import json
import subprocess
import threading

import opamp_messages as opamp
import pytest
import yaml
from opamp_agent import WebSocketAgent
from opamp_fleet import FleetManager
from opamp_packages import CAPABILITIES, InstallingAgent, PollingInstaller
from process import command, eventually, get

ENDED = ("succeeded", "rolled_back", "aborted", "paused")
STAGES = {
    "gate": {"min_healthy_time": "1s", "healthy_deadline": "60s", "analysis": ["component_status"]},
    "plan": [{"name": "canary", "size": 1, "bake": "2s"}, {"name": "rest", "size": "100%", "bake": "1s"}]}


class Site:
    """A manager, its agents, and the commands about its packages."""

    def __init__(self, directory, afterwards, **options):
        self.directory, self.afterwards = directory, afterwards
        self.manager = FleetManager(directory, **options)
        afterwards.callback(self.manager.kill)
        self.agents = []

    def run(self, *arguments, check=0):
        return command(
            "fleet", *arguments, "--address", f"127.0.0.1:{self.manager.api_port}", check=check, cwd=self.directory,
            env={"APUS_FLEET_TOKEN": self.manager.token}).stdout

    @property
    def key(self):
        return self.run("packages", "keys", "--pem")

    def add(self, version, *more, check=0, contents=None, **artefact):
        """Makes a version of the set `agents` with a file for each of two platforms."""
        artefacts = []
        for arch in ("amd64", "arm64"):
            file = self.directory / f"agent-{version}-{arch}"
            # Large enough for several pieces and frames.
            file.write_bytes(contents or (f"agent {version} for {arch}\n".encode() * 300_000))
            artefacts.append({"match": f"os.type=linux,host.arch={arch}", "file": file.name, **artefact})
        document = self.directory / "agents.yaml"
        document.write_text(yaml.safe_dump(
            {"packages": [{"name": "agent", "type": "top_level", "version": version, "artefacts": artefacts}]}))
        return self.run("packages", "add", "agents", "-f", str(document), *more, check=check)

    def agent(self, **options):
        agent = InstallingAgent(
            self.manager.port, self.key, self.directory / f"agent-{len(self.agents)}", **options)
        self.agents.append(agent)
        self.afterwards.callback(agent.close)
        eventually(
            lambda: (lambda found: found.get("connected") and not found.get("waiting"))(self.known(agent)),
            "the agent in the inventory")
        return agent

    def known(self, agent):
        return self.manager.call("GET", f"/v1/agents/{agent.text}", check=False)

    def start(self, target, **spec):
        return self.manager.call("POST", "/v1/rollouts", {"target": target, **STAGES, **spec})["id"]

    def rollout(self, id):
        return self.manager.call("GET", f"/v1/rollouts/{id}")

    def ended(self, id, state="succeeded", seconds=90):
        eventually(lambda: self.rollout(id)["state"] in ENDED, lambda: f"{self.rollout(id)}\n{self.manager.log}", seconds)
        found = self.rollout(id)
        assert found["state"] == state, f"{json.dumps(found, indent=1)}\n{self.manager.log}"
        return found


@pytest.fixture
def site(tmp_path, afterwards):
    def site(**options):
        return Site(tmp_path, afterwards, **options)

    return site


def test_packages_reach_agents_in_stages(site):
    site = site()
    agents = [site.agent(arch=arch) for arch in ("amd64", "arm64", "amd64")]
    assert "packages/agents@1 is made" in site.add("1.0", "-m", "the first")
    assert "is the same already" in site.add("1.0")
    id = site.start("packages/agents@latest")
    assert id.startswith("packages-agents-1-")
    site.ended(id)
    for agent in agents:
        assert agent.versions == {"agent": "1.0"}
        assert agent.contents["agent"].startswith(f"agent 1.0 for {agent.arch}".encode())
        assert agent.urls[0].startswith(f"http://127.0.0.1:{site.manager.port}/v1/packages/")
        assert len(agent.offers) == 1
        packages = site.known(agent)["packages"]
        assert packages["state"] == "in_sync"
        assert packages["set"] == "packages/agents@1"
        assert packages["statuses"] == [{
            "name": "agent", "status": "installed", "has_version": "1.0", "has_hash": agent.hashes["agent"].hex(),
            "offered_version": "1.0", "offered_hash": agent.hashes["agent"].hex()}]
        assert [report["outcome"] for report in packages["history"]] == ["applied", "applying"]
    capabilities = site.known(agents[0])["capabilities"]
    assert "AcceptsPackages" in capabilities and "ReportsPackageStatuses" in capabilities
    # For people: the agent, the set, the events, the audit log and the figures.
    assert "packages: packages/agents@1, in sync" in site.run("agents", "show", agents[0].text)
    assert "1.0" in site.run("packages", "show", "agents")
    assert "agent 1.0" in site.run("packages", "list")
    actions = {entry["action"] for entry in site.manager.call("GET", "/v1/audit?page_size=1000")["entries"]}
    assert {"addPackageVersion", "putPackageFile", "startRollout"} <= actions
    metrics = site.manager.call_text("/metrics")
    assert 'apus_fleet_agents_packages{state="in_sync"} 3' in metrics
    assert "apus_fleet_package_offers_total 3" in metrics
    assert "apus_fleet_endpoint_downloads_total 3" in metrics


def test_the_manager_says_that_it_offers_packages(site):
    site = site()
    agent = WebSocketAgent(site.manager.port, capabilities=CAPABILITIES)
    site.afterwards.callback(agent.close)
    answer = agent.begin()
    assert answer.capabilities & opamp.OFFERS_PACKAGES
    assert answer.capabilities & opamp.ACCEPTS_PACKAGES_STATUS


def test_a_failure_stops_the_stages(site):
    site = site()
    agents = [site.agent(broken=("2.0",)) for _ in range(3)]
    site.add("1.0")
    site.ended(site.start("packages/agents@1"))
    site.add("2.0")
    id = site.start("packages/agents@2")
    found = site.ended(id, "rolled_back")
    assert "fail" in found["reason"]
    tried = [agent for agent in agents if len(agent.offers) > 1]
    assert len(tried) == 1, "only the first stage"
    assert all(agent.versions == {"agent": "1.0"} for agent in agents)
    shown = site.known(tried[0])["packages"]
    assert shown["set"] == "packages/agents@1"
    assert any(
        report["outcome"] == "failed" and "it does not start" in report.get("message", "")
        for report in shown["history"]), shown
    # What failed on a build is not offered to it again, unless somebody asks for it.
    preview = site.manager.call("POST", "/v1/rollouts?dry_run=true", {"target": "packages/agents@2", **STAGES})
    assert preview["agents"] == 0 and preview["excluded_count"] == 3


@pytest.mark.parametrize("at", ["downloading", "installing"])
def test_a_rollout_goes_on_after_the_manager_was_killed(site, at):
    site = site()
    hold = threading.Event()
    agents = [site.agent(hold=hold, hold_at=at) for _ in range(3)]
    site.add("1.0")
    id = site.start("packages/agents@1")

    def statuses():
        return [status["status"] for agent in agents
                for status in site.known(agent).get("packages", {}).get("statuses", [])]

    # Whoever is cut off while it downloads gives up, and only an offer makes it begin again.
    eventually(lambda: at in statuses(), lambda: f"an agent that is {at}: {statuses()}")
    site.manager.kill()
    hold.set()
    site.manager.start()
    site.ended(id, seconds=180)
    for agent in agents:
        assert agent.versions == {"agent": "1.0"}
        assert site.known(agent)["packages"]["state"] == "in_sync"


def test_signatures_can_be_made_elsewhere(site, tmp_path):
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(tmp_path / "offline.pem")], check=True)
    public = subprocess.run(
        ["openssl", "pkey", "-in", str(tmp_path / "offline.pem"), "-pubout"], check=True, capture_output=True,
        text=True).stdout
    site = site(packages={"signing": "offline", "public_keys": [public]})
    assert site.key.strip() == public.strip()
    assert not list(site.manager.state.rglob("packages.key"))
    site.add("1.0", check=2)
    other = tmp_path / "other.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(other)], check=True)
    site.add("1.0", "--key", str(other), check=2)
    assert "is made" in site.add("1.0", "--key", str(tmp_path / "offline.pem"))
    agent = site.agent()
    site.ended(site.start("packages/agents@1"))
    assert agent.versions == {"agent": "1.0"}


def test_the_message_of_the_command_line_counts(site, tmp_path):
    site = site()
    (tmp_path / "agents.yaml").write_text(yaml.safe_dump({
        "message": "of the file",
        "packages": [{"name": "agent", "version": "1.0", "artefacts": [
            {"url": "https://a.example/x", "sha256": "0" * 64}]}]}))
    site.run("packages", "add", "agents", "-f", str(tmp_path / "agents.yaml"), "--message", "of the line")
    assert site.manager.call("GET", "/v1/package-sets/agents/versions/1")["message"] == "of the line"


def test_the_key_of_the_manager_stays(site):
    site = site()
    before = site.key
    (file,) = site.manager.state.rglob("packages.key")
    assert file.stat().st_mode & 0o777 == 0o600
    shown = site.manager.call("GET", "/v1/package-keys")
    assert [key["own"] for key in shown["keys"]] == [True]
    site.manager.stop()
    site.manager.start()
    assert site.key == before


def test_a_file_from_elsewhere_by_its_hash(site, tmp_path):
    content = b"addon" * 1000
    hash = hashlib.sha256(content).hexdigest()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = site()
    site.afterwards.callback(server.shutdown)
    agent = site.agent()
    url = f"http://127.0.0.1:{server.server_port}/addon"
    document = {"packages": [{
        "name": "addon", "type": "addon", "version": "7", "artefacts": [{"url": url, "sha256": hash}]}]}
    made = site.manager.call("POST", "/v1/package-sets/addons/versions", document)
    assert made["reference"] == "packages/addons@1"
    site.ended(site.start("packages/addons@1"))
    assert agent.contents["addon"] == content
    assert agent.urls == [url]
    # Over a network it has to be https.
    document["packages"][0]["artefacts"][0]["url"] = "http://downloads.example/addon"
    refused = site.manager.call("POST", "/v1/package-sets/addons/versions", document, check=False)
    assert refused["status"] == 422
    assert refused["errors"][0]["pointer"] == "/packages/0/artefacts/0/url"


def test_an_agent_that_polls_installs_too(site):
    site = site()
    agent = PollingInstaller(site.manager.port, site.key, site.directory / "poller")
    agent.begin()
    site.add("1.0")
    id = site.start("packages/agents@1")
    eventually(lambda: agent.poll() and site.rollout(id)["state"] in ENDED, "the end of the rollout", 60)
    site.ended(id)
    assert agent.versions == {"agent": "1.0"}
    assert len(agent.offers) == 1


def test_an_agent_that_cannot_is_offered_nothing(site):
    site = site()
    agent = site.agent(capabilities=CAPABILITIES & ~opamp.REPORTS_PACKAGE_STATUSES)
    site.add("1.0")
    refused = site.manager.call("POST", "/v1/rollouts", {"target": "packages/agents@1", **STAGES}, check=False)
    assert refused["status"] == 422
    preview = site.manager.call("POST", "/v1/rollouts?dry_run=true", {"target": "packages/agents@1", **STAGES})
    assert "report what becomes of them" in preview["excluded"][0]["reason"]
    assert agent.offers == []


def test_files_are_for_agents_of_the_fleet(site):
    site = site(auth="token")
    port = site.manager.port
    site.add("1.0")
    (file, *_) = site.manager.call("GET", "/v1/package-files")["files"]
    path = f"/v1/packages/{file['sha256']}"
    enrollment = site.manager.call(
        "POST", "/v1/enrollment-tokens", {"name": "edge", "auto_approve": True})["token"]
    agent = site.agent(headers={"Authorization": f"Bearer {enrollment}"}, hold=(hold := threading.Event()))
    id = site.start("packages/agents@1")
    eventually(lambda: agent.urls, "a download")
    hold.set()
    site.ended(id)
    assert agent.versions == {"agent": "1.0"}
    assert get(port, path)[0] == 401
    assert get(port, path, headers={"Authorization": "Bearer apusp_nonsense"})[0] == 401
    # Nor for people, whose tokens are for the API, nor for pages in a browser.
    assert get(port, path, headers={"Authorization": f"Bearer {site.manager.token}"})[0] == 401
    mine = {"Authorization": f"Bearer {enrollment}"}
    status, fields, body = get(port, path, headers=mine)
    assert status == 200 and len(body) == file["size"]
    assert hashlib.sha256(body).hexdigest() == file["sha256"]
    status, fields, body = get(port, path, "HEAD", headers=mine)
    assert (status, body) == (200, b"")
    assert get(port, path, headers={**mine, "Origin": "http://localhost"})[0] == 403
    assert get(port, path, "POST", headers=mine)[0] == 405
    assert get(port, "/v1/packages/" + "0" * 64, headers=mine)[0] == 404
    assert get(port, "/v1/packages/../../etc/passwd", headers=mine)[0] == 404
    # A file that a set needs stays.
    assert "needs the file" in command(
        "fleet", "packages", "delete-file", file["sha256"], "--address", f"127.0.0.1:{site.manager.api_port}",
        env={"APUS_FLEET_TOKEN": site.manager.token}, check=1).stderr
