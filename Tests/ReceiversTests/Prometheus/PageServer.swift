import Glibc
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Synchronization
import Telemetry
import Transport
import Wire

/// A target that answers as the test says, and keeps what it was asked.
final class PageServer: Sendable {
    private struct State {
        var asked: [ServerRequest] = []
        var unanswered: [Responder] = []
        var server: Server?
    }

    private let state = Mutex(State())
    private let answer: @Sendable (ServerRequest, Int) -> ServerResponse?

    /// Starts to listen; `answer` gets the request and its number, from 1, and `nil` is silence.
    init(_ answer: @escaping @Sendable (ServerRequest, Int) -> ServerResponse?) async throws {
        self.answer = answer
        let server = try await Server.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            loops: Harness().lanes.map { $0.eventLoop }, application: Application(server: self),
            logger: RecordingLog().logger())
        state.withLock { $0.server = server }
    }

    /// A target with pages of the text format, the last one again and again.
    convenience init(pages: [String]) async throws {
        try await self.init { _, number in Self.page(pages[min(number, pages.count) - 1]) }
    }

    var asked: [ServerRequest] { state.withLock { $0.asked } }

    /// Host and port.
    var address: String { state.withLock { $0.server?.address.description ?? "" } }

    func stop() async { await state.withLock { $0.server }?.shutdown(grace: .zero) }

    static func page(
        _ text: String, type: String = "text/plain; version=0.0.4", status: Int = 200
    ) -> ServerResponse {
        ServerResponse(status: status, fields: ["content-type": type], body: Bytes(utf8: text))
    }

    private struct Application: ServerApplication {
        let server: PageServer

        func admit(_ head: ServerRequestHead) -> Admission { .accept(maxBodySize: 1 << 20) }

        func respond(to request: ServerRequest, with responder: Responder) {
            let number = server.state.withLock { state in
                state.asked.append(request)
                return state.asked.count
            }
            if let response = server.answer(request, number) { return responder.send(response) }
            server.state.withLock { $0.unanswered.append(responder) }
        }
    }
}

/// The receiver, and the metrics that it brings.
struct RunningScraper: Sendable {
    let harness: ReceiverHarness<PrometheusReceiver>
    var clock: ManualClock { harness.surroundings.clock }
    var sink: RecordingSink { harness.sink(.metrics) }
    var log: RecordingLog { harness.surroundings.log }

    /// How often targets are scraped; a scrape may take as long, by the real clock.
    static let interval = Duration.seconds(60)

    /// Starts a job with these keys.
    init(job keys: String, receiver: String = "") async throws {
        let yaml = """
            {config: {scrape_configs: [ \
            {job_name: test, scrape_interval: 1m, \(Self.timeout(keys))\(keys)}]}\(receiver)}
            """
        harness = try await ReceiverHarness(PrometheusReceiver.self, yaml: yaml)
    }

    private static func timeout(_ keys: String) -> String {
        keys.contains("scrape_timeout") ? "" : "scrape_timeout: 1m, "
    }

    /// Lets the time pass up to the next scrape of all targets, and waits until `count` items have come.
    func scrape(items count: Int, sleepers: Int = 1) async -> [String] {
        await clock.waitForSleepers(sleepers)
        let before = sink.itemCount
        clock.advance(by: Self.interval)
        await sink.waitForItems(before + count)
        return Self.lines(sink.takeBatches())
    }

    /// The data points of gauges and sums as `name{attributes} value`, those of the scrape itself left out.
    static func lines(_ batches: [Batch]) -> [String] {
        points(batches).filter { !$0.hasPrefix("scrape_") }
    }

    static func points(_ batches: [Batch]) -> [String] {
        batches.flatMap { $0.resourceMetrics }.flatMap { $0.scopes }.flatMap { $0.records }.flatMap {
            metric in
            switch metric.content {
            case .gauge(let points), .sum(let points, _, _): points.map { text(metric.name, $0) }
            default: [metric.name]
            }
        }.sorted()
    }

    private static func text(_ name: String, _ point: NumberPointView) -> String {
        let pairs = point.attributes.map { "\($0.key)=\($0.value.string ?? "?")" }
        let value = if case .double(let value)? = point.value { "\(value)" } else { "stale" }
        return "\(name)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(value)"
    }

    static func resources(_ batches: [Batch]) -> [[String: String]] {
        batches.flatMap { $0.resourceMetrics }.map { group in
            Dictionary(group.resource.attributes.map { ($0.key, $0.value.string ?? "?") }) { $1 }
        }
    }
}

/// Lets those go on who wait for somebody to write into a named pipe.
func freeReaders(of pipe: String) {
    let descriptor = open(pipe, O_RDWR | O_NONBLOCK)
    if descriptor >= 0 { close(descriptor) }
}
