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
            var tag = UInt64(base[position])
            position &+= 1
            if tag >= 0x80 {
                position = tagStart
                guard let long = varint(&position, end, message, 0) else { return false }
                tag = long
            }
            guard tag >= 8, tag <= UInt64(UInt32.max) else {
                return fail(.invalidTag, tagStart, message, 0)
            }
            let number = Int(tag &>> 3)
            let entry = number < Schema.fieldsPerMessage ? table[row &+ number] : 0
            let slot = entry &>> 16
            if slot != 0 {
                let bit: UInt32 = 1 &<< slot
                if seen & bit != 0 { return fail(.occursTwice, tagStart, message, number) }
                seen |= bit
            }
            guard
                let next = check(
                    entry, UInt8(tag & 7), position, end, message, number, depth: depth)
            else { return false }
            position = next
        }
        return true
    }

    /// Checks one value; returns where the next field begins, or `nil` after noting the fault.
    @inline(__always)
    private mutating func check(
        _ entry: UInt32, _ wire: UInt8, _ start: Int, _ end: Int, _ message: UInt8, _ number: Int, depth: Int
    ) -> Int? {
        let kind = UInt8(truncatingIfNeeded: entry)
        var position = start
        if wire == 2, kind >= FieldShape.Check.varints.rawValue {
            guard let stop = length(&position, end, message, number) else { return nil }
            let valid = content(kind, entry, position, stop, message, number, depth: depth)
            return valid ? stop : nil
        }
        return scalar(kind, wire, start, end, message, number)
    }

    /// Checks what a length-delimited field holds.
    @inline(__always)
    private mutating func content(
        _ kind: UInt8, _ entry: UInt32, _ start: Int, _ stop: Int, _ message: UInt8, _ number: Int, depth: Int
    ) -> Bool {
        let child = UInt8(truncatingIfNeeded: entry &>> 8)
        switch FieldShape.Check(rawValue: kind) {
        case .text: return text(start, stop, message, number)
        case .keyValue: return keyValue(start, stop, depth: depth)
        case .item:
            items &+= 1
            return walk(child, start, stop, depth: depth)
        case .message: return walk(child, start, stop, depth: depth)
        case .anyValue:
            guard depth < Self.nestingLimit else { return fail(.tooDeep, start, message, number) }
            return walk(child, start, stop, depth: depth &+ 1)
        case .traceID:
            let size = stop &- start
            return size == 16 || size == 0 || fail(.idLength, start, message, number)
        case .spanID:
            let size = stop &- start
            return size == 8 || size == 0 || fail(.idLength, start, message, number)
        case .varints: return packedVarints(start, stop, message, number)
        case .fixed64s:
            return (stop &- start) & 7 == 0 || fail(.packedLength, start, message, number)
        default: return true
        }
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
