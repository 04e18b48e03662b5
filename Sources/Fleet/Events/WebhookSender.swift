public import Logging
internal import Pipeline
public import Transport
internal import Wire

/// Sends one request of a webhook.
public protocol WebhookSender: Sendable {
    /// Sends `body` to `url` and gives the status of the answer, of which nothing else is looked at.
    func post(
        _ url: String, fields: [(name: String, value: String)], body: [UInt8]
    ) async throws(TransportError) -> Int
}

/// Sends over HTTP, with a connection of its own each time; redirects are not followed.
public struct HTTPWebhookSender: WebhookSender {
    /// How long one attempt may take.
    static let timeout = Duration.seconds(10)

    private let allowsLoopback: Bool
    private let logger: Logger
    private let makeClient: @Sendable (ClientConfiguration) throws(TransportError) -> Client

    /// - Parameters:
    ///   - allowsLoopback: Whether events may be sent to this machine.
    ///   - logger: Hears of certificates that cannot be read.
    ///   - makeClient: Makes a client on the loops of the program.
    public init(
        allowsLoopback: Bool, logger: Logger,
        makeClient: @escaping @Sendable (ClientConfiguration) throws(TransportError) -> Client
    ) {
        self.allowsLoopback = allowsLoopback
        self.logger = logger
        self.makeClient = makeClient
    }

    public func post(
        _ url: String, fields: [(name: String, value: String)], body: [UInt8]
    ) async throws(TransportError) -> Int {
        guard let endpoint = WebhookAddress.endpoint(url) else {
            // The URL may be a secret by itself, and what goes wrong is told to everybody who looks.
            throw TransportError(.invalidAddress, "its URL is not that of a webhook")
        }
        var configuration = ClientConfiguration(target: endpoint.target)
        if endpoint.scheme == .https {
            configuration.tls = try ClientTLS(ClientTLS.Options(), logger: logger)
        }
        configuration.waitsForConnection = false
        configuration.maxResponseBytes = 64 << 10
        let allowsLoopback = allowsLoopback
        configuration.admits = { WebhookAddress.admits($0, allowsLoopback: allowsLoopback) }
        let client = try makeClient(configuration)
        var request = ClientRequest(
            path: endpoint.path.isEmpty ? "/" : endpoint.path, body: [Bytes(body)])
        request.fields.add("content-type", "application/json")
        for field in fields { request.fields.add(field.name, field.value) }
        let outcome: Result<Int, TransportError>
        do throws(TransportError) {
            outcome = .success(try await client.send(request, timeout: Self.timeout).status)
        } catch {
            outcome = .failure(error)
        }
        await client.close(grace: .zero)
        return try outcome.get()
    }
}
