internal import Wire

/// Reads the fields of messages and counts what they hold against the limits.
struct MessageDecoder {
    let source: Bytes
    let limits: MessageLimits

    private var attributes = 0
    private var elements = 0
    private var entries = 0
    private var health = Tree()
    private var components = Tree()
    private var valueDepth = 0

    /// How far a tree has grown.
    private struct Tree {
        var nodes = 0
        var depth = 0
    }

    /// Reads a whole message.
    static func decode<Message: WireMessage>(
        _ source: Bytes, limits: MessageLimits, _: Message.Type = Message.self
    ) throws(OpAMPError) -> Message {
        guard source.count <= limits.messageBytes else {
            throw OpAMPError(
                .tooLarge,
                "\(Message.messageName) has \(source.count) bytes, "
                    + "more than the \(limits.messageBytes) allowed"
            )
        }
        var decoder = MessageDecoder(source: source, limits: limits)
        var message = Message()
        try decoder.merge(0..<source.count, into: &message)
        return message
    }

    private init(source: Bytes, limits: MessageLimits) {
        self.source = source
        self.limits = limits
    }

    /// Takes all fields in `range`.
    mutating func merge<Message: WireMessage>(
        _ range: Range<Int>, into message: inout Message
    ) throws(OpAMPError) {
        var cursor = Cursor(range)
        while let field = try next(&cursor, Message.messageName) { try message.take(field, &self) }
    }

    private func next(_ cursor: inout Cursor, _ message: StaticString) throws(OpAMPError) -> Field? {
        do throws(WireError) {
            var place = cursor
            let field = try source.withSpan { span throws(WireError) -> Field? in
                guard let tag = try place.readTag(span) else { return nil }
                var (scalar, range): (UInt64, Range<Int>) = (0, 0..<0)
                switch tag.type {
                case .varint: scalar = try place.readVarint(span)
                case .fixed64: scalar = try place.readFixed64(span)
                case .fixed32: scalar = UInt64(try place.readFixed32(span))
                case .lengthDelimited: range = try place.readLengthDelimited(span)
                case .startGroup, .endGroup: try place.skip(tag, span)
                }
                return Field(message: message, tag: tag, scalar: scalar, range: range)
            }
            cursor = place
            return field
        } catch {
            throw .wire(error, in: message)
        }
    }

    // MARK: Values

    /// Text, which has to be UTF-8.
    func text(_ field: Field, _ name: StaticString) throws(OpAMPError) -> String {
        try field.expect(.lengthDelimited, name)
        let text = source.withUnsafeBytes { memory in
            String(validating: UnsafeRawBufferPointer(rebasing: memory[field.range]), as: UTF8.self)
        }
        guard let text else { throw OpAMPError(.malformed, "\(field.message).\(name) is not valid UTF-8") }
        return text
    }

    /// A copy of bytes.
    func bytes(_ field: Field, _ name: StaticString) throws(OpAMPError) -> [UInt8] {
        try field.expect(.lengthDelimited, name)
        return source.withUnsafeBytes { Array($0[field.range]) }
    }

    /// An id of 16 bytes.
    func uid(_ field: Field, _ name: StaticString) throws(OpAMPError) -> InstanceUID {
        try field.expect(.lengthDelimited, name)
        let uid = source.withUnsafeBytes { memory -> InstanceUID? in
            guard field.range.count == 16, let base = memory.baseAddress else { return nil }
            let start = field.range.lowerBound
            return InstanceUID(
                high: UInt64(bigEndian: base.loadUnaligned(fromByteOffset: start, as: UInt64.self)),
                low: UInt64(bigEndian: base.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)))
        }
        guard let uid else {
            throw OpAMPError(
                .malformed, "\(field.message).\(name) has \(field.range.count) bytes instead of 16")
        }
        return uid
    }

    // MARK: Messages

    /// A nested message; one that comes again adds its fields, as protobuf has it.
    mutating func message<Message: WireMessage>(
        _ field: Field, _ name: StaticString, into message: inout Message?
    ) throws(OpAMPError) {
        try field.expect(.lengthDelimited, name)
        var merged = message ?? Message()
        // Given up here, so that adding to its lists copies none of them.
        message = nil
        try merge(field.range, into: &merged)
        message = merged
    }

    /// An element of a list of messages.
    mutating func element<Message: WireMessage>(
        _ field: Field, _ name: StaticString, into list: inout [Message]
    ) throws(OpAMPError) {
        try field.expect(.lengthDelimited, name)
        var message = Message()
        try merge(field.range, into: &message)
        list.append(message)
    }

    /// An entry of a map; of two with the same key the last counts.
    mutating func entry<Value: WireMessage>(
        _ field: Field, _ name: StaticString, into map: inout [String: Value]
    ) throws(OpAMPError) {
        try field.expect(.lengthDelimited, name)
        var key = ""
        var value: Value?
        var cursor = Cursor(field.range)
        while let part = try next(&cursor, field.message) {
            switch part.number {
            case 1: key = try text(part, name)
            case 2: try message(part, name, into: &value)
            default: break
            }
        }
        map[key] = value ?? Value()
    }

    /// An entry of a map of texts.
    mutating func entry(
        _ field: Field, _ name: StaticString, into map: inout [String: String]
    ) throws(OpAMPError) {
        try field.expect(.lengthDelimited, name)
        var (key, value) = ("", "")
        var cursor = Cursor(field.range)
        while let part = try next(&cursor, field.message) {
            switch part.number {
            case 1: key = try text(part, name)
            case 2: value = try text(part, name)
            default: break
            }
        }
        map[key] = value
    }

    // MARK: Limits

    /// Counts a key with a value.
    mutating func countAttribute(_ field: Field) throws(OpAMPError) {
        attributes += 1
        guard attributes <= limits.attributes else { throw tooMany(limits.attributes, "attributes", field) }
    }

    /// Counts an element of an array.
    mutating func countElement(_ field: Field) throws(OpAMPError) {
        elements += 1
        guard elements <= limits.elements else { throw tooMany(limits.elements, "array elements", field) }
    }

    /// Counts an entry of a map or a list.
    mutating func countEntry(_ field: Field) throws(OpAMPError) {
        entries += 1
        guard entries <= limits.entries else { throw tooMany(limits.entries, "entries", field) }
    }

    /// Counts a component below another in a tree of health while `body` reads it.
    mutating func healthNode(
        _ field: Field, _ body: (inout Self) throws(OpAMPError) -> Void
    ) throws(OpAMPError) {
        // The root is not an entry of a map, so both start at one.
        guard health.nodes + 1 < limits.healthNodes else {
            throw tooMany(limits.healthNodes, "components", field)
        }
        guard health.depth + 1 < limits.healthDepth else {
            throw tooMany(limits.healthDepth, "levels of components", field)
        }
        health.nodes += 1
        health.depth += 1
        try body(&self)
        health.depth -= 1
    }

    /// Counts an available component while `body` reads it.
    mutating func componentNode(
        _ field: Field, _ body: (inout Self) throws(OpAMPError) -> Void
    ) throws(OpAMPError) {
        guard components.nodes < limits.componentNodes else {
            throw tooMany(limits.componentNodes, "components", field)
        }
        guard components.depth < limits.componentDepth else {
            throw tooMany(limits.componentDepth, "levels of components", field)
        }
        components.nodes += 1
        components.depth += 1
        try body(&self)
        components.depth -= 1
    }

    /// Counts a level of a value while `body` reads it.
    mutating func value(
        _ field: Field, _ body: (inout Self) throws(OpAMPError) -> Void
    ) throws(OpAMPError) {
        guard valueDepth < limits.valueDepth else {
            throw tooMany(limits.valueDepth, "levels of values", field)
        }
        valueDepth += 1
        try body(&self)
        valueDepth -= 1
    }

    private func tooMany(_ limit: Int, _ what: StaticString, _ field: Field) -> OpAMPError {
        OpAMPError(.tooMany, "\(field.message) has more than \(limit) \(what)")
    }
}
