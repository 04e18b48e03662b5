/// The types of values in Apache Thrift; raw values are those of the binary protocol.
public enum ThriftType: UInt8, Sendable, CaseIterable {
    case bool = 2
    case byte = 3
    case double = 4
    case i16 = 6
    case i32 = 8
    case i64 = 10
    /// Text or bytes.
    case binary = 11
    case structure = 12
    case map = 13
    case set = 14
    case list = 15
    case uuid = 16

    /// The type of a number of the compact protocol; 1 and 2 are both booleans.
    init?(compact number: UInt8) {
        switch number {
        case 1, 2: self = .bool
        case 3: self = .byte
        case 4: self = .i16
        case 5: self = .i32
        case 6: self = .i64
        case 7: self = .double
        case 8: self = .binary
        case 9: self = .list
        case 10: self = .set
        case 11: self = .map
        case 12: self = .structure
        case 13: self = .uuid
        default: return nil
        }
    }

    /// The fewest bytes that a value of the type has: what bounds how many elements a list can have.
    func smallestSize(_ encoding: ThriftEncoding) -> Int {
        switch self {
        case .double: 8
        case .uuid: 16
        case .bool, .byte, .structure: 1
        case .i16: encoding == .binary ? 2 : 1
        case .i32, .binary: encoding == .binary ? 4 : 1
        case .i64: encoding == .binary ? 8 : 1
        case .list, .set: encoding == .binary ? 5 : 1
        case .map: encoding == .binary ? 6 : 1
        }
    }
}

/// How values are laid out.
public enum ThriftEncoding: Sendable {
    /// Numbers of fixed size in network order (TBinaryProtocol).
    case binary
    /// Variable-length numbers (TCompactProtocol).
    case compact
}

/// The beginning of a field: what its value is, and which field of the struct.
public struct ThriftField: Sendable, Equatable {
    /// The type of the value.
    public let type: ThriftType
    /// The number of the field.
    public let number: Int16
    /// The value, where the beginning holds it: a boolean of the compact protocol.
    let flag: Bool?
}

/// The beginning of a message: what its struct is for.
public struct ThriftMessage: Sendable, Equatable {
    /// What a message is.
    public enum Kind: UInt8, Sendable {
        case call = 1
        case reply = 2
        case exception = 3
        /// A call that has no answer.
        case oneway = 4
    }

    /// The name of the method.
    public let name: String
    /// What it is.
    public let kind: Kind
}
