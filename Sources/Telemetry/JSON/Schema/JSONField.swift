internal import Wire

/// One field of an OTLP message as both codecs see it: how JSON names it, how the wire numbers it, what it
/// holds.
struct JSONField: Sendable {
    /// What a field holds: decides the wire type and the JSON form together.
    enum Kind: UInt8, Sendable {
        case string, bool
        case int32, uint32, int64, uint64, sint32, enumeration
        case fixed32, fixed64, sfixed64, double
        case bytes
        /// Bytes of a fixed length that OTLP/JSON writes in hexadecimal, against the rule for bytes.
        case traceID, spanID
        /// A profile's identifier: hexadecimal like the two above, read as base64 too.
        case profileID
        case message

        /// How one value is laid out on the wire.
        var wireType: WireType {
            switch self {
            case .bool, .int32, .uint32, .int64, .uint64, .sint32, .enumeration: .varint
            case .fixed64, .sfixed64, .double: .fixed64
            case .fixed32: .fixed32
            case .string, .bytes, .traceID, .spanID, .profileID, .message: .lengthDelimited
            }
        }
    }

    /// When a field is there at all.
    enum Presence: UInt8, Sendable {
        /// Zero means absent, as for most of proto3.
        case implicit
        /// Absent and zero differ (`optional`, and every message).
        case explicit
        /// One of several of which a message has at most one.
        case oneof
        case repeated
    }

    let name: StaticString
    let number: UInt8
    let kind: Kind
    let presence: Presence
    /// What a field of kind `message` is made of.
    let child: JSONMessage?

    /// Declares a field that is not a message.
    init(_ name: StaticString, _ number: UInt8, _ kind: Kind, _ presence: Presence = .implicit) {
        self.name = name
        self.number = number
        self.kind = kind
        self.presence = presence
        child = nil
    }

    /// Declares a field that is a message.
    init(_ name: StaticString, _ number: UInt8, _ child: JSONMessage, _ presence: Presence = .explicit) {
        self.name = name
        self.number = number
        kind = .message
        self.presence = presence
        self.child = child
    }
}
