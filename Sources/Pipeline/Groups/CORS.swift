public import Transport

/// Lets web pages of chosen origins use a server (the Fetch standard, section CORS protocol).
public struct CORS: Sendable {
    private let settings: CORSSettings
    private let method: String

    /// Answers as `settings` say, for requests with `method`.
    public init(settings: CORSSettings, method: String = "POST") {
        self.settings = settings
        self.method = method
    }

    /// The answer to a preflight request; `nil` when `head` is not one.
    public func preflight(_ head: ServerRequestHead) -> ServerResponse? {
        guard head.method == "OPTIONS", head.fields.contains("access-control-request-method") else {
            return nil
        }
        var response = ServerResponse(status: 204)
        guard let origin = head.fields["origin"], settings.allows(origin: origin) else { return response }
        response.fields.add("access-control-allow-methods", method)
        if let headers = allowedHeaders(head) { response.fields.add("access-control-allow-headers", headers) }
        if settings.maxAge > 0 { response.fields.add("access-control-max-age", String(settings.maxAge)) }
        return response
    }

    /// Adds what a browser needs to see on every response.
    public func mark(_ response: inout ServerResponse, _ head: ServerRequestHead) {
        // Caches must not give the answer for one origin to another.
        response.fields.add("vary", "Origin")
        guard let origin = head.fields["origin"], settings.allows(origin: origin) else { return }
        if settings.allowsAll {
            response.fields.add("access-control-allow-origin", "*")
        } else {
            // Only named origins may send what the browser knows about its user, such as cookies.
            response.fields.add("access-control-allow-origin", origin)
            response.fields.add("access-control-allow-credentials", "true")
        }
        if !settings.exposedHeaders.isEmpty {
            response.fields.add(
                "access-control-expose-headers", settings.exposedHeaders.joined(separator: ", "))
        }
    }

    private func allowedHeaders(_ head: ServerRequestHead) -> String? {
        guard let requested = head.fields["access-control-request-headers"] else { return nil }
        if settings.allowedHeaders.contains("*") { return requested }
        let always = [
            "accept", "accept-language", "content-language", "content-type", "content-encoding",
            "x-requested-with",
        ]
        let allowed = Set(always + settings.allowedHeaders.map { $0.lowercased() })
        let names = requested.split(separator: ",").map { $0.filter { $0 != " " }.lowercased() }
        return names.allSatisfy { allowed.contains($0) } ? names.joined(separator: ", ") : nil
    }
}
