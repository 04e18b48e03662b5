public import Telemetry
public import Transport

/// An extension that proves to other servers who sends, or otherwise sets header fields of what is sent.
public protocol ClientAuthenticator: Extension {
    /// Whether it is configured to set header fields; some extensions do that or check requests.
    var signsRequests: Bool { get }

    /// Whether what it sets are secrets, which should not go over connections that are not encrypted.
    var setsSecrets: Bool { get }

    /// The header fields for one request.
    ///
    /// Called for every attempt, on the lane of the request, so it should only wait when it has to. It also
    /// works when the extension does not run, as for a replay of dead letters.
    ///
    /// - Parameters:
    ///   - fields: those that the exporter and its `headers` set; upper and lower case do not matter.
    ///   - origin: who sent the telemetry, when that is known.
    /// - Returns: the fields to send.
    /// - Throws: why the request cannot be sent, without any secret in it.
    func authorize(_ fields: HTTPFields, for origin: Origin?) async throws(ExportFailure) -> HTTPFields

    /// Takes note that the server refused a request with these header fields as unauthenticated (401, or
    /// `UNAUTHENTICATED`); returns whether another attempt would have other credentials.
    func wasRefused(_ fields: HTTPFields) -> Bool
}

extension ClientAuthenticator {
    public var signsRequests: Bool { true }
    public var setsSecrets: Bool { true }
    public func wasRefused(_ fields: HTTPFields) -> Bool { false }
}
