internal import Wire

/// The full structural check of an OTLP message: one walk over its wire form that counts the items.
///
/// What passes is certain to have: every value inside of its message; known fields with the right wire type
/// (repeated scalars packed or not); tags of 32 bits and field numbers from 1; varints of at most 64 bits;
/// strings of valid UTF-8; trace ids of 16 bytes and span ids of 8 (or empty); values that nest at most
/// `nestingLimit` levels; and embedded messages that are not repeated at most once (protobuf would have a
/// reader merge several; nobody writes that, and everything behind the door is simpler and agrees on what a
/// message says without it). A metric likewise holds one kind of data, and an attribute one key.
///
/// What is let through: unknown fields, unknown enumeration values, varints longer than needed, empty ids and
/// ids of zeroes. OTLP calls such ids invalid, but a collector passes them on as otelcol does.
struct Validator {
    /// Levels of AnyValue inside of each other.
    static let nestingLimit = 64

    /// The largest message, in bytes; protobuf has the same limit.
    static let sizeLimit = Int(Int32.max)

    let base: UnsafePointer<UInt8>
    let table: UnsafePointer<UInt32>
    let root: Int
    var items = 0
    var fault: ValidationFault?

    /// Walks over all of `bytes` and returns the number of spans, data points, log records or samples.
    static func countItems(of bytes: Bytes, as signal: Signal) throws(InvalidTelemetry) -> Int {
        guard bytes.count <= sizeLimit else {
            throw InvalidTelemetry(reason: "message is larger than 2 GiB", offset: sizeLimit)
        }
        return try Schema.shared.withTable { table throws(InvalidTelemetry) in
            try bytes.withUnsafeBytes { memory throws(InvalidTelemetry) in
                guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return 0 }
                var validator = Validator(base: base, table: table, root: memory.count)
                if validator.walk(MessageKind(root: signal).rawValue, 0, memory.count, depth: 0) {
                    return validator.items
                }
                throw validator.fault?.error ?? InvalidTelemetry(reason: "invalid message", offset: 0)
            }
        }
    }

    /// Whether bytes are a message of some kind.
    static func isValid(_ bytes: Bytes, as kind: MessageKind) -> Bool {
        Schema.shared.withTable { table in
            bytes.withUnsafeBytes { memory in
                guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return true }
                var validator = Validator(base: base, table: table, root: memory.count)
                return validator.walk(kind.rawValue, 0, memory.count, depth: 0)
            }
        }
    }

    /// Checks the message between `start` and `end`; returns whether it is valid and notes the fault if not.
    mutating func walk(_ message: UInt8, _ start: Int, _ end: Int, depth: Int) -> Bool {
        let row = Int(message) &<< 5
        var position = start
        var seen: UInt32 = 0
        while position < end {
            let tagStart = position
            let first = base[position]
            position &+= 1
            var number = Int(first &>> 3)
            var wire = first & 7
            if first >= 0x80 || first < 8 {
                position = tagStart
                guard let tag = longTag(&position, end, message) else { return false }
                (number, wire) = (Int(tag &>> 3), UInt8(truncatingIfNeeded: tag) & 7)
            }
            let entry = number < Schema.fieldsPerMessage ? table[row &+ number] : 0
            let slot = entry &>> 16
            if slot != 0 {
                let bit: UInt32 = 1 &<< slot
                if seen & bit != 0 { return fail(.occursTwice, tagStart, message, number) }
                seen |= bit
            }
            let kind = UInt8(truncatingIfNeeded: entry)
            if wire == 2, kind >= FieldShape.Check.varints.rawValue {
                guard let stop = length(&position, end, message, number) else { return false }
                if kind == FieldShape.Check.keyValue.rawValue {
                    guard keyValue(position, stop, depth: depth) else { return false }
                    position = endOfRun(of: first, stop, end, depth: depth)
                    continue
                }
                let child = UInt8(truncatingIfNeeded: entry &>> 8)
                guard content(kind, child, position, stop, message, number, depth: depth) else {
                    return false
                }
                position = stop
            } else if wire == 1, kind == FieldShape.Check.fixed64.rawValue, end &- position >= 8 {
                position &+= 8
            } else {
                guard let next = scalar(kind, wire, position, end, message, number) else { return false }
                position = next
            }
        }
        return true
    }

    /// Reads a tag of more than one byte, or finds out what is wrong with it.
    @inline(never)
    private mutating func longTag(_ position: inout Int, _ end: Int, _ message: UInt8) -> UInt64? {
        let start = position
        guard let tag = varint(&position, end, message, 0) else { return nil }
        if tag >= 8, tag <= UInt64(UInt32.max) { return tag }
        _ = fail(.invalidTag, start, message, 0)
        return nil
    }

    /// Checks what a length-delimited field holds.
    @inline(__always)
    private mutating func content(
        _ kind: UInt8, _ child: UInt8, _ start: Int, _ stop: Int, _ message: UInt8, _ number: Int, depth: Int
    ) -> Bool {
        // Compared one by one, the most frequent first: making the enumeration of it is a call.
        if kind == FieldShape.Check.text.rawValue { return text(start, stop, message, number) }
        if kind == FieldShape.Check.traceID.rawValue {
            let size = stop &- start
            return size == 16 || size == 0 || fail(.idLength, start, message, number)
        }
        if kind == FieldShape.Check.spanID.rawValue {
            let size = stop &- start
            return size == 8 || size == 0 || fail(.idLength, start, message, number)
        }
        if kind == FieldShape.Check.item.rawValue {
            items &+= 1
            return walk(child, start, stop, depth: depth)
        }
        if kind == FieldShape.Check.message.rawValue { return walk(child, start, stop, depth: depth) }
        if kind == FieldShape.Check.anyValue.rawValue {
            guard depth < Self.nestingLimit else { return fail(.tooDeep, start, message, number) }
            return walk(child, start, stop, depth: depth &+ 1)
        }
        if kind == FieldShape.Check.varints.rawValue { return packedVarints(start, stop, message, number) }
        if kind == FieldShape.Check.fixed64s.rawValue {
            return (stop &- start) & 7 == 0 || fail(.packedLength, start, message, number)
        }
        return true
    }

    /// Notes a fault; `false` for the caller to return.
    @inline(never)
    mutating func fail(
        _ reason: ValidationFault.Reason, _ offset: Int, _ message: UInt8, _ field: Int
    ) -> Bool {
        let kind = MessageKind(rawValue: message) ?? .anyValue
        fault = ValidationFault(reason: reason, offset: offset, message: kind, field: field)
        return false
    }
}
