import Pipeline
import Synchronization
import Telemetry

/// A collector that does nothing and remembers what it was asked.
final class FakeCollector: ManagedCollector {
    private struct State {
        var offers: [RemoteConfiguration] = []
        var confirmed: [[UInt8]] = []
        var reached: [String] = []
        var acknowledged: [RemoteRollback] = []
        var restarts: [String] = []
        var remote = RemoteConfigurationState()
        var text = "receivers: {}\n"
        var flow = CollectorFlow()
        var readers: [AsyncStream<CollectorNews>.Continuation] = []
    }

    private let state = Mutex(State())
    private let home: String?

    init(home: String? = nil) { self.home = home }

    var offers: [RemoteConfiguration] { state.withLock { $0.offers } }
    var confirmed: [[UInt8]] { state.withLock { $0.confirmed } }
    var reached: [String] { state.withLock { $0.reached } }
    var acknowledged: [RemoteRollback] { state.withLock { $0.acknowledged } }
    var restarts: [String] { state.withLock { $0.restarts } }

    // MARK: - What a test decides

    func setRemote(_ remote: RemoteConfigurationState) {
        tell(.remote(remote)) { $0.remote = remote }
    }

    func setText(_ text: String) { tell(.configurationChanged) { $0.text = text } }

    func setAccepted(_ accepted: UInt64) {
        state.withLock { state in
            state.flow.total.accepted = accepted
            state.flow.pipelines = [(PipelineID(signal: .traces), state.flow.total)]
        }
    }

    private func tell(_ news: CollectorNews, _ change: (inout State) -> Void) {
        let readers = state.withLock { state in
            change(&state)
            return state.readers
        }
        for reader in readers { reader.yield(news) }
    }

    // MARK: - ManagedCollector

    var components: CollectorComponents {
        CollectorComponents(
            sections: [
                CollectorComponents.Section(
                    name: "receivers",
                    components: [
                        CollectorComponents.Component(type: "otlp", metadata: [("summary", "OTLP.")])
                    ])
            ], hash: [7, 7])
    }

    var flow: CollectorFlow { state.withLock { $0.flow } }

    func identity() async -> CollectorIdentity {
        CollectorIdentity(
            serviceVersion: "1.2.3", hostName: "box", architecture: "amd64",
            resource: [("service.name", "apus"), ("team", "edge")])
    }

    func directory(for id: ComponentID) -> String? { home.map { "\($0)/\(id)" } }
    func takeSeat(_ id: ComponentID) async throws -> CollectorSeat { CollectorSeat {} }
    func remoteState() async -> RemoteConfigurationState { state.withLock { $0.remote } }

    func news() async -> AsyncStream<CollectorNews> {
        let (stream, continuation) = AsyncStream.makeStream(of: CollectorNews.self)
        state.withLock { $0.readers.append(continuation) }
        return stream
    }

    func effectiveConfiguration(_ form: ConfigurationForm) async -> String {
        state.withLock { form == .raw ? "raw: true\n" : $0.text }
    }

    func offer(_ configuration: RemoteConfiguration) async {
        state.withLock { $0.offers.append(configuration) }
        setRemote(RemoteConfigurationState(hash: configuration.hash, phase: .applied))
    }

    func confirm(_ hash: [UInt8], by server: String) async -> Bool {
        state.withLock { $0.confirmed.append(hash) }
        return true
    }

    func reached(_ server: String, connectedAt: Instant) async {
        state.withLock { $0.reached.append(server) }
    }

    func validate(
        _ files: [RemoteFile], for carrier: ComponentID, from server: String
    ) async -> [RemoteDiagnostic] {
        files.map { file in
            RemoteDiagnostic(
                severity: .error, file: file.name, line: 3, column: 5, pointer: "/exporters/otlp",
                message: String(decoding: file.body, as: UTF8.self))
        }
    }

    func acknowledge(_ rollback: RemoteRollback) async { state.withLock { $0.acknowledged.append(rollback) } }

    func restart(because reason: String, by server: String) async {
        state.withLock { $0.restarts.append(reason) }
    }
}
