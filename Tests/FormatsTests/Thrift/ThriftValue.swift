import Formats
import Wire

/// A value to write in Apache Thrift, for tests.
indirect enum ThriftValue {
    case bool(Bool)
    case byte(UInt8)
    case i16(Int16)
    case i32(Int32)
    case i64(Int64)
    case double(Double)
    case text(String)
    case binary([UInt8])
    case structure([(Int, ThriftValue)])
    case list([ThriftValue])
    case map([(ThriftValue, ThriftValue)])

    func encoded(_ encoding: ThriftEncoding) -> [UInt8] {
        var output: [UInt8] = []
        write(encoding, to: &output)
        return output
    }

    /// A call with the value as its arguments.
    func message(
        _ name: String, _ encoding: ThriftEncoding, kind: UInt8 = 4, isStrict: Bool = true
    ) -> [UInt8] {
        let text = ThriftValue.text(name).encoded(encoding)
        let head: [UInt8] =
            switch (encoding, isStrict) {
            case (.compact, _): [0x82, 1 | kind << 5, 7] + text
            case (.binary, true): [0x80, 1, 0, kind] + text + [0, 0, 0, 7]
            case (.binary, false): text + [kind, 0, 0, 0, 7]
            }
        return head + encoded(encoding)
    }

    private var types: (binary: UInt8, compact: UInt8) {
        switch self {
        case .bool(let bool): (2, bool ? 1 : 2)
        case .byte: (3, 3)
        case .i16: (6, 4)
        case .i32: (8, 5)
        case .i64: (10, 6)
        case .double: (4, 7)
        case .text, .binary: (11, 8)
        case .structure: (12, 12)
        case .list: (15, 9)
        case .map: (13, 11)
        }
    }

    private func write(_ encoding: ThriftEncoding, to output: inout [UInt8]) {
        let isCompact = encoding == .compact
        switch self {
        case .bool(let bool): output.append(bool ? 1 : isCompact ? 2 : 0)
        case .byte(let byte): output.append(byte)
        case .i16(let value): Self.number(Int64(value), 2, isCompact, &output)
        case .i32(let value): Self.number(Int64(value), 4, isCompact, &output)
        case .i64(let value): Self.number(value, 8, isCompact, &output)
        case .double(let value):
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            output += isCompact ? bytes : bytes.reversed()
        case .text(let text): ThriftValue.binary(Array(text.utf8)).write(encoding, to: &output)
        case .binary(let bytes):
            Self.length(bytes.count, isCompact, &output)
            output += bytes
        case .structure(let fields): Self.write(fields, encoding, &output)
        case .list(let values):
            let type = values.first?.types ?? (12, 12)
            if isCompact {
                output.append(UInt8(min(values.count, 15)) << 4 | type.1)
                if values.count > 14 { Self.length(values.count, true, &output) }
            } else {
                output.append(type.0)
                Self.length(values.count, false, &output)
            }
            for value in values { value.write(encoding, to: &output) }
        case .map(let pairs):
            let types = pairs.first.map { ($0.0.types, $0.1.types) }
            if isCompact {
                Self.length(pairs.count, true, &output)
                if let types { output.append(types.0.compact << 4 | types.1.compact) }
            } else {
                output += [types?.0.binary ?? 0, types?.1.binary ?? 0]
                Self.length(pairs.count, false, &output)
            }
            for (key, value) in pairs {
                key.write(encoding, to: &output)
                value.write(encoding, to: &output)
            }
        }
    }

    private static func write(
        _ fields: [(Int, ThriftValue)], _ encoding: ThriftEncoding, _ output: inout [UInt8]
    ) {
        var last = 0
        for (number, value) in fields {
            if encoding == .binary {
                output += [value.types.binary, UInt8(truncatingIfNeeded: number >> 8)]
                output.append(UInt8(truncatingIfNeeded: number))
            } else if (1...15).contains(number - last) {
                output.append(UInt8(number - last) << 4 | value.types.compact)
            } else {
                output.append(value.types.compact)
                Self.number(Int64(number), 2, true, &output)
            }
            last = number
            // A boolean of the compact protocol is in the type.
            if case .bool = value, encoding == .compact { continue }
            value.write(encoding, to: &output)
        }
        output.append(0)
    }

    private static func number(_ value: Int64, _ size: Int, _ isCompact: Bool, _ output: inout [UInt8]) {
        if isCompact {
            varint(ZigZag.encode(value), &output)
        } else {
            output += (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * (size - 1 - $0))) }
        }
    }

    private static func length(_ count: Int, _ isCompact: Bool, _ output: inout [UInt8]) {
        if isCompact { varint(UInt64(count), &output) } else { number(Int64(count), 4, false, &output) }
    }

    private static func varint(_ value: UInt64, _ output: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(rest))
    }
}
