internal import Wire

/// Why a server did not take a message.
public struct ServerErrorResponse: Sendable, Hashable {
    public enum Kind: UInt64, Sendable, Hashable, CaseIterable {
        case unknown = 0
        /// The message is wrong; sending it again does not help.
        case badRequest
        /// The server has too much to do; the client disconnects, waits and comes back.
        case unavailable
    }

    public var kind = Kind.unknown
    public var errorMessage = ""
    /// How long to wait, in nanoseconds; `nil` when it is not said.
    public var retryAfter: UInt64?

    public init() {}

    public init(_ kind: Kind, _ errorMessage: String, retryAfter: UInt64? = nil) {
        self.kind = kind
        self.errorMessage = errorMessage
        self.retryAfter = retryAfter
    }
}

/// What a server tells an agent to do at once.
public enum ServerCommand: Sendable, Hashable {
    case restart
    /// Something of a later version of the protocol.
    case unknown(UInt64)
}

extension ServerErrorResponse.Kind: WireEnumeration {
    static var unrecognized: Self { .unknown }
}

private struct RetryInfo: WireMessage {
    static let messageName: StaticString = "RetryInfo"

    var nanoseconds: UInt64 = 0

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        if field.number == 1 { nanoseconds = try field.varint("retry_after_nanoseconds") }
    }

    func write(to writer: inout Writer) { writer.put(nanoseconds, 1) }
}

extension ServerErrorResponse: WireMessage {
    static let messageName: StaticString = "ServerErrorResponse"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: kind = try field.enumeration("type")
        case 2: errorMessage = try decoder.text(field, "error_message")
        case 3:
            var info = retryAfter.map { RetryInfo(nanoseconds: $0) }
            try decoder.message(field, "retry_info", into: &info)
            retryAfter = info?.nanoseconds
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(kind, 1)
        writer.put(errorMessage, 2)
        writer.put(retryAfter.map { RetryInfo(nanoseconds: $0) }, 3)
    }
}

/// The message around a command.
struct CommandMessage: WireMessage {
    static let messageName: StaticString = "ServerToAgentCommand"

    var type: UInt64 = 0

    init() {}

    init(_ command: ServerCommand) {
        switch command {
        case .restart: type = 0
        case .unknown(let number): type = number
        }
    }

    var command: ServerCommand { type == 0 ? .restart : .unknown(type) }

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        if field.number == 1 { type = try field.varint("type") }
    }

    func write(to writer: inout Writer) { writer.put(type, 1) }
}

/// `AgentDisconnect`, which holds nothing.
struct EmptyMessage: WireMessage {
    static let messageName: StaticString = "AgentDisconnect"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {}

    func write(to writer: inout Writer) {}
}

/// `AgentIdentification`, which holds an id.
struct IdentificationMessage: WireMessage {
    static let messageName: StaticString = "AgentIdentification"

    var uid: InstanceUID?

    init() {}

    init(_ uid: InstanceUID) { self.uid = uid }

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        if field.number == 1 { uid = try decoder.uid(field, "new_instance_uid") }
    }

    func write(to writer: inout Writer) {
        if let uid { writer.put(uid, 1) }
    }
}
