public import Wire

/// The version of HTTP that a message came in.
public enum HTTPVersion: Sendable, Hashable {
    /// HTTP/1.0 or HTTP/1.1.
    case http1
    /// HTTP/2.
    case http2
}

/// What is known about a request when its headers have been read and its body has not.
public struct ServerRequestHead: Sendable {
    /// The method in the case it was sent in, such as `POST`.
    public let method: String
    /// The path without the query; starts with `/` (or is `*` for `OPTIONS *`).
    public let path: String
    /// What follows the first `?` of the target.
    public let query: String?
    /// `http` or `https` as the client said it; behind a proxy this may differ from `isTLS`.
    public let scheme: String
    /// Host and port as the client addressed them; empty if it did not say.
    public let authority: String
    /// The header fields without pseudo fields.
    public let fields: HTTPFields
    /// The connection the request came over.
    public let connection: ServerPeer

    /// The size of the body if the client declared it.
    public let contentLength: Int?

    /// Who is at the other end, as `ip:port` (`unix` for unix sockets).
    public var peer: String { connection.address }
    /// Whether the connection is encrypted.
    public var isTLS: Bool { connection.isTLS }
    /// The version of HTTP spoken on the connection.
    public var httpVersion: HTTPVersion { connection.httpVersion }
    /// The index of the event loop that the request runs on.
    public var lane: Int { connection.lane }

    init(
        method: String, path: String, query: String?, scheme: String, authority: String, fields: HTTPFields,
        contentLength: Int?, connection: ServerPeer
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.scheme = scheme
        self.authority = authority
        self.fields = fields
        self.contentLength = contentLength
        self.connection = connection
    }
}

/// The other end of a server's connection; one object that all requests of the connection share.
public final class ServerPeer: Sendable {
    /// `ip:port`, or `unix` for unix sockets.
    public let address: String
    /// Whether the connection is encrypted.
    public let isTLS: Bool
    /// The version of HTTP spoken.
    public let httpVersion: HTTPVersion
    /// The index of the event loop that serves the connection.
    public let lane: Int
    /// The user that the process at the other end of a unix socket ran as when it connected; `nil` for TCP.
    public let userID: UInt32?
    /// The common name in the subject of the client's certificate, which has been verified against the
    /// authorities of the server; `nil` without one.
    public let certificateName: String?
    /// The serial number of that certificate in hexadecimal, lower case and without leading zero bytes.
    public let certificateSerial: String?
    /// The alternative names of the subject of that certificate: DNS names, e-mail addresses and URIs.
    public let certificateAlternativeNames: [String]
    /// Held until something is admitted over the connection; `nil` where addresses are not counted.
    let ticket: Strangers.Ticket?

    /// The address without the port, which all connections of one machine share; `unix` for unix sockets.
    public var host: String { Self.host(of: address) }

    /// The part of `ip:port` before the port.
    static func host(of address: String) -> String {
        address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address
    }

    init(
        address: String, isTLS: Bool, httpVersion: HTTPVersion, lane: Int, userID: UInt32? = nil,
        certificate: CertificateIdentity? = nil, ticket: Strangers.Ticket? = nil
    ) {
        self.address = address
        self.isTLS = isTLS
        self.httpVersion = httpVersion
        self.lane = lane
        self.userID = userID
        certificateName = certificate?.commonName
        certificateSerial = certificate?.serial
        self.ticket = ticket
        certificateAlternativeNames = certificate?.alternativeNames ?? []
    }
}

/// A complete request.
public struct ServerRequest: Sendable {
    /// Everything but the body.
    public let head: ServerRequestHead
    /// The body as it was received; still compressed if the client compressed it.
    public let body: Bytes
    /// Fields that the client sent after the body.
    public let trailers: HTTPFields?

    /// See `ServerRequestHead.method`.
    public var method: String { head.method }
    /// The path without the query.
    public var path: String { head.path }
    /// What follows the first `?` of the target.
    public var query: String? { head.query }
    /// `http` or `https` as the client said it.
    public var scheme: String { head.scheme }
    /// Host and port as the client addressed them.
    public var authority: String { head.authority }
    /// The header fields.
    public var fields: HTTPFields { head.fields }
    /// Who is at the other end, as `ip:port`.
    public var peer: String { head.peer }
    /// Whether the connection is encrypted.
    public var isTLS: Bool { head.isTLS }
    /// The version of HTTP spoken on the connection.
    public var httpVersion: HTTPVersion { head.httpVersion }
    /// The index of the event loop that the request runs on.
    public var lane: Int { head.lane }

    init(head: ServerRequestHead, body: Bytes, trailers: HTTPFields?) {
        self.head = head
        self.body = body
        self.trailers = trailers
    }
}
