public import Settings

/// A duration as Prometheus writes it: `30s`, `1m30s`, `1d`, `0`; whole numbers with units from the largest
/// to the smallest.
public struct PrometheusDuration: SettingValue, Sendable, Hashable {
    public let duration: Duration

    public init(_ duration: Duration) { self.duration = duration }

    public static var kind: String { "a duration as Prometheus writes it, such as 30s, 1m30s or 1d" }
    public static var schema: Tree {
        .table([
            "type": .text("string"),
            "pattern": .text(
                "^(0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"),
        ])
    }

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
        ("s", 1000), ("ms", 1),
    ]

    /// Reads a duration; `nil` when the text is none, or longer than 292 years.
    public init?(_ text: String) {
        if text == "0" {
            self.init(.zero)
            return
        }
        var rest = Substring(text)
        var (total, unitsLeft) = (Int64(0), Self.units[...])
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Int64(digits), let place = unitsLeft.firstIndex(where: { $0.name == unit })
            else { return nil }
            let (part, partOverflow) = number.multipliedReportingOverflow(by: unitsLeft[place].milliseconds)
            let (sum, sumOverflow) = total.addingReportingOverflow(part)
            guard !partOverflow, !sumOverflow, sum < Int64.max / 1_000_000 else { return nil }
            total = sum
            unitsLeft = unitsLeft[(place + 1)...]
        }
        guard !text.isEmpty else { return nil }
        self.init(.milliseconds(total))
    }

    /// The text that gives the duration back, as short as Prometheus writes it.
    public var text: String {
        var rest = milliseconds
        guard rest > 0 else { return "0s" }
        var text = ""
        for (name, length) in Self.units {
            // Years and weeks are written only where they are all there is.
            guard rest >= length, !["y", "w"].contains(name) || rest % length == 0 else { continue }
            text += "\(rest / length)\(name)"
            rest %= length
        }
        return text
    }

    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let text = tree.text, tree.scalar != nil else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        if let duration = Self(text) { return duration }
        let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        reader.mismatch(tree, expected: kind, suggestion: isNumber ? "\(text)s" : nil)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(text) }
}
