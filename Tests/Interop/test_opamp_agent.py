"""Our collector as an agent, against a server that is not ours: reports, configurations, commands."""

import re
import uuid

import opamp_messages as opamp
from conftest import to_http
from opamp_member import (  # noqa: F401 (fixtures)
    SECOND, effective, either, first, join, offer, once, send_span, server, status)
from opamp_server import HTTPServer
from process import eventually


def test_the_first_report_says_everything(either, join):
    apus = join(either)
    message = first(either)
    assert message.sequence_num == 1
    assert uuid.UUID(bytes=message.instance_uid).version == 7
    attributes = opamp.attributes(message.agent_description.identifying_attributes)
    assert attributes["service.instance.id"] == str(uuid.UUID(bytes=message.instance_uid))
    assert attributes["service.name"] and attributes["service.version"]
    other = opamp.attributes(message.agent_description.non_identifying_attributes)
    assert other["os.type"] == "linux" and other["host.name"]
    expected = (
        opamp.REPORTS_STATUS | opamp.ACCEPTS_REMOTE_CONFIG | opamp.REPORTS_EFFECTIVE_CONFIG | opamp.REPORTS_HEALTH
        | opamp.REPORTS_REMOTE_CONFIG | opamp.ACCEPTS_RESTART_COMMAND | opamp.ACCEPTS_OPAMP_CONNECTION_SETTINGS
        | opamp.REPORTS_CONNECTION_SETTINGS_STATUS | opamp.REPORTS_HEARTBEAT | opamp.REPORTS_AVAILABLE_COMPONENTS)
    assert message.capabilities == expected
    assert set(message.custom_capabilities.capabilities) == {opamp.FLOW, opamp.CONFIG}
    assert message.available_components.hash and not message.available_components.components
    assert "receivers:" in effective(message)
    # Whatever was under way while it began, it ends up healthy and says so.
    healthy = either.wait_for(lambda message: message.HasField("health") and message.health.healthy)
    assert healthy.health.component_health_map
    assert apus.is_running
    either.check_numbers()


def test_requests_of_plain_http_have_the_fields_of_the_specification(afterwards, join):
    server = HTTPServer()
    afterwards.callback(server.close)
    join(server)
    message = first(server)
    headers = {name.lower(): value for name, value in server.received[0].headers.items()}
    assert headers["content-type"] == "application/x-protobuf"
    assert headers["opamp-instance-uid"] == str(uuid.UUID(bytes=message.instance_uid))


def test_a_configuration_is_applied_and_reported(either, join):
    apus = join(either)
    first(either)
    once(either, offer(SECOND))
    status(either, opamp.APPLIED)
    either.wait_for(lambda message: "debug/second" in effective(message), "the new configuration")
    statuses = [
        message.remote_config_status.status for message in
        either.messages(lambda message: message.remote_config_status.last_remote_config_hash == b"\1")]
    assert statuses[-1] == opamp.APPLIED and opamp.FAILED not in statuses
    # The local part is still there.
    send_span(apus)
    either.check_numbers()


def test_a_configuration_that_is_wrong_fails_with_its_place_and_changes_nothing(either, join):
    join(either)
    first(either)
    once(either, offer("exporters:\n  debug/second:\n    verbosit: normal\n"))
    failed = status(either, opamp.FAILED).remote_config_status
    assert re.search(r"\b3:5\b", failed.error_message), failed.error_message
    assert "verbosity" in failed.error_message
    assert not either.messages(lambda message: "debug/second" in effective(message))
    once(either, offer(SECOND, hash=b"\2"))
    status(either, opamp.APPLIED, b"\2")
    either.check_numbers()


def test_the_same_configuration_again_is_not_applied_again(server, join):
    apus = join(server)
    first(server)
    server.push(offer(SECOND))
    status(server, opamp.APPLIED)
    begin = len(apus.log)
    for _ in range(5):
        server.push(offer(SECOND))
    heard = len(server.messages())
    eventually(lambda: len(server.messages()) > heard + 1, "heartbeats")
    assert "offers a configuration" not in apus.log[begin:]


def test_secrets_do_not_leave_the_collector(server, http_sink, join):
    join(server, exporters=to_http(http_sink, headers={"authorization": "Bearer marker-5up3r"}))
    message = first(server)
    assert "otlp_http" in effective(message)
    server.push(lambda message: setattr(message, "flags", opamp.REPORT_FULL_STATE))
    eventually(lambda: len(server.messages(lambda message: message.HasField("agent_description"))) > 1, "a second")
    for message in server.messages():
        assert b"marker-5up3r" not in message.SerializeToString()


def test_heartbeats_come_at_their_interval_and_are_small(server, join):
    join(server)
    first(server)
    eventually(
        lambda: len(server.messages(lambda message: message.ByteSize() < 40)) >= 3, "three heartbeats", 30)
    for message in server.messages(lambda message: message.ByteSize() < 40):
        assert message.capabilities and message.instance_uid
    server.check_numbers()


def test_traffic_is_told(server, join):
    apus = join(server)
    first(server)
    send_span(apus)
    message = server.wait_for(
        lambda message: message.custom_message.capability == opamp.FLOW
        and opamp.FlowReport.FromString(message.custom_message.data).delivered > 0, "counters", 30)
    report = opamp.FlowReport.FromString(message.custom_message.data)
    assert message.custom_message.type == "counters"
    assert report.accepted == 1 and report.delivered == 1 and report.dropped == 0
    assert [pipeline.id for pipeline in report.pipelines] == ["traces"]


def test_everything_is_reported_when_the_server_asks(either, join):
    join(either)
    report = first(either)
    once(either, lambda message: setattr(message, "flags", opamp.REPORT_FULL_STATE))
    again = either.wait_for(
        lambda message: message.HasField("agent_description") and message.sequence_num > report.sequence_num)
    for part in ("health", "effective_config", "custom_capabilities", "available_components"):
        assert again.HasField(part), part
    assert again.agent_description == report.agent_description


def test_all_components_are_reported_when_the_server_asks(either, join):
    join(either)
    report = first(either)
    once(either, lambda message: setattr(message, "flags", opamp.REPORT_AVAILABLE_COMPONENTS))
    message = either.wait_for(lambda message: message.available_components.components)
    assert message.available_components.hash == report.available_components.hash
    kinds = message.available_components.components
    assert {"receivers", "processors", "exporters", "extensions"} <= set(kinds)
    assert "otlp" in kinds["receivers"].sub_component_map


def test_a_new_id_is_kept(server, join, launch):
    new = opamp.new_uid()

    def script(received):
        if received.message.instance_uid == new:
            return None
        answer = server.answer(received.message)
        answer.agent_identification.new_instance_uid = new
        return answer

    server.script = script
    apus = join(server, request_instance_uid=True)
    report = first(server)
    assert report.flags & opamp.REQUEST_INSTANCE_UID
    assert not server.wait_for(lambda message: message.instance_uid == new).flags
    apus.stop()
    count = len(server.messages())
    launch(apus.config, apus.ports)
    again = eventually(lambda: server.messages()[count:], "a message of the next process")[0]
    assert again.instance_uid == new
