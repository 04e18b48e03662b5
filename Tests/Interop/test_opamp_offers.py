"""Our fleet manager as an OpAMP server, against agents that are not ours: offers, commands, and who may come."""

import os
import uuid

import opamp_messages as opamp
import pytest
from opamp_agent import PATH, HTTPAgent, WebSocketAgent
from opamp_fleet import SMALL, FleetManager, agent, fleet, socket_agent  # noqa: F401 (fixtures)
from process import eventually


def test_an_agent_that_takes_configurations_gets_one_until_it_has_it(fleet, socket_agent):
    agent = socket_agent(name="takes")
    agent.begin()
    fleet.roll_out(SMALL, name="takes", selector="service.name=takes")
    offer = agent.receive_until(lambda answer: answer.HasField("remote_config"))
    assert offer.instance_uid == agent.uid
    assert offer.remote_config.config.config_map[""].body == SMALL.encode()
    assert len(offer.remote_config.config_hash) == 32
    # An agent that comes again without having said what became of it is offered it again.
    agent.close()
    agent.connect()
    agent.send(agent.message())
    again = agent.receive_until(lambda answer: answer.HasField("remote_config"))
    assert again.remote_config == offer.remote_config
    done = agent.message()
    done.remote_config_status.last_remote_config_hash = offer.remote_config.config_hash
    done.remote_config_status.status = opamp.APPLIED
    assert not agent.ask(done).HasField("remote_config")
    assert not agent.ask(agent.message()).HasField("remote_config")
    assert fleet.agent(agent)["drift"] == "in_sync"


def test_a_configuration_that_failed_is_not_offered_again(fleet, socket_agent):
    agent = socket_agent(name="fails")
    agent.begin()
    fleet.roll_out(SMALL, name="fails", selector="service.name=fails")
    offer = agent.receive_until(lambda answer: answer.HasField("remote_config"))
    failed = agent.message()
    failed.remote_config_status.last_remote_config_hash = offer.remote_config.config_hash
    failed.remote_config_status.status = opamp.FAILED
    failed.remote_config_status.error_message = "exporters::debug is odd"
    assert not agent.ask(failed).HasField("remote_config")
    for _ in range(5):
        assert not agent.ask(agent.message()).HasField("remote_config")
    history = fleet.agent(agent)["history"]
    assert history[0]["outcome"] == "failed" and "odd" in history[0]["message"]


def test_an_agent_that_takes_no_configurations_gets_none(fleet, socket_agent):
    agent = socket_agent(name="reports-only", capabilities=opamp.REPORTS_STATUS | opamp.REPORTS_HEALTH)
    other = socket_agent(name="reports-only")
    agent.begin()
    other.begin()
    fleet.roll_out(SMALL, name="reports-only", selector="service.name=reports-only")
    other.receive_until(lambda answer: answer.HasField("remote_config"))
    for _ in range(5):
        assert not agent.ask(agent.message()).HasField("remote_config")


def test_a_command_stands_alone(fleet, socket_agent):
    agent = socket_agent()
    agent.begin()
    fleet.call("POST", f"/v1/agents/{agent.text}:restart", {})
    command = agent.receive_until(lambda answer: answer.HasField("command"))
    assert {field.name for field, _ in command.ListFields()} <= {"instance_uid", "capabilities", "command"}
    assert command.command.type == 0


def test_an_agent_that_says_goodbye_is_not_connected(fleet, agent):
    agent.begin()
    assert fleet.agent(agent)["connected"]
    last = agent.message()
    last.agent_disconnect.SetInParent()
    agent.ask(last)
    eventually(lambda: not fleet.agent(agent)["connected"], "the end")


def test_an_agent_whose_connection_breaks_is_not_connected(fleet, socket_agent):
    agent = socket_agent()
    agent.begin()
    assert fleet.agent(agent)["connected"]
    agent.socket.close_socket()
    eventually(lambda: not fleet.agent(agent)["connected"], "the end")


# Agents of others


def test_the_agent_of_opentelemetry_for_python_works(fleet):
    from opentelemetry._opamp.agent import OpAMPAgent
    from opentelemetry._opamp.callbacks import OpAMPCallbacks
    from opentelemetry._opamp.client import OpAMPClient
    from opentelemetry._opamp.proto import opamp_pb2

    offers, errors = [], []

    class Callbacks(OpAMPCallbacks):
        def on_message(self, agent, client, message):
            if message.remote_config is not None and message.remote_config.config_hash:
                offers.append(message.remote_config)
                status = client.update_remote_config_status(
                    message.remote_config.config_hash,
                    opamp_pb2.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED)
                if status is not None:
                    agent.send(client.build_remote_config_status_response_message(status))

        def on_error(self, agent, client, error):
            errors.append(error)

    client = OpAMPClient(
        endpoint=f"http://127.0.0.1:{fleet.port}{PATH}", agent_identifying_attributes={
            "service.name": "python", "service.instance.id": "one"}, timeout_millis=10_000)
    agent = OpAMPAgent(interval=0.2, callbacks=Callbacks(), client=client)
    agent.start()
    try:
        uid = uuid.UUID(bytes=client._instance_uid)
        eventually(
            lambda: fleet.call("GET", f"/v1/agents/{uid}", check=False).get("connected"), "the agent in the inventory")
        fleet.roll_out(SMALL, name="python", selector="service.name=python")
        eventually(lambda: fleet.call("GET", f"/v1/agents/{uid}")["drift"] == "in_sync", "the configuration")
        assert len(offers) == 1 and not errors
        assert offers[0].config.config_map[""].body == SMALL.encode()
    finally:
        agent.stop()


def test_an_agent_that_only_reports_is_known(fleet, socket_agent):
    """In the order in which otelcol's extension does it: health before it is ready, the configuration later."""
    capabilities = (
        opamp.REPORTS_STATUS | opamp.REPORTS_EFFECTIVE_CONFIG | opamp.REPORTS_HEALTH | opamp.REPORTS_AVAILABLE_COMPONENTS)
    agent = socket_agent(name="otelcol-contrib", capabilities=capabilities)
    agent.sequence = -1  # opamp-go begins with 0
    message = agent.message(agent_description=opamp.description(
        service_instance_id=agent.text, service_name=agent.name, service_version="0.152.0"))
    message.health.healthy = False
    message.available_components.hash = os.urandom(32)
    assert not agent.ask(message).flags & opamp.REPORT_FULL_STATE
    message = agent.message()
    body = b"receivers:\n  otlp:\n"
    message.effective_config.config_map.config_map[""].body = body
    assert not agent.ask(message).flags & opamp.REPORT_FULL_STATE
    message = agent.message()
    message.health.healthy = True
    message.health.status = "StatusOK"
    pipeline = message.health.component_health_map["pipeline:traces"]
    pipeline.healthy = True
    pipeline.component_health_map["receiver:otlp"].healthy = True
    assert not agent.ask(message).flags & opamp.REPORT_FULL_STATE
    known = fleet.agent(agent)
    assert known["healthy"] and known["drift"] == "unmanaged"
    config = fleet.call("GET", f"/v1/agents/{agent.text}/effective-config")
    assert [file["body"] for file in config["files"]] == [body.decode()]


# Who may come


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """A manager that wants to know who comes."""
    fleet = FleetManager(tmp_path_factory.mktemp("closed"), auth="token")
    yield fleet
    fleet.stop()


def test_an_agent_without_credentials_is_refused(closed):
    agent = HTTPAgent(closed.port)
    status, fields, _ = agent.post(agent.report().SerializeToString())
    assert status == 401 and "Bearer" in fields["WWW-Authenticate"]
    status, fields, _ = HTTPAgent(closed.port, headers={"Authorization": "Bearer wrong"}).post(b"")
    assert status == 401


def test_an_agent_that_enrolls_gets_a_credential_of_its_own(closed, afterwards):
    token = closed.call("POST", "/v1/enrollment-tokens", {"name": "test", "auto_approve": True, "uses": 1})["token"]
    agent = WebSocketAgent(closed.port, headers={"Authorization": f"Bearer {token}"})
    afterwards.callback(agent.close)
    agent.send(agent.report())
    offer = agent.receive_until(lambda answer: answer.HasField("connection_settings")).connection_settings
    # What is not named is unchanged or off, so everything that matters is named.
    assert offer.hash and offer.opamp.heartbeat_interval_seconds > 0
    own = {header.key.lower(): header.value for header in offer.opamp.headers.headers}["authorization"]
    assert own.startswith("Bearer ") and token not in own
    agent.close()
    again = WebSocketAgent(closed.port, headers={"Authorization": own}, uid=agent.uid)
    afterwards.callback(again.close)
    again.sequence = agent.sequence
    done = again.message()
    done.connection_settings_status.last_connection_settings_hash = offer.hash
    done.connection_settings_status.status = opamp.APPLIED
    assert not again.ask(done).HasField("error_response")
    # The credential is this agent's, and nobody else's.
    thief = HTTPAgent(closed.port, headers={"Authorization": own})
    status, _, body = thief.post(thief.report().SerializeToString())
    assert status in (401, 403) or opamp.ServerToAgent.FromString(body).HasField("error_response")
    # Once it is revoked it opens nothing, and ends what it has opened.
    closed.call("POST", f"/v1/agents/{agent.text}:revoke", {})
    assert again.close_code() == 1008
    status, _, _ = HTTPAgent(closed.port, headers={"Authorization": own}, uid=agent.uid).post(b"")
    assert status == 401
