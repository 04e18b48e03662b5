import Extensions
import OpAMP
import Settings
import Testing

@Suite struct OpAMPSettingsTests {
    private let server = "server: {ws: {endpoint: 'wss://fleet:4320/v1/opamp'}}"

    @Test(arguments: [
        "server: {ws: {endpoint: 'ws://127.0.0.1:4320/v1/opamp', tls: {insecure: true}}}",
        "server: {http: {endpoint: 'https://fleet/v1/opamp', polling_interval: 10s, headers: {a: b}}}",
        "server: {ws: {endpoint: 'wss://fleet', auth: bearertokenauth/x}}",
        "servers: [{endpoint: 'wss://a'}, {endpoint: 'https://b', headers: {authorization: x}}]",
    ])
    func `servers are written as in otelcol, or as a list`(_ text: String) throws {
        _ = try OpAMPAgent.Configuration.decode(yaml: "{\(text)}")
    }

    @Test(arguments: [
        "", "server: {}", "server: {ws: {endpoint: 'http://a'}}", "server: {http: {endpoint: 'wss://a'}}",
        "server: {ws: {endpoint: 'a:1'}}", "server: {ws: {}}",
        "server: {ws: {endpoint: 'ws://a'}, http: {endpoint: 'http://a'}}",
        "server: {ws: {endpoint: 'ws://a'}}, servers: [{endpoint: 'ws://b'}]",
        "server: {ws: {endpoint: 'ws://a', polling_interval: 1s}}",
        "server: {ws: {endpoint: 'ws://u:p@a'}}", "server: {ws: {endpoint: 'ws://a', auth: '1'}}",
        "server: {http: {endpoint: 'http://a', polling_interval: 1ms}}",
    ])
    func `servers that cannot be meant are refused`(_ text: String) {
        #expect(throws: InvalidSettings.self) { _ = try OpAMPAgent.Configuration.decode(yaml: "{\(text)}") }
    }

    @Test(arguments: [
        "instance_uid: 01ARZ3NDEKTSV4RRFFQ69G5FAV", "instance_uid: x", "heartbeat_interval: -1s",
        "heartbeat_interval: 25h", "labels: {'a b': c}", "labels: {a: 'x,y'}", "ppid: -1",
        "ppid_poll_interval: 1ms", "storage: {directory: relative}", "request_certificate: true",
        "capabilities: {accepts_packages: true}", "capabilities: {reports_own_metrics: true}",
        "capabilities: {reports_own_logs: true}", "capabilities: {reports_own_traces: true}",
        "capabilities: {accepts_other_connection_settings: true}", "agent_description: {identifying: {}}",
        "request_instance_uid: true, instance_uid: 0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f", "unknown: 1",
    ])
    func `what is not supported is an error`(_ text: String) {
        #expect(throws: InvalidSettings.self) {
            _ = try OpAMPAgent.Configuration.decode(yaml: "{\(server), \(text)}")
        }
    }

    @Test(arguments: [
        "instance_uid: 0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f", "labels: {env: prod, a.b/c-d_e: ''}",
        "capabilities: {accepts_opamp_connection_settings: true}, request_certificate: true",
        "heartbeat_interval: 0", "ppid: 1, ppid_poll_interval: 5s", "reports_raw_config: true",
        "storage: {directory: /var/lib/x}", "request_instance_uid: true",
    ])
    func `everything else is taken`(_ text: String) throws {
        _ = try OpAMPAgent.Configuration.decode(yaml: "{\(server), \(text)}")
    }
}
