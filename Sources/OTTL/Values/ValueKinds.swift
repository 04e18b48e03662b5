/// Kinds of values: those that an expression may give, or that a place takes.
public struct ValueKinds: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let null = ValueKinds(rawValue: 1)
    public static let bool = ValueKinds(rawValue: 2)
    public static let int = ValueKinds(rawValue: 4)
    public static let double = ValueKinds(rawValue: 8)
    public static let string = ValueKinds(rawValue: 16)
    public static let bytes = ValueKinds(rawValue: 32)
    public static let list = ValueKinds(rawValue: 64)
    public static let map = ValueKinds(rawValue: 128)
    public static let time = ValueKinds(rawValue: 256)
    public static let duration = ValueKinds(rawValue: 512)
    public static let message = ValueKinds(rawValue: 1024)

    /// Integers and floating-point numbers.
    public static let number: ValueKinds = [.int, .double]
    /// What an attribute may hold.
    public static let attribute: ValueKinds = [
        .null, .bool, .int, .double, .string, .bytes, .list, .map,
    ]
    /// Everything: nothing is known.
    public static let any = ValueKinds(rawValue: 2047)

    private static let names: [(ValueKinds, String)] = [
        (.null, "nil"), (.bool, "bool"), (.int, "int"), (.double, "float"), (.string, "string"),
        (.bytes, "bytes"), (.list, "list"), (.map, "map"), (.time, "time"), (.duration, "duration"),
        (.message, "message"),
    ]
}

extension ValueKinds: CustomStringConvertible {
    /// The kinds as users know them: `int or float`.
    public var description: String {
        if self == .any { return "any value" }
        let names = Self.names.filter { contains($0.0) }.map(\.1)
        guard let last = names.last else { return "nothing" }
        return names.count == 1 ? last : names.dropLast().joined(separator: ", ") + " or " + last
    }
}
