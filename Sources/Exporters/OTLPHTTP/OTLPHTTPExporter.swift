internal import Compression
internal import Logging
public import Pipeline
internal import Settings
public import Telemetry
internal import Transport
internal import Wire

/// Sends OTLP over HTTP (OTLP 1.11, section OTLP/HTTP), as protobuf or JSON.
///
/// 429, 502, 503 and 504 are tried again, after `Retry-After` at the earliest; every other status gives the
/// batch up. A connection that breaks before the response came is tried again. Partial successes are never
/// sent again.
public struct OTLPHTTPExporter: Exporter {
    public static let name = "otlp_http"
    public static let aliases = ["otlphttp"]
    public static let summary = "Sends OTLP over HTTP, as protobuf or JSON."

    /// Where one signal goes.
    private struct Route: Sendable {
        let client: Client
        let path: String
    }

    public let delivery: DeliverySettings
    private let routes: [Signal: Route]
    private let clients: [Client]
    private let fields: HTTPFields
    private let compressor: Compressor?
    private let encoding: Encoding
    private let maxRequestBytes: Int
    /// Values of `headers`, which no message may show.
    private let secrets: [String]
    private let authentication: ClientAuthentication?
    private let targets: [ClientConfiguration]
    private let logger: Logger

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        delivery = configuration.delivery
        encoding = configuration.encoding
        maxRequestBytes = configuration.maxRequestSizeMiB << 20
        compressor = try Self.compressor(configuration.client)
        fields = Self.fields(configuration, context)
        secrets = configuration.client.headers.pairs.map { $0.value.reveal() }
        authentication = try configuration.client.auth?.client(in: context)
        logger = context.logger
        var targets: [ClientConfiguration] = []
        var clients: [Endpoint.Server: Client] = [:]
        var routes: [Signal: Route] = [:]
        for signal in Signal.allCases {
            guard let (url, key) = Self.url(for: signal, configuration) else { continue }
            let endpoint = try Self.address(url, key)
            let client: Client
            if let known = clients[endpoint.server] {
                client = known
            } else {
                let target = try Self.target(of: endpoint, configuration, context)
                targets.append(target)
                client = try Self.client(for: target, context)
                clients[endpoint.server] = client
            }
            routes[signal] = Route(client: client, path: Self.path(of: endpoint, key, signal))
        }
        self.routes = routes
        self.clients = Array(clients.values)
        self.targets = targets
    }

    public func open() async throws(ComponentError) {
        for target in targets { authentication?.warn(about: target, logger) }
    }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        guard let route = routes[batch.signal] else {
            throw .permanent(reason: "there is no endpoint for \(batch.signal.rawValue)")
        }
        var rejected = 0
        var message = ""
        for body in OTLPRequests.bodies(of: batch, asJSON: encoding == .json) {
            let outcome = try await send(body, of: batch.origin, route, lane)
            rejected += outcome.rejectedItems
            if !outcome.message.isEmpty { message = outcome.message }
        }
        return ExportOutcome(rejectedItems: rejected, message: message)
    }

    public func close() async {
        for client in clients { await client.close() }
    }

    private func send(
        _ body: [Bytes], of origin: Origin?, _ route: Route, _ lane: Int
    ) async throws(ExportFailure) -> ExportOutcome {
        let size = body.reduce(0) { $0 + $1.count }
        guard size <= maxRequestBytes else {
            throw .permanent(
                reason: "the request has \(size) bytes; max_request_size_mib allows \(maxRequestBytes)"
            )
        }
        var request = ClientRequest(path: route.path, fields: fields, body: body)
        if let compressor {
            do throws(CompressionError) {
                request.body = [try compressor.compress(body)]
            } catch {
                throw .permanent(reason: "cannot compress the request: \(error)")
            }
        }
        let (response, sent) = try await exchange(request, for: origin, route, lane)
        return try OTLPHTTPResponse(response, target: "\(route.client.target)\(route.path)") { message in
            let message = SecretEcho.removed(secrets, from: message)
            return SecretEcho.removed(from: message, sent: sent, plain: fields)
        }.outcome()
    }

    /// The response, and the header fields of the request that it answers.
    private func exchange(
        _ request: ClientRequest, for origin: Origin?, _ route: Route, _ lane: Int
    ) async throws(ExportFailure) -> (ClientResponse, HTTPFields) {
        guard let authentication else {
            return (try await attempt(request, request.fields, route, lane), request.fields)
        }
        return try await authentication.exchange(
            request.fields, for: origin, isRefusal: { $0.status == 401 }
        ) { (fields) throws(ExportFailure) in try await attempt(request, fields, route, lane) }
    }

    private func attempt(
        _ request: ClientRequest, _ fields: HTTPFields, _ route: Route, _ lane: Int
    ) async throws(ExportFailure) -> ClientResponse {
        var request = request
        request.fields = fields
        do throws(TransportError) {
            return try await route.client.send(request, lane: lane, timeout: delivery.attemptTimeout)
        } catch {
            throw error.kind == .tooLarge || error.kind == .invalidAddress
                ? .permanent(reason: error.description) : .retryable(reason: error.description)
        }
    }
}
