"""Certificates over real TLS: people who show one instead of a token, agents that get one from the manager."""

import json
import subprocess

import pytest
from conftest import configuration
from opamp_fleet import FleetManager
from process import command, eventually, free_port
from test_admin import certificate

CAPABILITIES = {"accepts_opamp_connection_settings": True, "accepts_remote_config": True}


class SecureManager(FleetManager):
    """Both listeners speak TLS with a certificate of the authority `site`."""

    def __init__(self, directory, authority, settings=(), **agents):
        self.authority = authority / "site.crt"
        tls = f"{{cert_file: {authority / 'server.crt'}, key_file: {authority / 'server.key'}, min_version: '1.2'"
        self.options = [
            "--set", f"agents.tls={tls}}}",
            "--set", f"api.tls={tls}, client_ca_file: {authority / 'people.crt'}}}" if settings else f"api.tls={tls}}}"]
        for setting in settings:
            self.options += ["--set", setting]
        super().__init__(directory, auth="token", **agents)

    def curl(self, path, *arguments, identity=None, token=None):
        """Status and answer."""
        if identity:
            arguments += ("--cert", f"{identity}.crt", "--key", f"{identity}.key")
        if token:
            arguments += ("-H", f"Authorization: Bearer {token}")
        done = subprocess.run(
            ["curl", "-sS", "-w", "\n%{http_code}", "--cacert", self.authority, *arguments,
             f"https://127.0.0.1:{self.api_port}{path}"], capture_output=True, text=True, timeout=60)
        text, _, status = done.stdout.rpartition("\n")
        return int(status or 0), text

    def call(self, method, path, body=None, check=True, token=None):
        arguments = ["-X", method]
        if body is not None:
            arguments += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        status, text = self.curl(path, *arguments, token=token or self.token)
        assert not check or 200 <= status < 300, f"{method} {path}: status {status}: {text}\n{self.log[-5000:]}"
        return json.loads(text) if text else None


@pytest.fixture
def authority(tmp_path):
    """Files of the authorities of the site and of its people, and certificates of both."""
    directory = tmp_path / "authority"
    directory.mkdir()
    certificate(directory, "site")
    certificate(directory, "server", "site", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    certificate(directory, "people")
    certificate(directory, "ada", "people", "subjectAltName=email:ada@example.com")
    certificate(directory, "deploy", "people")
    certificate(directory, "stranger", "people")
    # Another authority that uses the same names.
    certificate(directory, "evil")
    subprocess.run(
        ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=deploy",
         "-keyout", directory / "imposter.key", "-out", directory / "imposter.csr"], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "x509", "-req", "-in", directory / "imposter.csr", "-CA", directory / "evil.crt", "-CAkey",
         directory / "evil.key", "-CAcreateserial", "-days", "2", "-out", directory / "imposter.crt"],
        check=True, capture_output=True)
    return directory


@pytest.fixture
def manager(tmp_path, authority, afterwards):
    def make(settings=(), **agents):
        directory = tmp_path / "fleet"
        directory.mkdir()
        manager = SecureManager(directory, authority, settings, **agents)
        afterwards.callback(lambda: print(f"log of the manager:\n{manager.log[-20000:]}"))
        afterwards.callback(manager.kill)
        return manager

    return make


def test_people_show_a_certificate_instead_of_a_token(manager, authority, tmp_path):
    fleet = manager([
        "users.certificates=[{subject: ada@example.com, roles: [admin], owner: ada}, "
        "{subject: deploy, roles: [viewer]}]"])
    status, text = fleet.curl("/v1/whoami", identity=authority / "ada")
    assert status == 200 and json.loads(text)["name"] == "certificate:ada@example.com", text
    assert json.loads(text)["roles"] == ["admin"], text
    assert fleet.curl("/v1/agents", identity=authority / "deploy")[0] == 200
    assert fleet.curl("/v1/tokens", identity=authority / "deploy")[0] == 403
    # Verified, and of nobody who may do anything; or of an authority that nobody trusts.
    assert fleet.curl("/v1/agents", identity=authority / "stranger")[0] == 401
    assert fleet.curl("/v1/agents", identity=authority / "imposter")[0] == 0
    # Tokens go on working, and count before a certificate.
    assert fleet.curl("/v1/tokens", token=fleet.token)[0] == 200
    assert fleet.curl("/v1/tokens", identity=authority / "deploy", token=fleet.token)[0] == 200
    assert fleet.curl("/v1/agents", identity=authority / "ada", token="wrong")[0] == 401
    assert fleet.curl("/v1/agents")[0] == 401
    # What is done is written down under the name of the certificate.
    body = ("-X", "POST", "-H", "Content-Type: application/json", "-d", '{"name": "x", "roles": ["viewer"]}')
    assert fleet.curl("/v1/tokens", *body, identity=authority / "ada")[0] == 201
    lines = fleet.call("GET", "/v1/audit")["entries"]
    assert any(line["actor"] == "certificate:ada@example.com" and line["outcome"] == "done" for line in lines), lines
    done = command(
        "fleet", "whoami", "--address", f"https://127.0.0.1:{fleet.api_port}", "--ca-file", fleet.authority,
        "--client-cert", authority / "ada.crt", "--client-key", authority / "ada.key", check=0)
    assert done.stdout.startswith("certificate:ada@example.com"), done.stdout


def test_certificates_of_people_need_their_authority(authority, tmp_path):
    done = command(
        "fleet", "serve", "--state-directory", tmp_path / "state", "--set",
        "users.certificates=[{subject: a, roles: [admin]}]")
    assert done.returncode and "client_ca_file" in done.stderr
    done = command(
        "fleet", "serve", "--state-directory", tmp_path / "state", "--set",
        "users.certificates=[{subject: a, roles: [boss]}]")
    assert done.returncode and "boss" in done.stderr


@pytest.fixture
def join(launch, tmp_path):
    """Starts our collector as an agent that asks for a certificate; it knows the authority of the site."""

    def join(fleet, token, **keys):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        server = {
            "endpoint": f"wss://127.0.0.1:{fleet.port}/v1/opamp", "headers": {"authorization": f"Bearer {token}"},
            "tls": {"ca_file": str(fleet.authority)}}
        config = configuration(
            ports, {"debug": {"verbosity": "basic"}}, signals=("traces",),
            extensions={"opamp": {
                "server": {"ws": server}, "capabilities": CAPABILITIES, "heartbeat_interval": "1s",
                "request_certificate": True, "storage": {"directory": str(tmp_path / "agent")}, **keys}})
        return launch(config, ports)

    return join


def enrollment(fleet, **keys):
    return fleet.call("POST", "/v1/enrollment-tokens", {"name": "edge", **keys})["token"]


def accepted(tmp_path):
    """What the agent has accepted of the manager: its certificate and its own token."""
    files = list((tmp_path / "agent").glob("connection-*.json"))
    return json.loads(files[0].read_text()) if files else {}


def serial(tmp_path):
    pem = accepted(tmp_path).get("certificate")
    if not pem:
        return None
    return subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True, check=True
    ).stdout.strip().removeprefix("serial=").lower().lstrip("0")


def one_agent(fleet, is_connected=True):
    def found():
        known = fleet.call("GET", "/v1/agents")["agents"]
        return known[0] if [agent["connected"] for agent in known] == [is_connected] else None

    return eventually(found, lambda: fleet.log, 60)


def audited(fleet, action):
    return [line for line in fleet.call("GET", "/v1/audit?page_size=1000")["entries"] if line["action"] == action]


def test_an_agent_gets_a_certificate_comes_with_it_renews_it_and_loses_it(manager, join, tmp_path):
    fleet = manager(certificate_lifetime="100s")
    token = enrollment(fleet, auto_approve=True, uses=1)
    apus = join(fleet, token)
    uid = one_agent(fleet)["uid"]
    first = eventually(lambda: serial(tmp_path), lambda: f"{apus.log}\n{fleet.log}", 60)
    # Its key has never left the machine, and the manager has written down the certificate.
    assert [line["target"] for line in audited(fleet, "certificate.issue")] == [f"agent/{uid}"]
    one_agent(fleet)
    # With nothing but the certificate it is this agent.
    kept = accepted(tmp_path)
    (tmp_path / "own.crt").write_text(kept["certificate"])
    (tmp_path / "own.key").write_text(kept["private_key"])

    def comes(with_certificate=True):
        arguments = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", fleet.authority, "-X", "POST",
                     "-H", "Content-Type: application/x-protobuf", "--data-binary", ""]
        if with_certificate:
            arguments += ["--cert", tmp_path / "own.crt", "--key", tmp_path / "own.key"]
        url = f"https://127.0.0.1:{fleet.port}/v1/opamp"
        return subprocess.run([*arguments, url], capture_output=True, text=True, timeout=30).stdout

    assert comes(False) == "401"
    assert comes() == "200"
    # A new one comes before the old one ends, and the agent stays who it is.
    second = eventually(
        lambda: serial(tmp_path) if serial(tmp_path) != first else None, lambda: f"{apus.log}\n{fleet.log}", 110)
    assert second and len(audited(fleet, "certificate.issue")) == 2
    assert one_agent(fleet)["uid"] == uid
    # After a restart it comes with the certificate; the enrollment token is used up.
    apus.stop()
    one_agent(fleet, is_connected=False)
    again = join(fleet, token)
    assert one_agent(fleet)["uid"] == uid
    again.wait_for_log("connected with the OpAMP server")
    # What is taken away counts no more, neither the certificate nor the token beside it.
    fleet.call("POST", f"/v1/agents/{uid}:revoke", {"reason": "stolen"})
    one_agent(fleet, is_connected=False)
    kept = accepted(tmp_path)
    (tmp_path / "own.crt").write_text(kept["certificate"])
    (tmp_path / "own.key").write_text(kept["private_key"])
    assert comes() == "401"
    again.wait_for_log("code 1008: the credentials were taken", 30)
    assert again.is_running


def test_an_agent_that_waits_for_approval_gets_its_certificate_after_it(manager, join, tmp_path):
    fleet = manager()
    apus = join(fleet, enrollment(fleet))
    apus.wait_for_log("asking the OpAMP server for a certificate", 30)
    apus.wait_for_log("the certificate is not issued: the agent is not let in yet", 30)
    waiting = eventually(lambda: fleet.call("GET", "/v1/enrollments")["enrollments"], lambda: fleet.log)
    fleet.call("POST", f"/v1/enrollments/{waiting[0]['uid']}:approve", {})
    eventually(lambda: serial(tmp_path), lambda: f"{apus.log}\n{fleet.log}", 100)
    one_agent(fleet)


def test_a_certificate_of_another_authority_is_refused_in_the_handshake(manager, authority):
    fleet = manager()
    done = subprocess.run(
        ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", fleet.authority, "--cert",
         authority / "ada.crt", "--key", authority / "ada.key", f"https://127.0.0.1:{fleet.port}/v1/opamp"],
        capture_output=True, text=True, timeout=30)
    assert done.stdout == "000", done
