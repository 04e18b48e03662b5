"""How agents are let in, get credentials of their own and lose them again; and where secrets are, and are not."""

import json
import subprocess

import opamp_messages as opamp
import pytest
from opamp_agent import HTTPAgent, WebSocketAgent
from opamp_fleet import FleetManager
from process import eventually, get
from websockets.exceptions import InvalidStatus

MARKER = "marker-s3cr3t-7f3a"

SECRET = """receivers: {otlp: {protocols: {grpc: {endpoint: "localhost:4317"}}}}
processors: {memory_limiter: {check_interval: 1s, limit_mib: 100}, batch: {}}
exporters:
  otlp: {endpoint: "https://example.com:4317", headers: {authorization: "Bearer ${secret:backend}"}}
service:
  pipelines:
    traces: {receivers: [otlp], processors: [memory_limiter, batch], exporters: [otlp]}
"""


class GuardedManager(FleetManager):
    """One that lets nobody in without a credential, and that has a secret."""

    def __init__(self, directory):
        secrets = directory / "secrets"
        secrets.mkdir()
        (secrets / "backend").write_text(MARKER + "\n")
        self.options = ("--secrets-directory", str(secrets))
        super().__init__(directory, auth="token")

    def enrollment(self, name, **keys):
        """The text of a new enrollment token."""
        made = self.call("POST", "/v1/enrollment-tokens", {"name": name, **keys})
        return next(value for value in made.values() if str(value).startswith("apuse_"))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = GuardedManager(tmp_path_factory.mktemp("fleet"))
    yield fleet
    log = fleet.log
    try:
        fleet.stop()
    except Exception:
        fleet.kill()
        raise
    finally:
        print(log[-20000:])


@pytest.fixture
def come(fleet, afterwards):
    """An agent with a bearer token."""

    def make(token, **options):
        agent = WebSocketAgent(fleet.port, headers={"Authorization": f"Bearer {token}"}, **options)
        afterwards.callback(agent.close)
        return agent

    return make


def own_token(agent):
    """The token of its own that the manager offers an agent."""
    offer = agent.receive_until(
        lambda message: any(
            header.key.lower() == "authorization"
            for header in message.connection_settings.opamp.headers.headers))
    header = next(
        header for header in offer.connection_settings.opamp.headers.headers
        if header.key.lower() == "authorization")
    return header.value.removeprefix("Bearer ")


def refusal(make):
    """The status with which a connection is refused."""
    with pytest.raises(InvalidStatus) as refused:
        make()
    return refused.value.response.status_code


def test_without_a_credential_nobody_is_let_in(fleet, come):
    assert refusal(lambda: WebSocketAgent(fleet.port)) == 401
    assert refusal(lambda: come("apuse_0011223344556677_" + "0" * 64)) == 401
    agent = HTTPAgent(fleet.port)
    assert agent.post(agent.report().SerializeToString())[0] == 401


def test_a_token_of_people_is_none_of_agents_and_the_other_way_round(fleet, come):
    assert refusal(lambda: come(fleet.token)) == 401
    enrollment = fleet.enrollment("not-for-people")
    headers = {"Authorization": f"Bearer {enrollment}"}
    assert get(fleet.api_port, "/v1/agents", "GET", headers)[0] == 401


def test_an_agent_waits_for_a_person_and_gets_a_token_of_its_own(fleet, come):
    enrollment = fleet.enrollment("waiting", labels={"site": "a"})
    agent = come(enrollment, name="waiting")
    agent.begin()
    waiting = eventually(
        lambda: [item for item in fleet.call("GET", "/v1/enrollments")["enrollments"] if item["uid"] == agent.text],
        lambda: fleet.log)
    assert waiting[0]["state"] == "waiting"
    fleet.call("POST", f"/v1/enrollments/{agent.text}:approve", {})
    token = own_token(agent)
    agent.close()
    # With its own token it is itself, and no other.
    again = come(token, uid=agent.uid)
    assert again.begin().instance_uid == agent.uid
    other = come(token)
    other.send(other.report())
    assert other.close_code() == 1008
    # From then on the shared one is not enough to be this agent; that it has come with its own is noted soon after.
    def is_refused():
        shared = come(enrollment, uid=agent.uid)
        shared.send(shared.report())
        try:
            return shared.close_code(2) == 1008
        except TimeoutError:
            return False

    eventually(is_refused, lambda: fleet.log)
    assert fleet.agent(agent)["labels"]["site"] == "a"


def test_an_agent_that_is_turned_away_is_closed(fleet, come):
    agent = come(fleet.enrollment("rejected"), name="rejected")
    agent.begin()
    eventually(
        lambda: any(
            item["uid"] == agent.text for item in fleet.call("GET", "/v1/enrollments")["enrollments"]),
        lambda: fleet.log)
    fleet.call("POST", f"/v1/enrollments/{agent.text}:reject", {"reason": "not ours"})
    assert agent.close_code() == 1008


def test_revoking_ends_the_connection_and_every_later_one(fleet, come):
    agent = come(fleet.enrollment("revoked", auto_approve=True), name="revoked")
    agent.begin()
    token = own_token(agent)
    agent.close()
    again = come(token, uid=agent.uid)
    again.begin()
    fleet.call("POST", f"/v1/agents/{agent.text}:revoke", {"reason": "stolen"})
    assert again.close_code(5) == 1008
    assert refusal(lambda: come(token, uid=agent.uid)) == 401


def test_an_agent_gets_a_certificate_for_its_own_key(fleet, come, tmp_path):
    agent = come(fleet.enrollment("certified", auto_approve=True), name="certified")
    agent.begin()
    own_token(agent)  # It is let in now.
    key, request = tmp_path / "agent.key", tmp_path / "agent.csr"
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
         key, "-out", request, "-subj", f"/CN={agent.text}"], check=True, capture_output=True)
    message = agent.message()
    message.connection_settings_request.opamp.certificate_request.csr = request.read_bytes()
    agent.send(message)
    offer = agent.receive_until(
        lambda message: message.connection_settings.opamp.certificate.ByteSize() > 0
        or message.HasField("error_response"))
    assert not offer.HasField("error_response"), offer.error_response.error_message
    pem = next(
        value for _, value in offer.connection_settings.opamp.certificate.ListFields()
        if value.startswith(b"-----BEGIN CERTIFICATE"))
    certificate = tmp_path / "agent.crt"
    certificate.write_bytes(pem)
    authority = next(fleet.state.rglob("agents-ca.crt"))
    subprocess.run(
        ["openssl", "verify", "-CAfile", authority, "-purpose", "sslclient", certificate], check=True,
        capture_output=True)
    shown = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", "-text"], check=True, capture_output=True,
        text=True).stdout
    assert f"CN = {agent.text}" in shown and f"URI:urn:uuid:{agent.text}" in shown and "CA:FALSE" in shown


def test_a_request_for_the_certificate_of_another_is_a_bad_request(fleet, come, tmp_path):
    agent = come(fleet.enrollment("impostor", auto_approve=True), name="impostor")
    agent.begin()
    own_token(agent)  # It is let in now.
    request = tmp_path / "agent.csr"
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
         tmp_path / "agent.key", "-out", request, "-subj", "/CN=0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f"],
        check=True, capture_output=True)
    message = agent.message()
    message.connection_settings_request.opamp.certificate_request.csr = request.read_bytes()
    agent.send(message)
    answer = agent.receive_until(lambda message: message.HasField("error_response"))
    assert answer.error_response.type == opamp.BAD_REQUEST


def test_a_secret_is_in_the_offer_and_nowhere_else(fleet, come, tmp_path):
    agent = come(fleet.enrollment("secretive", auto_approve=True), name="secretive")
    agent.begin()
    own_token(agent)
    agent.ask(agent.report())
    fleet.roll_out(SECRET, name="secretive", selector="service.name=secretive")
    offer = agent.receive_until(lambda message: message.HasField("remote_config"), 60)
    body = offer.remote_config.config.config_map[""].body
    assert MARKER.encode() in body
    # An agent that repeats everything it was given.
    report = agent.report()
    report.effective_config.config_map.config_map[""].body = body
    report.remote_config_status.last_remote_config_hash = offer.remote_config.config_hash
    report.remote_config_status.status = opamp.FAILED
    report.remote_config_status.error_message = f"the token {MARKER} was refused"
    agent.send(report)
    eventually(
        lambda: "was refused" in json.dumps(fleet.agent(agent)), lambda: json.dumps(fleet.agent(agent)))
    texts = [
        json.dumps(fleet.call("GET", path)) for path in (
            f"/v1/agents/{agent.text}", f"/v1/agents/{agent.text}/effective-config",
            "/v1/configs/secretive/revisions/1",
            "/v1/rollouts", "/v1/audit", "/v1/variants")
        if get(fleet.api_port, path, "GET", {"Authorization": f"Bearer {fleet.token}"})[0] == 200]
    assert len(texts) >= 3
    assert any("${secret:backend}" in text for text in texts)
    assert any("*" * len(MARKER) in text for text in texts)
    stored = [path.read_bytes() for path in fleet.state.rglob("*") if path.is_file()]
    for text in [*[text.encode() for text in texts], fleet.log.encode(), *stored]:
        assert MARKER.encode() not in text
