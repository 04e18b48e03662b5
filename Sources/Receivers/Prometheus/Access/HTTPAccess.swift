internal import Logging
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Speaks to servers as `HTTPAccessSettings` says: makes clients, and requests with credentials.
struct HTTPAccess: Sendable {
    /// Redirects that are followed one after another.
    private static let redirectLimit = 10

    private let settings: HTTPAccessSettings
    /// What `tls_config` asks for.
    private let ownTLS: ClientTLS?
    private let systemTLS = SystemTLS()
    private let files: CredentialFiles
    private let context: Context

    /// Reads certificates; throws what is wrong with them.
    init(_ settings: HTTPAccessSettings, in context: Context) throws(ComponentError) {
        self.settings = settings
        self.context = context
        files = CredentialFiles(settings)
        if let own = settings.tls { ownTLS = try own.make(context.logger) } else { ownTLS = nil }
    }

    /// A client for one server, with answers of at most `limit` bytes, on the event loop that `place`
    /// decides.
    func client(
        for target: ListenAddress, isSecure: Bool, limit: Int, place: UInt64
    ) throws(AccessFailure) -> Client {
        do throws(TransportError) {
            return try client(configuration(for: target, isSecure: isSecure, limit: limit), place)
        } catch {
            throw AccessFailure(error.description)
        }
    }

    private func configuration(
        for target: ListenAddress, isSecure: Bool, limit: Int
    ) throws(TransportError) -> ClientConfiguration {
        var configuration = ClientConfiguration(target: target)
        configuration.versions = isSecure && settings.enableHTTP2 ? .negotiated : .http1
        if isSecure {
            if let ownTLS {
                configuration.tls = ownTLS
            } else {
                configuration.tls = try systemTLS.tls(context.logger)
            }
        }
        configuration.connectionsPerLane = 1
        configuration.waitsForConnection = false
        configuration.maxReconnectDelay = .seconds(1)
        configuration.maxResponseBytes = limit
        let memory = context.memory
        configuration.room = { memory.room }
        configuration.proxy =
            settings.proxyFromEnvironment
            ? .fromEnvironment : settings.proxyURL.isEmpty ? .direct : .url(settings.proxyURL)
        return configuration
    }

    private func client(
        _ configuration: ClientConfiguration, _ place: UInt64
    ) throws(TransportError) -> Client {
        let loop = context.lanes[Int(place % UInt64(context.lanes.count))].eventLoop
        // What becomes of a target is said by whoever scrapes it, once.
        var logger = context.logger
        logger.logLevel = .critical
        return try Client(configuration, loops: [loop], logger: logger)
    }

    /// Fetches what is at a path with its query, following redirects where that is wanted.
    ///
    /// Header fields of the credentials are added. An answer may have `limit` bytes.
    func get(
        _ path: String, _ fields: HTTPFields, from client: Client, isSecure: Bool, limit: Int,
        timeout: Duration
    ) async throws(AccessFailure) -> ClientResponse {
        let deadline = context.clock.now + timeout
        let first = try await send(path, fields, to: client, isHome: true, by: deadline)
        guard settings.followRedirects, let location = Self.redirect(first) else { return first }
        return try await follow(
            location, fields, from: (client, isSecure, path), limit: limit, by: deadline)
    }

    /// Sends a request and returns as soon as the answer has begun, within `timeout`; redirects are answers.
    ///
    /// The client has to be one for HTTP/1.1.
    func open(
        _ path: String, _ fields: HTTPFields, with client: Client, timeout: Duration
    ) async throws(AccessFailure) -> StreamedResponse {
        let request = ClientRequest(
            method: "GET", path: path, fields: try await withCredentials(fields, within: timeout))
        let opening = Task { () -> Result<StreamedResponse, AccessFailure> in
            do throws(TransportError) {
                return .success(try await client.open(request))
            } catch {
                return .failure(AccessFailure(error.description))
            }
        }
        let clock = context.clock
        let watchdog = Task {
            guard (try? await clock.sleep(for: timeout)) != nil else { return false }
            opening.cancel()
            return true
        }
        let result = await withTaskCancellationHandler {
            await opening.value
        } onCancel: {
            opening.cancel()
        }
        watchdog.cancel()
        if case .failure = result, await watchdog.value {
            throw AccessFailure("\(client.target) has not answered in time")
        }
        return try result.get()
    }

    private func follow(
        _ location: String, _ fields: HTTPFields, from start: (Client, isSecure: Bool, path: String),
        limit: Int, by deadline: Instant
    ) async throws(AccessFailure) -> ClientResponse {
        let scheme = start.isSecure ? "https" : "http"
        var url = Self.absolute(location, from: "\(scheme)://\(start.0.target)\(start.path)")
        for _ in 0..<Self.redirectLimit {
            guard context.clock.now < deadline else { throw AccessFailure("\(url) was not reached in time") }
            let response = try await fetch(url, fields, from: start, limit: limit, by: deadline)
            guard let next = Self.redirect(response) else { return response }
            url = Self.absolute(next, from: url)
        }
        throw AccessFailure("there were more than \(Self.redirectLimit) redirects")
    }

    private func fetch(
        _ url: String, _ fields: HTTPFields, from start: (Client, isSecure: Bool, path: String),
        limit: Int, by deadline: Instant
    ) async throws(AccessFailure) -> ClientResponse {
        let endpoint: Endpoint
        do throws(ComponentError) {
            endpoint = try Endpoint(parsing: url, defaultPort: 80)
        } catch {
            throw AccessFailure("the redirect cannot be followed: \(error)")
        }
        // A server must not reach the sockets of this machine.
        guard endpoint.scheme == .http || endpoint.scheme == .https else {
            throw AccessFailure("the redirect to \(url) is not followed: it is no http:// or https:// URL")
        }
        let path = endpoint.path.isEmpty ? "/" : endpoint.path
        let isSecure = endpoint.scheme == .https
        if endpoint.target == start.0.target, isSecure == start.isSecure {
            return try await send(path, fields, to: start.0, isHome: true, by: deadline)
        }
        let other = try client(for: endpoint.target, isSecure: isSecure, limit: limit, place: 0)
        let result: Result<ClientResponse, AccessFailure>
        do throws(AccessFailure) {
            result = .success(try await send(path, fields, to: other, isHome: false, by: deadline))
        } catch {
            result = .failure(error)
        }
        await other.close(grace: .zero)
        return try result.get()
    }

    /// Sends a request; credentials are for the server that they were configured for.
    private func send(
        _ path: String, _ fields: HTTPFields, to client: Client, isHome: Bool, by deadline: Instant
    ) async throws(AccessFailure) -> ClientResponse {
        let clock = context.clock
        let all = isHome ? try await withCredentials(fields, within: deadline - clock.now) : fields
        do throws(TransportError) {
            return try await client.send(
                ClientRequest(method: "GET", path: path, fields: all), timeout: deadline - clock.now)
        } catch {
            throw AccessFailure(error.description)
        }
    }

    private static func redirect(_ response: ClientResponse) -> String? {
        [301, 302, 303, 307, 308].contains(response.status) ? response.fields["location"] : nil
    }

    /// The URL that a reference in a document at another URL means (RFC 3986, without `..`).
    private static func absolute(_ reference: String, from base: String) -> String {
        if reference.contains("://") { return reference }
        let scheme = base.prefix { $0 != ":" }
        if reference.hasPrefix("//") { return "\(scheme):\(reference)" }
        let rest = base.dropFirst(scheme.count + 3)
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        if reference.hasPrefix("/") { return "\(scheme)://\(host)\(reference)" }
        let path = rest.dropFirst(host.count).prefix { $0 != "?" }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return "\(scheme)://\(host)\(folder)\(reference)"
    }

    // MARK: - Credentials

    private func withCredentials(
        _ fields: HTTPFields, within limit: Duration
    ) async throws(AccessFailure) -> HTTPFields {
        var fields = fields
        for (name, header) in settings.headers.sorted(by: { $0.key < $1.key }) {
            for value in header.values + header.secrets.map({ $0.reveal() }) { fields.add(name, value) }
        }
        let texts = try await files.texts(within: limit)
        if let basic = settings.basicAuth {
            let name = texts[basic.usernameFile] ?? basic.username
            let password = texts[basic.passwordFile] ?? basic.password.reveal()
            let encoded = Base64Variant.standard.encode(Array("\(name):\(password)".utf8))
            fields["authorization"] = "Basic \(String(decoding: encoded, as: UTF8.self))"
        } else if let authorization = settings.authorization {
            let credentials = texts[authorization.credentialsFile] ?? authorization.credentials.reveal()
            fields["authorization"] = "\(authorization.type) \(credentials)"
        } else if let token = texts[settings.bearerTokenFile] {
            fields["authorization"] = "Bearer \(token)"
        } else if !settings.bearerToken.isEmpty {
            fields["authorization"] = "Bearer \(settings.bearerToken.reveal())"
        }
        return fields
    }
}

/// Why a page could not be fetched, for people.
struct AccessFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
