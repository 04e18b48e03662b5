/// A number of bytes: `67108864` or `64MiB`.
public struct ByteCount: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible
{
    /// The number of bytes; never negative.
    public let bytes: Int

    /// A number of bytes; negative numbers become zero.
    public init(_ bytes: Int) { self.bytes = max(0, bytes) }

    public init(integerLiteral bytes: Int) { self.init(bytes) }

    /// Units of 1024 bytes.
    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
    /// Units of 1024² bytes.
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }
    /// Units of 1024³ bytes.
    public static func gibibytes(_ count: Int) -> ByteCount { ByteCount(count << 30) }

    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// `64MiB` when it is a whole number, up to four digits, of a unit; otherwise the number of bytes.
    public var description: String {
        for (name, size) in Self.units.prefix(4)
        where bytes >= size && bytes % size == 0 && bytes / size < 10_000 {
            return "\(bytes / size)\(name)"
        }
        return "\(bytes)"
    }

    private static let units: [(name: String, size: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1),
    ]

    /// Reads `1024`, `64MiB`, `64 MiB`, `1.5GB`; `nil` when the text is no number of bytes.
    public init?(_ text: String) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "_") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
        let size = unit.isEmpty ? 1 : Self.units.first { $0.name.lowercased() == unit }?.size
        guard let size else { return nil }
        if let whole = Int(number.filter { $0 != "_" }) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            bytes = product
        } else {
            guard let part = Double(number), let product = Int(exactly: (part * Double(size)).rounded())
            else {
                return nil
            }
            bytes = product
        }
    }
}

extension ByteCount: SettingValue {
    public static var kind: String { "a number of bytes such as 1048576 or 64MiB" }
    public static var schema: Tree {
        .table([
            "anyOf": .list([
                .table(["type": .text("integer"), "minimum": .number(0)]),
                .table([
                    "type": .text("string"),
                    "pattern": .text("^[0-9_]*\\.?[0-9]+ *([KkMmGgTt]?[Ii]?[Bb])?$"),
                ]),
            ])
        ])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if case .int(let bytes)? = tree.scalar?.retyped, bytes >= 0 { return ByteCount(bytes) }
        if let value = tree.text.flatMap({ Self.init($0) }) { return value }
        reader.mismatch(tree, expected: kind)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        let text = description
        return text == "\(bytes)" ? .number(bytes) : .text(text)
    }
}
