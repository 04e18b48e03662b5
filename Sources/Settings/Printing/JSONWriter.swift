/// Writes trees as JSON (RFC 8259) that is YAML as well.
struct JSONWriter {
    /// Whether the text is broken into indented lines.
    let isPretty: Bool

    func write(_ tree: Tree, indentation: String = "") -> String {
        switch tree.content {
        case .scalar(let scalar): return Self.scalar(scalar)
        case .list(let elements):
            return enclose("[", "]", elements, indentation) { write($0, indentation: $1) }
        case .table(let entries):
            let colon = isPretty ? ": " : ":"
            return enclose("{", "}", entries, indentation) { entry, inner in
                Self.string(entry.key) + colon + write(entry.value, indentation: inner)
            }
        }
    }

    private func enclose<Element>(
        _ opening: String, _ closing: String, _ elements: [Element], _ indentation: String,
        _ body: (Element, String) -> String
    ) -> String {
        guard !elements.isEmpty else { return opening + closing }
        let inner = indentation + "  "
        let parts = elements.map { body($0, inner) }
        guard isPretty else { return opening + parts.joined(separator: ",") + closing }
        return "\(opening)\n\(inner)" + parts.joined(separator: ",\n\(inner)") + "\n\(indentation)\(closing)"
    }

    /// JSON has no infinity and no NaN; they are written as text.
    private static func scalar(_ scalar: Scalar) -> String {
        switch scalar.value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .unsigned(let value): String(value)
        case .double(let value): value.isFinite ? String(value) : string(scalar.text)
        case .string(let value): string(value)
        }
    }

    private static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                result += "\\u" + Hexadecimal.digits(scalar.value, count: 4)
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
                result += "\\u" + Hexadecimal.digits(scalar.value, count: 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Tree {
    /// The tree as JSON; keys keep their order.
    public func json(pretty: Bool = false) -> String { JSONWriter(isPretty: pretty).write(self) }
}
