internal import Logging
internal import NIOCore
internal import OpAMP
internal import Pipeline
internal import Transport
internal import Wire

extension AgentPlace {
    /// What came of a request.
    enum Answer: Sendable {
        case message(Bytes)
        case failure(ClientFailure)
    }

    /// How long the answer to a request may take.
    private static let answerTime = Duration.seconds(30)
    /// The most bytes that wait to be sent.
    private static let unsentLimit = 8 << 20

    /// Opens a WebSocket, whose events are posted with `number`; gives why there is none.
    func open(
        _ number: Int, userAgent: String, on loop: any EventLoop,
        _ post: @escaping @Sendable (AgentEvent) -> Void
    ) async -> ClientFailure? {
        let fields: HTTPFields
        do throws(ExportFailure) {
            fields = try await requestFields()
        } catch {
            return .network(error.description)
        }
        var request = WebSocketClient.Request(url: "\(url)")
        request.tls = tls
        request.fields = fields
        if !fields.contains("user-agent") { request.fields.add("user-agent", userAgent) }
        request.limits.maxMessageBytes = MessageLimits.fromServer.messageBytes
        request.limits.maxUnsentBytes = Self.unsentLimit
        // The session asks for signs of life itself.
        request.limits.pingAfter = nil
        do throws(WebSocketClient.Failure) {
            _ = try await WebSocketClient.connect(request, handler: AgentSocket(number, post: post), on: loop)
            return nil
        } catch {
            switch error {
            case .failed(let error): return .network(error.message)
            case .refused(let refusal):
                if refusal.status == 401 { _ = authentication?.wasRefused(fields) }
                return .status(refusal.status, retryAfter: refusal.retryAfter)
            }
        }
    }

    /// The client for requests over plain HTTP.
    func client(on loop: any EventLoop, _ logger: Logger) throws(TransportError) -> Client {
        var configuration = ClientConfiguration(target: url.endpoint.target)
        configuration.tls = tls
        configuration.connectionsPerLane = 1
        configuration.waitsForConnection = false
        configuration.maxResponseBytes = MessageLimits.fromServer.messageBytes
        return try Client(configuration, loops: [loop], logger: logger)
    }

    /// Sends one message over plain HTTP and waits for the answer.
    func exchange(
        _ message: Bytes, _ uid: InstanceUID, userAgent: String, over client: Client
    ) async -> Answer {
        var fields: HTTPFields
        do throws(ExportFailure) {
            fields = try await requestFields()
        } catch {
            return .failure(.network(error.description))
        }
        let credentials = fields
        fields["content-type"] = "application/x-protobuf"
        fields["opamp-instance-uid"] = "\(uid)"
        if !fields.contains("user-agent") { fields.add("user-agent", userAgent) }
        let request = ClientRequest(path: url.path, fields: fields, body: [message])
        do throws(TransportError) {
            let response = try await client.send(request, timeout: Self.answerTime)
            guard response.status == 200 else {
                if response.status == 401 { _ = authentication?.wasRefused(credentials) }
                let pause = response.fields["retry-after"].flatMap { RetryAfter.delay($0) }
                return .failure(.status(response.status, retryAfter: pause))
            }
            return .message(response.body)
        } catch {
            return .failure(error.kind == .tooLarge ? .tooLarge : .network(error.message))
        }
    }
}
