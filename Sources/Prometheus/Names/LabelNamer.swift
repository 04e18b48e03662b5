/// Makes names of labels for Prometheus out of those of attributes.
public struct LabelNamer: Sendable {
    /// Whether characters that need quotes become `_`.
    public let escapes: Bool

    public init(escapes: Bool = true) { self.escapes = escapes }

    /// The name of the label of an attribute; `nil` when nothing of it can be kept.
    ///
    /// What is not a letter or a digit becomes one `_`, a name that begins with a digit gets `key_` and one
    /// that begins with a single `_` gets `key` before it. Names between two `__` stay those of labels that
    /// are reserved.
    public func name(of attribute: String) -> String? {
        guard escapes else { return attribute.isEmpty ? nil : attribute }
        let isReserved = attribute.utf8.count > 4 && attribute.hasPrefix("__") && attribute.hasSuffix("__")
        let inner = isReserved ? attribute.dropFirst(2).dropLast(2) : attribute[...]
        var name = ""
        for scalar in inner.unicodeScalars {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            let isKept =
                scalar.isASCII && byte != UInt8(ascii: "_")
                && (LabelNames.isLetter(byte) || LabelNames.isDigit(byte))
            if isKept { name.unicodeScalars.append(scalar) } else if name.last != "_" { name.append("_") }
        }
        guard name.utf8.contains(where: { $0 != UInt8(ascii: "_") }) else {
            return name == attribute && !name.isEmpty ? name : nil
        }
        if isReserved { return "__\(name)__" }
        if name.utf8.first.map(LabelNames.isDigit) == true { return "key_\(name)" }
        return name.hasPrefix("_") ? "key\(name)" : name
    }
}
