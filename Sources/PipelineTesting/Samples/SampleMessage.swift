/// A protobuf message under construction, written from scratch so that samples do not depend on the code that
/// they test (protobuf.dev/programming-guides/encoding).
struct SampleMessage {
    private(set) var bytes: [UInt8] = []

    init() {}

    init(_ fill: (inout SampleMessage) -> Void) {
        fill(&self)
    }

    mutating func number(_ field: Int, _ value: UInt64) {
        tag(field, 0)
        varint(value)
    }

    /// `sint32`: zigzag.
    mutating func signed(_ field: Int, _ value: Int32) {
        number(field, UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31))))
    }

    mutating func fixed64(_ field: Int, _ value: UInt64) {
        tag(field, 1)
        littleEndian(value)
    }

    mutating func fixed32(_ field: Int, _ value: UInt32) {
        tag(field, 5)
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    mutating func double(_ field: Int, _ value: Double) { fixed64(field, value.bitPattern) }

    mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

    mutating func data(_ field: Int, _ value: [UInt8]) {
        tag(field, 2)
        varint(UInt64(value.count))
        bytes += value
    }

    mutating func message(_ field: Int, _ fill: (inout SampleMessage) -> Void) {
        data(field, SampleMessage(fill).bytes)
    }

    mutating func packed(_ field: Int, varints values: [UInt64]) {
        data(field, SampleMessage { for value in values { $0.varint(value) } }.bytes)
    }

    mutating func packed(_ field: Int, fixed values: [UInt64]) {
        data(field, SampleMessage { for value in values { $0.littleEndian(value) } }.bytes)
    }

    private mutating func tag(_ field: Int, _ wireType: UInt64) { varint(UInt64(field) << 3 | wireType) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func littleEndian(_ value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

/// Values of attributes.
indirect enum SampleValue: Sendable {
    case text(String), bool(Bool), int(Int), double(Double), list([SampleValue]), map([(String, SampleValue)])
    case data([UInt8]), empty

    func write(to message: inout SampleMessage) {
        switch self {
        case .text(let text): message.text(1, text)
        case .bool(let bool): message.number(2, bool ? 1 : 0)
        case .int(let int): message.number(3, UInt64(bitPattern: Int64(int)))
        case .double(let double): message.double(4, double)
        case .list(let values):
            message.message(5) { list in for value in values { list.message(1, value.write) } }
        case .map(let pairs): message.message(6) { $0.attributes(1, pairs) }
        case .data(let bytes): message.data(7, bytes)
        case .empty: break
        }
    }
}

extension SampleMessage {
    mutating func attributes(_ field: Int, _ pairs: [(String, SampleValue)]) {
        for (key, value) in pairs {
            message(field) { pair in
                pair.text(1, key)
                pair.message(2, value.write)
            }
        }
    }
}
