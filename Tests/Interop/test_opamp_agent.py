"""Our collector as an agent, against a server that is not ours."""

import json
import re
import uuid

import opamp_messages as opamp
import pytest
import yaml
from conftest import configuration, to_http
from opamp_server import HTTPServer, Refusal, WebSocketServer
from process import eventually, free_port, get

EVERYTHING = {
    "accepts_remote_config": True, "accepts_restart_command": True, "accepts_opamp_connection_settings": True}


@pytest.fixture
def server(afterwards):
    server = WebSocketServer(custom=[opamp.FLOW, opamp.CONFIG])
    afterwards.callback(server.close)
    return server


@pytest.fixture(params=["ws", "http"])
def either(request, afterwards):
    """A server of each transport."""
    server = (WebSocketServer if request.param == "ws" else HTTPServer)(custom=[opamp.FLOW, opamp.CONFIG])
    afterwards.callback(server.close)
    return server


def settings(server, **keys):
    """The settings of the extension for a server."""
    kind = "http" if isinstance(server, HTTPServer) else "ws"
    polling = {"polling_interval": "1s"} if kind == "http" else {}
    return {
        "server": {kind: {"endpoint": server.url, **polling}}, "capabilities": EVERYTHING,
        "heartbeat_interval": "1s", **keys}


@pytest.fixture
def join(launch, tmp_path):
    """Starts Apus as an agent of a server, with more settings of the extension, or with `opamp` as all of them."""

    def join(server, exporters=None, arguments=(), opamp=None, **keys):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        opamp_settings = {
            **(opamp or settings(server, **keys)), "storage": {"directory": str(tmp_path / "opamp")}}
        config = configuration(
            ports, exporters or {"debug": {"verbosity": "basic"}}, signals=("traces",),
            extensions={"opamp": opamp_settings})
        return launch(config, ports, arguments=arguments)

    return join


def first(server):
    return server.wait_for(lambda message: message.HasField("agent_description"), "a first report")


def offer(body, hash=b"\1", name=""):
    """Fills in a configuration."""
    text = body if isinstance(body, str) else yaml.safe_dump(body, sort_keys=False)

    def change(message):
        message.remote_config.config_hash = hash
        message.remote_config.config.config_map[name].body = text.encode()
        message.remote_config.config.config_map[name].content_type = "text/yaml"

    return change


def once(server, change):
    """Says something to the agent: at once over a WebSocket, in the next answer over plain HTTP."""
    if isinstance(server, WebSocketServer):
        return server.push(change)
    done = []

    def script(received):
        if done:
            return None
        done.append(True)
        answer = server.answer(received.message)
        change(answer)
        return answer

    server.script = script


def send_span(apus):
    span = {"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "name": "a"}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    code, _, answer = get(apus.ports["http"], "/v1/traces", "POST", {"Content-Type": "application/json"}, body)
    assert code == 200, answer


def status(server, value, hash=b"\1"):
    """The first report of a status of the configuration."""
    return server.wait_for(
        lambda message: message.HasField("remote_config_status")
        and message.remote_config_status.status == value
        and message.remote_config_status.last_remote_config_hash == hash, f"status {value}")


def connection_status(server, value, hash):
    return server.wait_for(
        lambda message: message.HasField("connection_settings_status")
        and message.connection_settings_status.status == value
        and message.connection_settings_status.last_connection_settings_hash == hash, f"status {value} of settings")


def effective(message):
    return "\n".join(
        file.body.decode() for file in message.effective_config.config_map.config_map.values())


SECOND = {"exporters": {"debug/second": {"verbosity": "normal"}},
          "service": {"pipelines": {"traces": {"exporters": ["debug", "debug/second"]}}}}


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


def test_an_agent_comes_back_with_what_has_changed(server, join):
    join(server)
    uid = first(server).instance_uid
    eventually(lambda: len(server.messages()) >= 3, "heartbeats")
    server.drop(1012)
    eventually(lambda: server.connections == 2, "a second connection")
    back = eventually(
        lambda: [received.message for received in server.received if received.connection == 2], "a message")[0]
    assert back.instance_uid == uid
    assert not back.HasField("agent_description")
    server.check_numbers()


def test_a_message_without_an_answer_is_sent_again(server, join):
    join(server)
    first(server)
    eventually(lambda: len(server.messages()) >= 3, "heartbeats")
    lost = []

    def script(received):
        if not lost:
            lost.append(received.message)
            server.drop(1012)
            return False
        return None

    server.script = script
    eventually(
        lambda: [received for received in server.received if received.connection == 2], "a second connection", 30)
    again = [received.message for received in server.received if received.connection == 2][0]
    assert again == lost[0]
    server.check_numbers()


def test_a_server_that_refuses_gets_the_pause_it_asks_for(server, join):
    attempts = []

    def door(request):
        attempts.append(server.now)
        return Refusal(503, {"Retry-After": "2"}) if len(attempts) == 1 else None

    server.door = door
    join(server)
    first(server)
    assert attempts[1] - attempts[0] >= 1.6


@pytest.mark.parametrize("code", [401, 403])
def test_a_server_that_does_not_know_the_agent_is_not_asked_often(server, join, code):
    server.door = lambda request: Refusal(code)
    apus = join(server)
    found = apus.wait_for_log(r"next attempt is in (\d+) ms")
    assert int(found.group(1)) >= 60_000
    assert str(code) in apus.log


def test_a_server_that_has_too_much_to_do_gets_its_pause(either, join):
    first_times = []

    def script(received):
        first_times.append(either.now)
        if len(first_times) > 1:
            return None
        answer = opamp.ServerToAgent(instance_uid=received.message.instance_uid)
        answer.error_response.type = opamp.UNAVAILABLE
        answer.error_response.retry_info.retry_after_nanoseconds = 2_000_000_000
        return answer

    either.script = script
    join(either)
    eventually(lambda: len(first_times) > 1, "another attempt")
    assert first_times[1] - first_times[0] >= 1.6
    # It is the same message: the server did not take it.
    assert either.messages()[0] == either.messages()[1]
    either.check_numbers()


def test_a_message_that_is_refused_is_not_sent_again(server, join):
    def script(received):
        if received.message.sequence_num != 1:
            return None
        answer = opamp.ServerToAgent(instance_uid=received.message.instance_uid)
        answer.error_response.type = opamp.BAD_REQUEST
        answer.error_response.error_message = "health is odd"
        return answer

    server.script = script
    apus = join(server)
    eventually(lambda: len(server.messages()) > 2, "more messages")
    assert len(server.messages(lambda message: message.sequence_num == 1)) == 1
    assert "health is odd" in apus.log
    assert server.connections == 1


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


def test_an_agent_that_stops_says_so_and_closes(server, join):
    apus = join(server)
    first(server)
    assert apus.stop() == 0
    server.wait_for(lambda message: message.HasField("agent_disconnect"), "goodbye")
    assert eventually(lambda: server.closes, "a close") == [1000]
    server.check_numbers()


def test_an_agent_that_polls_says_goodbye(afterwards, join):
    server = HTTPServer()
    afterwards.callback(server.close)
    apus = join(server)
    first(server)
    assert apus.stop() == 0
    server.wait_for(lambda message: message.HasField("agent_disconnect"), "goodbye")


def test_messages_for_others_and_messages_that_are_none_are_harmless(server, join):
    apus = join(server)
    first(server)

    def restart(message):
        message.command.type = 0

    server.push(restart, uid=opamp.new_uid())
    server.sockets[-1].send(b"\0\xff\xff\xff")
    server.sockets[-1].send(b"\x05")
    server.push(offer(SECOND))
    status(server, opamp.APPLIED)
    assert apus.is_running and server.connections == 1


def test_a_message_that_is_too_large_ends_the_connection(server, join):
    join(server)
    first(server)
    server.sockets[-1].send(b"\0" + b"\x5a" + b"\x80\x80\x80\x10" + bytes(32 << 20))
    assert eventually(lambda: server.closes, "a close") == [1009]
    eventually(lambda: server.connections == 2, "a new connection")


def test_what_the_server_does_not_take_is_not_sent(afterwards, join):
    server = WebSocketServer(capabilities=opamp.ACCEPTS_STATUS | 0x2)
    afterwards.callback(server.close)
    join(server)
    begin = first(server).sequence_num
    server.push(offer(SECOND))
    status(server, opamp.APPLIED)
    later = server.messages(lambda message: message.sequence_num > begin)
    assert not any(message.HasField("effective_config") for message in later)
    assert not any(message.HasField("custom_message") for message in later)


def test_the_next_server_is_used_when_the_first_is_not_there(server, join):
    join(None, opamp={"servers": [
        {"endpoint": f"ws://127.0.0.1:{free_port()}/v1/opamp"}, {"endpoint": server.url}]})
    first(server)


def settings_offer(hash, **keys):
    def change(message):
        message.connection_settings.hash = hash
        message.connection_settings.opamp.heartbeat_interval_seconds = keys.pop("heartbeat", 1)
        for name, value in keys.pop("headers", {}).items():
            message.connection_settings.opamp.headers.headers.add(key=name, value=value)
        for name, value in keys.items():
            setattr(message.connection_settings.opamp, name, value)

    return change


def test_another_interval_is_used_in_place(server, join):
    join(server, heartbeat_interval="20s")
    first(server)
    server.push(settings_offer(b"s1", heartbeat=1))
    connection_status(server, opamp.APPLIED, b"s1")
    count = len(server.messages())
    eventually(lambda: len(server.messages()) >= count + 3, "heartbeats of a second", 15)
    assert server.connections == 1


def test_another_server_is_tried_and_then_used(server, afterwards, join, launch):
    other = WebSocketServer(custom=[])
    afterwards.callback(other.close)
    apus = join(server)
    uid = first(server).instance_uid
    server.push(settings_offer(b"s1", destination_endpoint=other.url, headers={"authorization": "Bearer new"}))
    applied = connection_status(other, opamp.APPLIED, b"s1")
    assert applied.instance_uid == uid
    assert other.received[0].headers["authorization"] == "Bearer new"
    # It said that it was trying, and goodbye.
    connection_status(server, opamp.APPLYING, b"s1")
    server.wait_for(lambda message: message.HasField("agent_disconnect"), "goodbye")
    assert eventually(lambda: server.closes, "a close") == [1000]
    # The next process begins with what was accepted.
    apus.stop()
    count = other.connections
    launch(apus.config, apus.ports)
    eventually(lambda: other.connections > count, "a connection of the next process")
    assert server.connections == 1


def test_another_server_that_refuses_is_given_up(server, afterwards, join):
    other = WebSocketServer()
    other.door = lambda request: Refusal(401)
    afterwards.callback(other.close)
    apus = join(server)
    first(server)
    server.push(settings_offer(b"s1", destination_endpoint=other.url))
    failed = connection_status(server, opamp.FAILED, b"s1")
    assert "401" in failed.connection_settings_status.error_message
    assert server.connections == 2
    assert apus.is_running


def test_settings_that_weaken_the_connection_are_refused_by_name(server, join):
    join(server)
    first(server)

    def change(message):
        settings_offer(b"s1")(message)
        message.connection_settings.opamp.tls.insecure_skip_verify = True

    server.push(change)
    failed = connection_status(server, opamp.FAILED, b"s1").connection_settings_status
    assert "insecure_skip_verify" in failed.error_message
    assert server.connections == 1


def test_the_collector_begins_anew_when_the_server_says_so(server, join):
    apus = join(server)
    uid = first(server).instance_uid
    server.push(lambda message: setattr(message.command, "type", 0))
    server.wait_for(lambda message: message.HasField("agent_disconnect"), "goodbye", 30)
    eventually(lambda: server.connections == 2, "a second life", 30)
    assert server.messages()[-1].instance_uid == uid
    assert apus.is_running
