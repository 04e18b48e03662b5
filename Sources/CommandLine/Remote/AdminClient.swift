internal import Logging
internal import NIOPosix
internal import Settings
internal import Transport
internal import Wire

/// Speaks to the admin API of one collector, or to a fleet manager.
struct AdminClient: Sendable {
    /// How long an answer may take; the API itself answers within seconds, or with an operation.
    private static let patience = Duration.seconds(60)
    /// The most bytes of an answer; diagnostics are the largest.
    private static let largestAnswer = 256 << 20
    /// Pages asked for of one list.
    private static let pageLimit = 100

    let address: AdminAddress
    let subject: RemoteSubject
    private let client: Client
    private let token: String?

    /// Makes a client; it connects when it is used.
    init(
        _ address: AdminAddress, of subject: RemoteSubject = .collector, token: String?,
        tls: ClientTLS.Options
    ) throws(TransportError) {
        self.address = address
        self.subject = subject
        self.token = token
        let logger = Logger(label: "apus") { _ in SwiftLogNoOpLogHandler() }
        var configuration = ClientConfiguration(target: address.target)
        if address.isSecure { configuration.tls = try ClientTLS(tls, logger: logger) }
        configuration.versions = .http1
        configuration.waitsForConnection = false
        configuration.maxResponseBytes = Self.largestAnswer
        client = try Client(
            configuration, loops: Array(MultiThreadedEventLoopGroup.singleton.makeIterator().prefix(1)),
            logger: logger)
    }

    /// Asks for a resource.
    func get(
        _ path: AdminPath, accept: String = "application/json"
    ) async throws(RemoteFailure) -> AdminAnswer {
        try await send("GET", path, fields: ["accept": accept])
    }

    /// Asks for something to be done.
    ///
    /// - Parameters:
    ///   - method: Such as `POST`.
    ///   - path: The resource.
    ///   - document: The body; none without one.
    ///   - fields: Header fields.
    /// - Returns: An answer that says that it was done; what takes longer is waited for.
    /// - Throws: Why it was not done.
    func send(
        _ method: String, _ path: AdminPath, _ document: AdminDocument? = nil, fields: HTTPFields = [:]
    ) async throws(RemoteFailure) -> AdminAnswer {
        var answer = try await exchange(method, path, document, fields)
        while answer.status == 202, let id = answer.tree["id"]?.text, answer.tree["done"] != nil {
            let path = AdminPath("/v1/operations", [id], ["wait": "30s"])
            answer = try await settled(try await exchange("GET", path, nil, [:]))
        }
        guard answer.isSuccess else { throw .refused(answer) }
        return answer
    }

    /// All elements of a list, page by page.
    func list(_ path: AdminPath, of key: String) async throws(RemoteFailure) -> [Tree] {
        var elements: [Tree] = []
        var path = path
        path.query["page_size"] = "1000"
        for _ in 0..<Self.pageLimit {
            let page = try await get(path).tree
            elements += page.elements(key)
            guard let token = page["next_page_token"]?.text else { break }
            path.query["page_token"] = token
        }
        return elements
    }

    /// Follows a stream of events until it ends, or `take` returns false.
    func follow(
        _ path: AdminPath, _ take: (ServerSentEvent) -> Bool
    ) async throws(RemoteFailure) {
        var fields = authorization
        fields.add("accept", "text/event-stream")
        let refusal: AdminAnswer?
        do throws(TransportError) {
            let response = try await client.open(
                ClientRequest(method: "GET", path: path.text, fields: fields))
            defer { response.body.cancel() }
            refusal = response.status == 200 ? nil : try await Self.whole(response)
            if refusal == nil { try await Self.read(response.body, take) }
        } catch {
            throw unreachable(error)
        }
        if let refusal { throw .refused(refusal) }
    }

    private static func read(
        _ body: StreamedBody, _ take: (ServerSentEvent) -> Bool
    ) async throws(TransportError) {
        var parser = ServerSentEventParser()
        while let piece = try await body.next() {
            for event in try parser.take(piece.array) where !take(event) { return }
        }
    }

    func close() async { await client.close(grace: .zero) }

    /// What an operation has come to, when it has come to something.
    private func settled(_ answer: AdminAnswer) async throws(RemoteFailure) -> AdminAnswer {
        guard answer.status == 200, answer.tree["done"]?.text == "true" else {
            return answer.status == 200 ? AdminAnswer(status: 202, text: answer.text) : answer
        }
        if let error = answer.tree["error"], !error.isNull {
            throw .refused(AdminAnswer(status: error.count("status"), text: error.json()))
        }
        return AdminAnswer(status: 200, text: (answer.tree["response"] ?? .empty).json())
    }

    private func exchange(
        _ method: String, _ path: AdminPath, _ document: AdminDocument?, _ fields: HTTPFields
    ) async throws(RemoteFailure) -> AdminAnswer {
        var request = ClientRequest(method: method, path: path.text, fields: authorization)
        for (name, value) in fields { request.fields.add(name, value) }
        if let document {
            request.fields.add("content-type", document.type)
            request.body = [document.bytes.map { Bytes($0) } ?? Bytes(utf8: document.text)]
        }
        do throws(TransportError) {
            return AdminAnswer(try await client.send(request, timeout: Self.patience))
        } catch {
            throw unreachable(error)
        }
    }

    private var authorization: HTTPFields { token.map { ["authorization": "Bearer \($0)"] } ?? [:] }

    private func unreachable(_ error: TransportError) -> RemoteFailure {
        .unreachable("the \(subject.name) cannot be reached: \(error)")
    }

    /// The rest of an answer that is not the stream that was asked for.
    private static func whole(_ response: StreamedResponse) async throws(TransportError) -> AdminAnswer {
        var bytes: [UInt8] = []
        while bytes.count < 1 << 20, let piece = try await response.body.next() { bytes += piece.array }
        return AdminAnswer(status: response.status, text: String(decoding: bytes, as: UTF8.self))
    }
}
