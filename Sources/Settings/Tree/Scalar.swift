/// One value without parts, with its text as written.
///
/// YAML gives `0123` the type of a number, but a field that wants text must get what the user wrote. Both
/// are kept, and the field decides.
public struct Scalar: Sendable {
    /// How the text was written.
    public enum Style: Sendable, Hashable {
        /// Without quotes: the text decides the type.
        case plain
        /// In quotes, as a block, or tagged `!!str`: always text.
        case quoted
        /// Put together by expansion, as in `prefix-${env:NAME}`: text, but a field may read it as its own
        /// type.
        case composed
    }

    /// The type YAML gives a scalar.
    public enum Value: Sendable, Hashable {
        case null
        case bool(Bool)
        case int(Int)
        /// Whole numbers above `Int.max`.
        case unsigned(UInt)
        case double(Double)
        case string(String)
    }

    /// The text as written, without quotes.
    public let text: String
    public let style: Style
    /// What the text means; see `ScalarTyping`.
    public let value: Value

    /// A scalar as read; plain text gets the type that YAML gives it.
    public init(_ text: String, style: Style = .plain) {
        self.text = text
        self.style = style
        value = style == .plain ? ScalarTyping.value(of: text) : .string(text)
    }

    init(_ text: String, style: Style, value: Value) {
        self.text = text
        self.style = style
        self.value = value
    }

    /// Whether this is YAML's null: nothing, `~` or `null`.
    public var isNull: Bool { value == .null }

    /// The type's name for messages, such as `a whole number`.
    public var kind: String {
        switch value {
        case .null: "null"
        case .bool: "true or false"
        case .int, .unsigned: "a whole number"
        case .double: "a number"
        case .string: "text"
        }
    }
}

extension Scalar: Hashable {
    /// Whether both mean the same to every kind of field: they have the same text, and both are text or not.
    public static func == (left: Scalar, right: Scalar) -> Bool {
        if left.isNull || right.isNull { return left.isNull && right.isNull }
        return left.text == right.text && left.isText == right.isText
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(isNull ? "" : text) }

    private var isText: Bool {
        if case .string = value { true } else { false }
    }
}
