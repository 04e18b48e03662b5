/// What the validator has to know about one field of a message.
struct FieldShape {
    /// How a value is checked; the raw values are part of the validator's table.
    enum Check: UInt8 {
        case unknown = 0
        case varint, fixed32, fixed64
        /// Repeated scalars: packed or one by one.
        case varints, fixed64s
        case text, bytes
        /// Exactly 16 or 8 bytes, or none.
        case traceID, spanID
        case message
        /// A message that counts as an item: span, data point, log record, sample.
        case item
        case keyValue, anyValue
    }

    let number: Int
    let name: String
    let check: Check
    let child: MessageKind?
    /// A message that may occur once only; fields with the same slot exclude one another.
    let slot: UInt8

    init(
        _ number: Int, _ name: String, _ check: Check, child: MessageKind? = nil, slot: Int = 0
    ) {
        self.number = number
        self.name = name
        self.check = check
        self.child = child
        self.slot = UInt8(slot)
    }

    /// A message that occurs at most once.
    static func single(_ number: Int, _ name: String, _ child: MessageKind, slot: Int? = nil) -> Self {
        Self(number, name, .message, child: child, slot: slot ?? number)
    }

    /// A repeated message.
    static func many(_ number: Int, _ name: String, _ child: MessageKind) -> Self {
        Self(number, name, .message, child: child)
    }

    /// A repeated message that is an item.
    static func items(_ number: Int, _ name: String, _ child: MessageKind) -> Self {
        Self(number, name, .item, child: child)
    }

    static func attributes(_ number: Int, _ name: String = "attributes") -> Self {
        Self(number, name, .keyValue, child: .keyValue)
    }

    /// A repeated AnyValue.
    static func values(_ number: Int, _ name: String) -> Self {
        Self(number, name, .anyValue, child: .anyValue)
    }

    /// An AnyValue that occurs at most once.
    static func value(_ number: Int, _ name: String) -> Self {
        Self(number, name, .anyValue, child: .anyValue, slot: number)
    }
}

/// A message and its fields; numbers are below 32.
struct MessageShape {
    let kind: MessageKind
    let name: String
    let fields: [FieldShape]

    init(_ kind: MessageKind, _ name: String, _ fields: [FieldShape]) {
        self.kind = kind
        self.name = name
        self.fields = fields
    }
}
