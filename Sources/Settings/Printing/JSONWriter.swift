/// Writes trees as JSON (RFC 8259) that is YAML as well.
struct JSONWriter {
    /// Whether the text is broken into indented lines.
    let isPretty: Bool

    func write(_ tree: Tree) -> String {
        var text = ""
        write(tree, "", to: &text)
        return text
    }

    private func write(_ tree: Tree, _ indentation: String, to text: inout String) {
        switch tree.content {
        case .scalar(let scalar): Self.write(scalar, to: &text)
        case .list(let elements):
            enclose("[", "]", elements, indentation, &text) { element, inner, text in
                write(element, inner, to: &text)
            }
        case .table(let entries):
            enclose("{", "}", entries, indentation, &text) { entry, inner, text in
                Self.write(entry.key, to: &text)
                text += isPretty ? ": " : ":"
                write(entry.value, inner, to: &text)
            }
        }
    }

    private func enclose<Element>(
        _ opening: String, _ closing: String, _ elements: [Element], _ indentation: String,
        _ text: inout String, _ body: (Element, String, inout String) -> Void
    ) {
        text += opening
        let inner = isPretty ? indentation + "  " : ""
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            if isPretty { text += "\n" + inner }
            body(element, inner, &text)
        }
        if isPretty, !elements.isEmpty { text += "\n" + indentation }
        text += closing
    }

    /// JSON has no infinity and no NaN; they are written as text.
    private static func write(_ scalar: Scalar, to text: inout String) {
        switch scalar.value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .double(let value):
            if value.isFinite { text += String(value) } else { write(scalar.text, to: &text) }
        case .string(let value): write(value, to: &text)
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        // Nearly every text can be written as it is, which is many times quicker.
        if string.utf8.contains(where: mayNeedEscaping) { escape(string, to: &text) } else { text += string }
        text += "\""
    }

    /// Whether a byte of UTF-8 is one that is escaped, or may begin such a character.
    private static func mayNeedEscaping(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
            || byte == 0xC2 || byte == 0xE2 || byte == 0xEF
    }

    private static func escape(_ string: String, to text: inout String) {
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                text += "\\u" + Hexadecimal.digits(scalar.value, count: 4)
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
                text += "\\u" + Hexadecimal.digits(scalar.value, count: 4)
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Tree {
    /// The tree as JSON; keys keep their order.
    public func json(pretty: Bool = false) -> String { JSONWriter(isPretty: pretty).write(self) }
}
