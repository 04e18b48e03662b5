/// The fields of every OTLP message (opentelemetry-proto 1.9), as a table for the validator.
///
/// The table is 32 entries of four bytes for each message, about 6 KB, so that it stays in the first-level
/// cache. An entry holds the check in its lowest byte, then the kind of the child, then the slot.
final class Schema: Sendable {
    static let shared = Schema()
    static let fieldsPerMessage = 32

    /// One for each kind, in the order of the kinds.
    let shapes: [MessageShape]
    private let table: [UInt32]

    private init() {
        let shapes = Self.common + Self.traces + Self.metrics + Self.logs + Self.profiles
        var table = [UInt32](repeating: 0, count: MessageKind.allCases.count * Self.fieldsPerMessage)
        for shape in shapes {
            for field in shape.fields {
                let index = Int(shape.kind.rawValue) * Self.fieldsPerMessage + field.number
                table[index] =
                    UInt32(field.check.rawValue) | UInt32(field.child?.rawValue ?? 0) << 8
                    | UInt32(field.slot) << 16
            }
        }
        self.shapes = shapes.sorted { $0.kind.rawValue < $1.kind.rawValue }
        self.table = table
    }

    /// Lends the table; the pointer is valid inside `body` only.
    func withTable<Result, Failure: Error>(
        _ body: (UnsafePointer<UInt32>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The table is never empty, so the span has a base address.
        try table.withUnsafeBufferPointer { buffer throws(Failure) in
            guard let base = buffer.baseAddress else { preconditionFailure("the schema has no messages") }
            return try body(base)
        }
    }

    /// The name of a message as its definition spells it.
    func name(of kind: MessageKind) -> String {
        shapes[Int(kind.rawValue)].name
    }

    /// What is known about field `number` of a message.
    func field(_ number: Int, of kind: MessageKind) -> FieldShape? {
        shapes[Int(kind.rawValue)].fields.first { $0.number == number }
    }

    /// `Span.name`, or `Span field 99` for a field that is not known.
    func name(of kind: MessageKind, field number: Int) -> String {
        guard let field = field(number, of: kind) else {
            return "\(name(of: kind)) field \(number)"
        }
        return "\(name(of: kind)).\(field.name)"
    }
}
