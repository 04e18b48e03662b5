internal import Formats
internal import Logging
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// What all connections of the receiver have in common.
struct ForwardService: StreamApplication {
    /// Who may send.
    struct Door: Sendable {
        let sharedKey: String
        let hostname: String
        let passwords: [String: String]
        let failedTries: FailedTries
    }

    /// What a connection counts.
    struct Meters: Sendable {
        let opened: Counter
        let closed: Counter
        let parsed: Counter
        let failures: Counter
        let invalid: Counter
        let unauthenticated: Counter
    }

    let outlet: Outlet?
    let memory: ReceiverMemory
    /// The most bytes of a message, before and after decompression.
    let limit: Int
    let door: Door?
    let meters: Meters
    let clock: any PipelineClock
    let logger: Logger
    /// The times between tries to find memory for what a message becomes; it is lost after the last.
    ///
    /// Two and a half minutes by default: a message that is too large for the process will never fit, which
    /// looks like one that came at a bad moment.
    var patience: [Duration] = [1, 2, 4, 8, 16, 30, 30, 30, 30].map { .seconds($0) }

    init(
        _ configuration: FluentForwardReceiver.Configuration, _ outlet: Outlet?, memory: ReceiverMemory,
        transport: String, _ context: Context
    ) {
        self.outlet = outlet
        self.memory = memory
        limit = configuration.maxMessageSize.bytes
        clock = context.clock
        logger = context.logger
        door = configuration.security.map { security in
            let hostname = security.selfHostname
            let users = security.users.map { ($0.username, $0.password.reveal()) }
            return Door(
                sharedKey: security.sharedKey.reveal(),
                hostname: hostname.isEmpty ? ForwardHandshake.machineName : hostname,
                passwords: Dictionary(users) { $1 }, failedTries: FailedTries(clock: context.clock))
        }
        meters = Meters(context, transport: transport)
    }

    func handler(for connection: StreamConnection) -> any StreamHandler {
        ForwardSession(connection, self)
    }
}

extension ForwardService.Meters {
    fileprivate init(_ context: Context, transport: String) {
        let receiver: Metrics.Labels = [("receiver", context.id.description)]
        func counter(_ name: String, _ help: String, _ labels: Metrics.Labels) -> Counter {
            context.metrics.counter(name, help, labels: labels)
        }
        opened = counter(
            "otelcol_fluent_opened_connections", "Connections opened to the receiver.", receiver)
        closed = counter(
            "otelcol_fluent_closed_connections", "Connections closed to the receiver.", receiver)
        parsed = counter(
            "otelcol_fluent_events_parsed", "Messages of the Forward protocol that were read.", receiver)
        failures = counter(
            "otelcol_fluent_parse_failures", "Messages of the Forward protocol that could not be read.",
            receiver)
        invalid = counter(
            "apus_receiver_invalid_requests", "Requests that were not valid telemetry.",
            receiver + [("transport", transport)])
        unauthenticated = counter(
            "apus_receiver_refused_requests", "Requests refused before they were read, by reason.",
            receiver + [("transport", transport), ("reason", "authentication")])
    }
}
