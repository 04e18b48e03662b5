internal import Wire

/// One field of a message as it was met: its number and where or what its value is.
struct Field {
    /// The message that it belongs to, for errors.
    let message: StaticString
    let tag: Tag
    /// The value of a varint, a fixed32 or a fixed64.
    let scalar: UInt64
    /// Where the value of a length-delimited field is.
    let range: Range<Int>

    var number: Int { tag.number }

    func varint(_ name: StaticString) throws(OpAMPError) -> UInt64 {
        try expect(.varint, name)
        return scalar
    }

    func bool(_ name: StaticString) throws(OpAMPError) -> Bool { try varint(name) != 0 }

    func fixed64(_ name: StaticString) throws(OpAMPError) -> UInt64 {
        try expect(.fixed64, name)
        return scalar
    }

    func double(_ name: StaticString) throws(OpAMPError) -> Double {
        Double(bitPattern: try fixed64(name))
    }

    func enumeration<Value: WireEnumeration>(
        _ name: StaticString, _: Value.Type = Value.self
    ) throws(OpAMPError) -> Value {
        Value(rawValue: try varint(name)) ?? .unrecognized
    }

    func expect(_ type: WireType, _ name: StaticString) throws(OpAMPError) {
        guard tag.type == type else {
            throw OpAMPError(.malformed, "\(message).\(name) has another wire type than it should have")
        }
    }
}

/// An enumeration of the protocol, by its numbers.
protocol WireEnumeration: RawRepresentable<UInt64>, Sendable, Hashable {
    /// What stands for numbers of later versions of the protocol.
    static var unrecognized: Self { get }
}
