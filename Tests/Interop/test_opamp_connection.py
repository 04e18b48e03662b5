"""Our collector as an agent, against a server that is not ours: connections, their end, and their settings."""

import opamp_messages as opamp
import pytest
from opamp_member import (  # noqa: F401 (fixtures)
    SECOND, connection_status, either, first, join, offer, server, settings_offer, status)
from opamp_server import HTTPServer, Refusal, WebSocketServer
from process import eventually, free_port


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
