/// Why a connection, a listener or an exchange over the network did not work out.
///
/// `kind` is what a program acts on (may it be tried again?); `message` is for people: it says what was being
/// done, to what, what went wrong and, where that is known, what to do about it.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    /// The classes of failure that callers tell apart.
    public enum Kind: String, Sendable, CaseIterable {
        /// An address, URL or option that cannot be used as it was written.
        case invalidAddress
        /// Another process (or another listener of this one) holds the address.
        case addressInUse
        /// The address cannot be listened on for another reason, such as a missing permission.
        case listenFailed
        /// No connection could be made: refused, unreachable, or its name did not resolve.
        case connectFailed
        /// The TLS handshake failed, or a certificate or key cannot be used.
        case tls
        /// The peer did not answer in time.
        case timeout
        /// The connection went away before a complete response had been read.
        case closedBeforeResponse
        /// The peer said that it did not process the request; trying again is always safe.
        case notProcessed
        /// The peer reset the stream.
        case reset
        /// A message or a header list is over its limit.
        case tooLarge
        /// The peer does not keep to the protocol.
        case protocolError
        /// The caller gave up, or the client is closing.
        case cancelled
        /// A bound of this process was reached, such as the number of streams of a connection.
        case overloaded
    }

    /// The class of the failure.
    public var kind: Kind
    /// The failure in words.
    public var message: String
    /// For `.reset`, the HTTP/2 error code (RFC 9113 section 7) that the peer gave.
    public var http2ErrorCode: UInt32?

    /// Makes an error from its class and its description.
    public init(_ kind: Kind, _ message: String, http2ErrorCode: UInt32? = nil) {
        self.kind = kind
        self.message = message
        self.http2ErrorCode = http2ErrorCode
    }

    public var description: String { message }
}
