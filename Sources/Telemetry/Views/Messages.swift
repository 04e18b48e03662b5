internal import Wire

/// A read-only look at one kind of message.
public protocol MessageView: Sendable {
    /// The message that is looked at.
    var message: WireMessage { get }
    /// Looks at a message of this kind.
    init(_ message: WireMessage)
}

/// The occurrences of a repeated message, read as they are asked for.
public struct Messages<View: MessageView>: Sequence, IteratorProtocol, Sendable {
    private let bytes: Bytes
    private let number: Int
    private var cursor: Cursor

    init(bytes: Bytes, number: Int) {
        self.bytes = bytes
        self.number = number
        cursor = Cursor(0..<bytes.count)
    }

    /// The next message.
    public mutating func next() -> View? {
        let value = bytes.withSpan { span -> Range<Int>? in
            while let field = cursor.readField(span) {
                if field.number == number, field.tag.type == .lengthDelimited { return field.value }
            }
            return nil
        }
        return value.map { View(WireMessage(bytes[$0])) }
    }

    /// The first message, if there is one.
    public var first: View? {
        var rest = self
        return rest.next()
    }

    /// How many there are; walks over the whole message.
    public var count: Int {
        var (rest, count) = (self, 0)
        while rest.next() != nil { count += 1 }
        return count
    }
}
