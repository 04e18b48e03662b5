internal import Glibc
internal import Pipeline
internal import Prometheus
internal import Settings
internal import Transport
internal import Wire

/// Lists and watches objects of one kind over the API of Kubernetes.
struct KubernetesAPI: Sendable {
    /// Objects of one answer to a list.
    private static let pageSize = 500
    /// Bytes of one answer to a list, and of one event.
    private static let answerLimit = 64 << 20
    private static let eventLimit = 8 << 20
    /// Time for one answer to a list, and for the beginning of a watch.
    private static let listTimeout = Duration.seconds(60)
    /// After this long the server ends a watch, and a while later it is given up if that does not come.
    private static let watchSeconds = 300
    private static let watchLimit = Duration.seconds(330)
    /// Where a pod finds the account that it runs with.
    static let account = "/var/run/secrets/kubernetes.io/serviceaccount"

    let endpoint: Endpoint
    let access: HTTPAccess
    let userAgent: String
    let clock: any PipelineClock

    /// Throws what is wrong with the settings, or that there is no server to ask.
    init(_ settings: KubernetesDiscoverySettings, in context: Context) throws(ComponentError) {
        var http = settings.access
        // Every watch has a connection of its own.
        http.enableHTTP2 = false
        if settings.apiServer.isEmpty {
            guard let host = getenv("KUBERNETES_SERVICE_HOST"), let port = getenv("KUBERNETES_SERVICE_PORT")
            else {
                throw ComponentError(
                    "this is no pod of Kubernetes, so the URL of the API server is needed", key: "api_server")
            }
            let address = KubernetesTargets.join(String(cString: host), String(cString: port))
            endpoint = try Endpoint(parsing: "https://\(address)", defaultPort: 443)
            if http.tls == nil {
                http.tls = ScrapeTLSSettings()
                http.tls?.caFile = "\(Self.account)/ca.crt"
            }
            let hasCredentials =
                http.basicAuth != nil || http.authorization != nil || !http.bearerToken.isEmpty
            if !hasCredentials, http.bearerTokenFile.isEmpty {
                http.bearerTokenFile = "\(Self.account)/token"
            }
        } else {
            endpoint = try Endpoint(parsing: settings.apiServer, defaultPort: 443)
        }
        access = try HTTPAccess(http, in: context)
        userAgent = context.userAgent
        clock = context.clock
    }

    private var isSecure: Bool { endpoint.scheme == .https }

    /// A client with one connection, for one list and its watch.
    func client() throws(AccessFailure) -> Client {
        try access.client(
            for: endpoint.target, isSecure: isSecure, limit: Self.answerLimit,
            place: UInt64.random(in: 0..<64))
    }

    /// All objects of a kind, unless there are too many, and the version from which on they can be watched.
    func list(
        _ query: KubernetesQuery, _ limits: KubernetesStore.Limits, with client: Client
    ) async throws(AccessFailure) -> (objects: [KubernetesObject], version: String) {
        var (objects, byteCount) = ([KubernetesObject](), 0)
        var token = ""
        while true {
            var parameters = [("limit", "\(Self.pageSize)")]
            if !token.isEmpty { parameters.append(("continue", token)) }
            let response = try await access.get(
                path(query, parameters), fields, from: client, isSecure: isSecure, limit: Self.answerLimit,
                timeout: Self.listTimeout)
            let answer = try Self.json(response.body, status: response.status, limit: Self.answerLimit)
            let page = KubernetesObject.list(answer["items"]).map { KubernetesObject($0) }
            objects += page
            byteCount += page.reduce(0) { $0 + $1.byteCount }
            guard objects.count <= limits.objects, byteCount <= limits.bytes else {
                throw AccessFailure("there are too many objects of \(query.kind): \(limits)")
            }
            token = answer["metadata"]?["continue"]?.text ?? ""
            if token.isEmpty { return (objects, answer["metadata"]?["resourceVersion"]?.text ?? "") }
        }
    }

    /// Watches a kind from a version on, and hands on what changes, until the server ends it.
    ///
    /// - Returns: the version from which to go on; `nil` when everything has to be listed anew.
    func watch(
        _ query: KubernetesQuery, from version: String, with client: Client,
        _ changed: (KubernetesObject, _ isGone: Bool) -> Void
    ) async throws(AccessFailure) -> String? {
        let parameters = [
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version),
            ("timeoutSeconds", "\(Self.watchSeconds)"),
        ]
        let response = try await access.open(
            path(query, parameters), fields, with: client, timeout: Self.listTimeout)
        guard response.status == 200 else {
            response.body.cancel()
            if response.status == 410 { return nil }
            throw AccessFailure("the API server answers with the status \(response.status), not 200")
        }
        let clock = clock
        let watchdog = Task {
            try? await clock.sleep(for: Self.watchLimit)
            response.body.cancel()
        }
        defer { watchdog.cancel() }
        var (line, version) = ([UInt8](), version)
        while let piece = try await Self.next(response.body) {
            for part in piece.array.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .enumerated()
            {
                if part.offset > 0 {
                    guard let next = try Self.take(line, changed) else { return nil }
                    if !next.isEmpty { version = next }
                    line.removeAll(keepingCapacity: true)
                }
                line += part.element
                guard line.count <= Self.eventLimit else { throw AccessFailure("an event is too large") }
            }
        }
        return version
    }

    private static func next(_ body: StreamedBody) async throws(AccessFailure) -> Bytes? {
        do throws(TransportError) {
            return try await body.next()
        } catch {
            throw AccessFailure(error.description)
        }
    }

    /// Takes an event; returns the version after it, or `nil` when the watch has to begin anew.
    private static func take(
        _ line: [UInt8], _ changed: (KubernetesObject, _ isGone: Bool) -> Void
    ) throws(AccessFailure) -> String? {
        guard !line.isEmpty else { return "" }
        let event = try parse(line, limit: eventLimit)
        guard let content = event["object"] else { throw AccessFailure("an event has no object") }
        let object = KubernetesObject(content)
        switch event["type"]?.text {
        case "ADDED", "MODIFIED": changed(object, false)
        case "DELETED": changed(object, true)
        case "BOOKMARK": break
        case "ERROR":
            guard content["code"]?.integer == 410 else {
                throw AccessFailure("the watch fails: \(content["message"]?.text ?? "no reason is given")")
            }
            return nil
        default: break
        }
        return object.version
    }

    private static func json(
        _ body: Bytes, status: Int, limit: Int
    ) throws(AccessFailure) -> JSONValue {
        let answer = try? parse(body.array, limit: limit)
        guard status == 200 else {
            let reason = answer?["message"]?.text.map { ": \($0)" } ?? ""
            throw AccessFailure("the API server answers with the status \(status), not 200\(reason)")
        }
        guard let answer else { throw AccessFailure("the answer of the API server is not JSON") }
        return answer
    }

    private static func parse(_ bytes: [UInt8], limit: Int) throws(AccessFailure) -> JSONValue {
        do throws(JSONParser.Failure) {
            return try JSONParser.parse(bytes, limit: limit)
        } catch {
            throw AccessFailure("the API server sends something that is not JSON: \(error.reason)")
        }
    }

    private var fields: HTTPFields { ["accept": "application/json", "user-agent": userAgent] }

    private func path(_ query: KubernetesQuery, _ parameters: [(String, String)]) -> String {
        var base = endpoint.path
        if base.hasSuffix("/") { base.removeLast() }
        let all = (query.parameters + parameters).map { "\($0)=\(TargetBuilder.escaped($1))" }
        return "\(base)\(query.kind.path(in: query.namespace))?\(all.joined(separator: "&"))"
    }
}

/// Which objects are looked at.
struct KubernetesQuery: Sendable {
    let kind: KubernetesKind
    /// `nil` for all namespaces.
    let namespace: String?
    /// Selectors, as parameters of the URL.
    var parameters: [(String, String)] = []
}
