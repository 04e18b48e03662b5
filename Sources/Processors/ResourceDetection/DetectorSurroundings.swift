internal import Glibc
internal import Logging
internal import NIOCore
internal import Patterns
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// Addresses of metadata services.
enum DetectorEndpoint {
    /// What is wrong with an address; `nil` when it can be used, and for none.
    static func problem(of text: String) -> String? {
        guard !text.isEmpty else { return nil }
        do throws(ComponentError) {
            _ = try Endpoint(parsing: text, defaultPort: 80)
            return nil
        } catch {
            return error.description
        }
    }

    static func problems(ofTags tags: [String]) -> [Problem] {
        tags.enumerated().compactMap { index, tag in
            RegularExpression.problem(of: tag).map { Problem("tags.\(index)", $0) }
        }
    }
}

/// Why a detector has found nothing.
enum DetectionFailure: Error, CustomStringConvertible {
    /// This is not where it looks for: no service, no variable, no file.
    case absent(String)
    /// The service is there and does not know what it was asked for.
    case unknown(String)

    var description: String {
        switch self {
        case .absent(let reason), .unknown(let reason): reason
        }
    }
}

/// What detectors can look at, so that tests decide what they see.
struct DetectorSurroundings: Sendable {
    /// A request to a metadata service.
    struct Request: Sendable {
        var method = "GET"
        let endpoint: String
        let path: String
        var fields: HTTPFields = [:]
    }

    /// The value of an environment variable, unless it is empty.
    var variable: @Sendable (String) -> String?
    /// The text of a file of up to 1 MiB.
    var file: @Sendable (String) async -> String?
    /// What the kernel says.
    var host: @Sendable () async -> HostFacts
    /// What the resolver says about the name of the host; takes its time.
    var names: @Sendable (String) async -> HostNames
    /// Asks a metadata service; the body of an answer with status 200.
    var ask: @Sendable (Request) async throws(DetectionFailure) -> Bytes

    /// Asks for a text.
    func text(_ endpoint: String, _ path: String, _ fields: HTTPFields = [:]) async throws(DetectionFailure)
        -> String
    {
        try await ask(Request(endpoint: endpoint, path: path, fields: fields)).string
    }

    /// Asks for a JSON document.
    func document(_ endpoint: String, _ path: String, _ fields: HTTPFields = [:])
        async throws(DetectionFailure) -> Tree
    {
        let text = try await text(endpoint, path, fields)
        do {
            return try Tree(json: text, source: ConfigurationSource(.inline, path))
        } catch {
            throw .absent("\(endpoint)\(path) answers something that is not JSON")
        }
    }
}

extension DetectorSurroundings {
    /// The machine, and clients on the first lane that wait for an answer up to `timeout`.
    static func machine(_ context: Context, timeout: Duration) -> DetectorSurroundings {
        let loop = context.lanes[0].eventLoop
        let logger = context.logger
        let (facts, names) = (BlockingWork<HostFacts>(), BlockingWork<HostNames>())
        return DetectorSurroundings(
            variable: { name in getenv(name).flatMap { $0.pointee == 0 ? nil : String(cString: $0) } },
            file: { path in await BlockingWork().run { HostFacts.text(ofFile: path) } ?? nil },
            host: { await facts.run { HostFacts.current } ?? HostFacts() },
            names: { name in await names.run { HostNames.resolved(name) } ?? HostNames() },
            ask: { (request) throws(DetectionFailure) in
                try await Self.send(request, on: loop, timeout, logger)
            })
    }

    private static func send(
        _ request: Request, on loop: any EventLoop, _ timeout: Duration, _ logger: Logger
    ) async throws(DetectionFailure) -> Bytes {
        let place = "\(request.method) \(request.endpoint)\(request.path)"
        let client: Client
        let path: String
        do throws(ComponentError) {
            let endpoint = try Endpoint(parsing: request.endpoint, defaultPort: 80)
            var target = ClientConfiguration(target: endpoint.target)
            if endpoint.scheme == .https { target.tls = try TLSClientSettings().make(logger) }
            // Metadata services are on the link and answer nobody else; a proxy would only be in the way.
            target.proxy = .direct
            target.waitsForConnection = false
            target.connectTimeout = min(.seconds(2), timeout)
            target.connectionsPerLane = 1
            target.maxResponseBytes = 1 << 20
            path = (endpoint.path == "/" ? "" : endpoint.path) + request.path
            client = try Self.client(target, loop, logger)
        } catch {
            throw .absent("\(place): \(error)")
        }
        let answer: (status: Int, body: Bytes)
        do throws(TransportError) {
            let response = try await client.send(
                ClientRequest(method: request.method, path: path, fields: request.fields), timeout: timeout)
            answer = (response.status, response.body)
        } catch {
            await client.close(grace: .zero)
            throw .absent("\(place): \(error)")
        }
        await client.close(grace: .zero)
        switch answer.status {
        case 200: return answer.body
        case 404: throw .unknown("\(place): it answers 404")
        default: throw .absent("\(place): it answers \(answer.status)")
        }
    }

    private static func client(
        _ target: ClientConfiguration, _ loop: any EventLoop, _ logger: Logger
    ) throws(ComponentError) -> Client {
        do throws(TransportError) {
            return try Client(target, loops: [loop], logger: logger)
        } catch {
            throw ComponentError("\(error)")
        }
    }
}
