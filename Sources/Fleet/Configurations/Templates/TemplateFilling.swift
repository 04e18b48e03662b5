internal import Settings

/// Puts values in place of `${var:NAME}`, in a tree and never in text that is read afterwards, so that no
/// value can become a key, a list or an expression.
struct TemplateFilling {
    /// What may stand in the place of a placeholder.
    enum Filler {
        case value(VariableValue)
        /// Stays as it is: nobody knows the value here.
        case leave
        /// There is no such thing; the reason.
        case missing(String, suggestion: String?)
    }

    private let filler: (TemplateText.Placeholder) -> Filler
    private(set) var diagnostics: [Diagnostic] = []

    init(_ filler: @escaping (TemplateText.Placeholder) -> Filler) { self.filler = filler }

    mutating func fill(_ tree: Tree) -> Tree { fill(tree, path: []) }

    private mutating func fill(_ tree: Tree, path: [String]) -> Tree {
        var result = tree
        switch tree.content {
        case .list(let elements):
            var filled: [Tree] = []
            for (index, element) in elements.enumerated() {
                filled.append(fill(element, path: path + ["\(index)"]))
            }
            result.content = .list(filled)
        case .table(let entries):
            var filled: [Tree.Entry] = []
            for entry in entries {
                checkKey(entry, path: path)
                filled.append(
                    Tree.Entry(
                        entry.key, at: entry.keyPosition, fill(entry.value, path: path + [entry.key])))
            }
            result.content = .table(filled)
        case .scalar(let scalar):
            guard TemplateText.mayHold(scalar.text) else { return tree }
            result.content = fill(scalar, at: tree.position, path: path)
        }
        return result
    }

    private mutating func checkKey(_ entry: Tree.Entry, path: [String]) {
        guard TemplateText.mayHold(entry.key) else { return }
        let text = TemplateText(entry.key)
        guard !text.placeholders.isEmpty || text.fault != nil else { return }
        diagnostics.append(
            Diagnostic(
                at: entry.keyPosition, path: path + [entry.key],
                "a key cannot be filled in; only values can"))
    }

    private mutating func fill(_ scalar: Scalar, at position: Position, path: [String]) -> Tree.Content {
        let template = TemplateText(scalar.text)
        func report(_ message: String, suggestion: String? = nil) {
            diagnostics.append(Diagnostic(at: position, path: path, message, suggestion: suggestion))
        }
        if let fault = template.fault {
            report("'\(fault)' is not well written; write ${var:NAME} or ${secret:NAME}")
        }
        guard !template.placeholders.isEmpty else { return .scalar(scalar) }
        if let only = template.only {
            switch filler(only) {
            case .value(let value): return value.tree.content
            case .leave: return .scalar(scalar)
            case .missing(let reason, let suggestion): report(reason, suggestion: suggestion)
            }
            return .scalar(scalar)
        }
        var text = ""
        for piece in template.pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .placeholder(let placeholder):
                switch filler(placeholder) {
                case .leave: text += placeholder.text
                case .missing(let reason, let suggestion): report(reason, suggestion: suggestion)
                case .value(let value):
                    switch Self.part(value, placeholder) {
                    case .success(let part): text += part
                    case .failure(let fault): report("\(placeholder.text) \(fault)")
                    }
                }
            }
        }
        return .scalar(Scalar(text, style: .quoted))
    }

    private static func part(
        _ value: VariableValue, _ placeholder: TemplateText.Placeholder
    ) -> Result<String, VariableFault> {
        guard let text = value.inText else {
            return .failure(VariableFault("is a list, which cannot be a part of a text"))
        }
        guard placeholder.isInside else { return .success(TemplateText.escaped(text)) }
        // Inside an expression a colon or a brace would make another expression of it.
        guard text.utf8.allSatisfy(isPlain) else {
            return .failure(
                VariableFault(
                    "stands inside an expression; its value may have only letters, digits and . _ - / there"))
        }
        return .success(text)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._-/".utf8.contains(byte)
        }
    }
}
