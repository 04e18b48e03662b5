internal import Glibc
public import Wire

/// The server's first message: it wants to know who the client is.
public struct ForwardHello: Sendable, Equatable {
    /// Goes into the digests of both ends; made anew for each connection.
    public var nonce: [UInt8]
    /// The salt of passwords; empty when clients need no user.
    public var passwordSalt: [UInt8]
    /// Whether the connection may be used again and again.
    public var keepsAlive: Bool

    public init(nonce: [UInt8], passwordSalt: [UInt8] = [], keepsAlive: Bool = true) {
        self.nonce = nonce
        self.passwordSalt = passwordSalt
        self.keepsAlive = keepsAlive
    }

    public init(decoding bytes: Bytes) throws(ForwardError) {
        let elements = try ForwardHandshake.elements(of: bytes, "HELO", count: 2)
        let options = elements[1]
        // What is not said has a default.
        nonce = options["nonce"]?.bytes ?? []
        passwordSalt = options["auth"]?.bytes ?? []
        keepsAlive = options["keepalive"] != .bool(false)
    }

    public func encoded() -> Bytes {
        let options: [MessagePackValue.Pair] = [
            .init(.text("nonce"), .binary(nonce)), .init(.text("auth"), .binary(passwordSalt)),
            .init(.text("keepalive"), .bool(keepsAlive)),
        ]
        return MessagePackValue.array([.text("HELO"), .map(options)]).encoded()
    }
}

/// The client's answer: who it is, and proof that it knows the shared key and its password.
public struct ForwardPing: Sendable, Equatable {
    public var hostname: String
    public var salt: [UInt8]
    /// See `ForwardDigest.sharedKey`.
    public var sharedKeyDigest: String
    /// Empty when the server asks for no user.
    public var username: String
    /// See `ForwardDigest.password`; empty when the server asks for no user.
    public var passwordDigest: String

    public init(
        hostname: String, salt: [UInt8], sharedKeyDigest: String, username: String = "",
        passwordDigest: String = ""
    ) {
        self.hostname = hostname
        self.salt = salt
        self.sharedKeyDigest = sharedKeyDigest
        self.username = username
        self.passwordDigest = passwordDigest
    }

    public init(decoding bytes: Bytes) throws(ForwardError) {
        let elements = try ForwardHandshake.elements(of: bytes, "PING", count: 6)
        hostname = try ForwardHandshake.text(elements[1], "PING", "hostname")
        salt = Array(try ForwardHandshake.bytes(elements[2], "PING", "shared_key_salt"))
        sharedKeyDigest = try ForwardHandshake.text(elements[3], "PING", "shared_key_hexdigest")
        username = try ForwardHandshake.text(elements[4], "PING", "username")
        passwordDigest = try ForwardHandshake.text(elements[5], "PING", "password")
    }

    public func encoded() -> Bytes {
        MessagePackValue.array([
            .text("PING"), .text(hostname), .binary(salt), .text(sharedKeyDigest), .text(username),
            .text(passwordDigest),
        ]).encoded()
    }
}

/// The server's last word, and its own proof.
public struct ForwardPong: Sendable, Equatable {
    public var isAccepted: Bool
    /// Why not; empty when accepted.
    public var reason: String
    public var hostname: String
    /// The server's proof; empty when it refuses.
    public var sharedKeyDigest: String

    public init(isAccepted: Bool, reason: String = "", hostname: String, sharedKeyDigest: String = "") {
        self.isAccepted = isAccepted
        self.reason = reason
        self.hostname = hostname
        self.sharedKeyDigest = sharedKeyDigest
    }

    public init(decoding bytes: Bytes) throws(ForwardError) {
        let elements = try ForwardHandshake.elements(of: bytes, "PONG", count: 5)
        isAccepted = elements[1] == .bool(true)
        reason = elements[2].text ?? ""
        hostname = elements[3].text ?? ""
        sharedKeyDigest = elements[4].text ?? ""
    }

    public func encoded() -> Bytes {
        MessagePackValue.array([
            .text("PONG"), .bool(isAccepted), .text(reason), .text(hostname), .text(sharedKeyDigest),
        ]).encoded()
    }
}

/// What the three messages of the handshake have in common.
public enum ForwardHandshake {
    /// The most bytes of one of its messages.
    public static let limit = 16 << 10

    private static let depth = 4

    /// The name of this machine, for ends that are given none.
    public static var machineName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "apus" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func elements(
        of bytes: Bytes, _ name: String, count: Int
    ) throws(ForwardError) -> [MessagePackValue] {
        let value: MessagePackValue
        guard bytes.count <= limit else {
            throw ForwardError("\(name) has \(bytes.count) bytes; at most \(limit) are read")
        }
        do throws(MessagePackError) {
            value = try MessagePackValue(decoding: bytes, depth: depth)
        } catch {
            throw ForwardError("\(name) expected", error)
        }
        guard let elements = value.elements, elements.first?.text == name else {
            throw ForwardError("\(name) expected, but another message came")
        }
        guard elements.count >= count else {
            throw ForwardError("\(name) has \(elements.count) elements instead of \(count)")
        }
        return elements
    }

    static func bytes(
        _ value: MessagePackValue, _ message: String, _ field: String
    ) throws(ForwardError) -> [UInt8] {
        guard let bytes = value.bytes else { throw ForwardError("\(field) of \(message) is no string") }
        return bytes
    }

    static func text(
        _ value: MessagePackValue, _ message: String, _ field: String
    ) throws(ForwardError) -> String {
        String(decoding: try bytes(value, message, field), as: UTF8.self)
    }
}
