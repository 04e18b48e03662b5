/// What becomes of characters in names that need quotes; the raw value is the parameter `escaping`.
public enum NameEscaping: String, CaseIterable, Sendable {
    /// They stay, in quotes.
    case allowUTF8 = "allow-utf-8"
    /// Each becomes `_`.
    case underscores
    /// `.` becomes `_dot_`, `_` two of them, others two as well.
    case dots
    /// The name begins with `U__`, and they are written as their code points.
    case values

    /// How many times as long a name may become that needs quotes.
    static let growth = 5

    /// A name of a metric or a label as it is written; in names of metrics `:` needs no quotes.
    public func name(_ name: String, isMetric: Bool) -> String {
        let isLegacy = isMetric ? LabelNames.isLegacyMetric(name) : LabelNames.isLegacy(name)
        switch self {
        case .allowUTF8: return name
        case .underscores where isLegacy, .values where isLegacy: return name
        case .underscores, .dots, .values: break
        }
        var result = self == .values ? "U__" : ""
        for (index, scalar) in name.unicodeScalars.enumerated() {
            if scalar == "_", self != .underscores {
                result += "__"
            } else if scalar == ".", self == .dots {
                result += "_dot_"
            } else if Self.isPlain(scalar, at: index, isMetric: isMetric) {
                result.unicodeScalars.append(scalar)
            } else {
                switch self {
                case .values: result += "_\(String(scalar.value, radix: 16))_"
                case .dots: result += "__"
                case .underscores, .allowUTF8: result += "_"
                }
            }
        }
        return result
    }

    private static func isPlain(_ scalar: Unicode.Scalar, at index: Int, isMetric: Bool) -> Bool {
        guard scalar.isASCII else { return false }
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        return LabelNames.isLetter(byte) || LabelNames.isDigit(byte) && index > 0
            || byte == UInt8(ascii: ":") && isMetric
    }
}
