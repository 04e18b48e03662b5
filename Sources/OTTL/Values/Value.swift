public import Telemetry
public import Wire

/// What an expression gives.
///
/// Strings and bytes are slices of the wire where they come from it, and lists and maps are decoded when
/// somebody looks into them.
public enum Value: Sendable {
    /// `nil`: what is not there, or an attribute without a value.
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    /// Text, always valid UTF-8.
    case string(Bytes)
    /// Bytes, and the ids of traces and spans.
    case bytes(Bytes)
    case list([Value])
    case map(ValueMap)
    case time(Time)
    /// Nanoseconds.
    case duration(Int64)
    /// A list or a map of the wire that nobody has looked into; `elements` and `entries` do.
    case wire(AnyValueView)
    /// A message that only its context knows: all events of a span, a status, the data points of a metric.
    case message(Opaque)

    /// Text from a Swift string.
    public static func text(_ text: String) -> Value { .string(Bytes(utf8: text)) }

    /// What kind of value it is; one bit is set.
    public var kind: ValueKinds {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list
        case .map: .map
        case .time: .time
        case .duration: .duration
        case .wire(let view): view.isMap ? .map : .list
        case .message: .message
        }
    }

    /// Whether it is `nil`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The elements of a list; `nil` for anything else.
    public var elements: [Value]? {
        switch self {
        case .list(let values): values
        case .wire(let view) where !view.isMap: view.decodedElements
        default: nil
        }
    }

    /// The entries of a map; `nil` for anything else.
    public var entries: ValueMap? {
        switch self {
        case .map(let map): map
        case .wire(let view) where view.isMap: view.decodedEntries
        default: nil
        }
    }

    /// How many entries it has that are no longer on the wire.
    var ownCount: Int {
        switch self {
        case .list(let values): values.count
        case .map(let map): map.count
        default: 0
        }
    }

    /// Encoded messages, compared and copied as they are.
    public struct Opaque: Sendable {
        /// What it is, such as `events`; two of different kinds are never equal.
        public let name: String
        /// The fields of it, encoded.
        public let bytes: Bytes

        public init(_ name: String, _ bytes: Bytes) {
            self.name = name
            self.bytes = bytes
        }
    }
}
