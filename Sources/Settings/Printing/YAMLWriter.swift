/// Writes trees as YAML in block style, so that reading gives the same tree.
struct YAMLWriter {
    /// Whether `$` is written as `$$`, for text that will be expanded when it is loaded.
    let escapingDollars: Bool

    func document(_ tree: Tree) -> String {
        switch tree.content {
        case .table(let entries) where !entries.isEmpty: return table(entries, indentation: "")
        case .list(let elements) where !elements.isEmpty: return list(elements, indentation: "")
        default: return inline(tree) + "\n"
        }
    }

    /// A value that fits behind `key: `.
    func inline(_ tree: Tree) -> String {
        switch tree.content {
        case .scalar(let scalar): text(scalar)
        case .list(let elements): "[" + elements.map(inline).joined(separator: ", ") + "]"
        case .table(let entries):
            "{" + entries.map { "\(string($0.key)): \(inline($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    func table(_ entries: [Tree.Entry], indentation: String) -> String {
        entries.map { indentation + entry($0, indentation: indentation) }.joined()
    }

    /// `key: value` with its line end; the first line is not indented.
    func entry(_ entry: Tree.Entry, indentation: String) -> String {
        let key = string(entry.key) + ":"
        switch entry.value.content {
        case .table(let entries) where !entries.isEmpty:
            return "\(key)\n" + table(entries, indentation: indentation + "  ")
        case .list(let elements) where !elements.isEmpty:
            return "\(key)\n" + list(elements, indentation: indentation + "  ")
        default: return "\(key) \(inline(entry.value))\n"
        }
    }

    private func list(_ elements: [Tree], indentation: String) -> String {
        elements.map { element in
            switch element.content {
            case .table(let entries) where !entries.isEmpty:
                let inner = table(entries, indentation: indentation + "  ")
                return indentation + "- " + inner.dropFirst(indentation.count + 2)
            case .list(let elements) where !elements.isEmpty:
                return "\(indentation)-\n" + list(elements, indentation: indentation + "  ")
            default: return "\(indentation)- \(inline(element))\n"
            }
        }.joined()
    }

    private func text(_ scalar: Scalar) -> String {
        switch scalar.value {
        case .null: "null"
        case .string(let string): self.string(string)
        default: scalar.text
        }
    }

    /// Text, in quotes when YAML would read something else without them.
    func string(_ text: String) -> String {
        let text = escapingDollars ? text.replacing("$", with: "$$") : text
        return Self.isPlain(text) ? text : Self.quoted(text)
    }

    private static let words: Set<String> = ["y", "n", "yes", "no", "on", "off", "<<", "="]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        guard case .string = ScalarTyping.value(of: text), !words.contains(text.lowercased()) else {
            return false
        }
        if "-?:,[]{}#&*!|>'\"%@` ".unicodeScalars.contains(first) || last == " " || last == ":" {
            return false
        }
        if text.contains(": ") || text.contains(" #") { return false }
        let isFlowSafe = !text.unicodeScalars.contains { ",[]{}".unicodeScalars.contains($0) }
        let isPrintable = text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value < 0x7F
                || $0.value >= 0xA1 && $0.value < 0xD7FF && $0.value != 0x2028
                    && $0.value != 0x2029
        }
        return isFlowSafe && isPrintable && !looksLikeTimestamp(text)
    }

    private static func looksLikeTimestamp(_ text: String) -> Bool {
        let digits = text.utf8.prefix(4)
        return digits.count == 4 && digits.allSatisfy { (48...57).contains($0) }
            && text.utf8.dropFirst(4).first == 45
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
                result += "\\x" + Hexadecimal.digits(scalar.value, count: 2)
            case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                result += "\\u" + Hexadecimal.digits(scalar.value, count: 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Tree {
    /// The tree as YAML in block style; reading it gives an equal tree.
    ///
    /// - Parameter escapingDollars: Writes `$` as `$$`, for text that will be loaded as configuration.
    /// - Returns: Lines, the last with its line end.
    public func yaml(escapingDollars: Bool = false) -> String {
        YAMLWriter(escapingDollars: escapingDollars).document(self)
    }
}
