internal import Wire

/// The table of `JSONMessage` in the form that the codecs run on: plain memory, looked up without hashing
/// strings, without reference counting and without allocation.
///
/// `@unchecked Sendable` is sound because the memory is filled in `init`, never written again and never
/// freed: there is one schema for the life of the process.
struct JSONSchema: @unchecked Sendable {
    /// The schema of the process.
    static let shared = JSONSchema()

    /// A field, ready to be matched and written.
    struct Field {
        /// `,"name":`; a caller that needs no comma starts one byte later.
        let key: UnsafeBufferPointer<UInt8>
        /// `name` inside `key`.
        let name: UnsafeBufferPointer<UInt8>
        let number: UInt8
        let kind: JSONField.Kind
        let presence: JSONField.Presence
        /// Index of the message that a field of kind `message` holds.
        let child: UInt8
        /// The field's bit in a set of fields of its message.
        let bit: UInt64

        /// How one value of the field is laid out on the wire.
        var wireType: WireType { kind.wireType }

        /// Whether a repeated field of this kind is written as one run of values without tags.
        var isPacked: Bool { wireType != .lengthDelimited }
    }

    /// A message: its fields by number and by name.
    struct Message {
        let fields: UnsafeBufferPointer<Field>
        /// Index of a field plus one by its number; zero where there is none.
        let byNumber: UnsafeBufferPointer<UInt8>
        /// Index of a field plus one by the slot of its name; zero where there is none.
        let bySlot: UnsafeBufferPointer<UInt8>
        /// Chosen so that no two names of the message share a slot.
        let seed: Int
        /// The bits of the fields that exclude each other.
        let oneof: UInt64

        /// The field with this number, if this version of OTLP has one.
        @inline(__always)
        func field(numbered number: Int) -> UnsafePointer<Field>? {
            guard number < JSONSchema.numbers, byNumber[number] != 0 else { return nil }
            return pointer(Int(byNumber[number]) - 1)
        }

        /// The field whose lowerCamelCase name these bytes spell.
        @inline(__always)
        func field(named name: UnsafeBufferPointer<UInt8>) -> UnsafePointer<Field>? {
            guard name.count >= JSONSchema.shortestName else { return nil }
            let index = bySlot[JSONSchema.slot(of: name, seed: seed)]
            guard index != 0, let field = pointer(Int(index) - 1) else { return nil }
            let candidate = field.pointee.name
            guard candidate.count == name.count else { return nil }
            for position in 0..<name.count where candidate[position] != name[position] { return nil }
            return field
        }

        @inline(__always)
        private func pointer(_ index: Int) -> UnsafePointer<Field>? { fields.baseAddress.map { $0 + index } }
    }

    /// Bit 63 of a set of fields is not a field's: a message has fewer than 63.
    static let reservedBit: UInt64 = 1 << 63
    fileprivate static let numbers = 32
    private static let slots = 64
    fileprivate static let shortestName = 3

    let messages: UnsafeBufferPointer<Message>

    private init() {
        messages = Self.immortal(JSONMessage.allCases.map { Self.compile($0.fields) })
    }

    /// The message with this index.
    @inline(__always)
    subscript(_ index: UInt8) -> Message { messages[Int(index)] }

    @inline(__always)
    private static func slot(of name: UnsafeBufferPointer<UInt8>, seed: Int) -> Int {
        let length = name.count
        let first = Int(name[0]) &* (seed & 0xFF)
        let middle = Int(name[length >> 1]) &* ((seed >> 8) & 0xFF)
        let last = (Int(name[length - 1]) &+ Int(name[length - 2]) &* 5) &* ((seed >> 16) & 0xFF)
        return (first &+ middle &+ last &+ length) & (slots - 1)
    }

    private static func compile(_ fields: [JSONField]) -> Message {
        var byNumber = [UInt8](repeating: 0, count: numbers)
        var compiled: [Field] = []
        for (index, field) in fields.enumerated() {
            byNumber[Int(field.number)] = UInt8(index + 1)
            compiled.append(compile(field, bit: 1 << UInt64(index)))
        }
        let (seed, bySlot) = spread(compiled)
        return Message(
            fields: immortal(compiled), byNumber: immortal(byNumber), bySlot: immortal(bySlot), seed: seed,
            oneof: compiled.reduce(0) { $1.presence == .oneof ? $0 | $1.bit : $0 })
    }

    private static func compile(_ field: JSONField, bit: UInt64) -> Field {
        let name = field.name.withUTF8Buffer { Array($0) }
        let key = immortal(Array(",\"".utf8) + name + Array("\":".utf8))
        return Field(
            key: key, name: UnsafeBufferPointer(rebasing: key[2..<key.count - 2]), number: field.number,
            kind: field.kind, presence: field.presence, child: field.child?.rawValue ?? 0, bit: bit)
    }

    /// Looks for a seed under which every name has a slot of its own.
    private static func spread(_ fields: [Field]) -> (seed: Int, slots: [UInt8]) {
        for seed in 1..<(1 << 24) {
            var taken = [UInt8](repeating: 0, count: slots)
            let fits = fields.indices.allSatisfy { index in
                let slot = slot(of: fields[index].name, seed: seed &* 0x9E37 & 0xFF_FFFF)
                defer { taken[slot] = UInt8(index + 1) }
                return taken[slot] == 0
            }
            if fits { return (seed &* 0x9E37 & 0xFF_FFFF, taken) }
        }
        preconditionFailure("two fields of one message have names that cannot be told apart")
    }

    /// Copies `values` into memory that lives as long as the process.
    private static func immortal<Value>(_ values: [Value]) -> UnsafeBufferPointer<Value> {
        let memory = UnsafeMutableBufferPointer<Value>.allocate(capacity: values.count)
        _ = memory.initialize(from: values)
        return UnsafeBufferPointer(memory)
    }
}
