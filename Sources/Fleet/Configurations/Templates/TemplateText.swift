/// Text taken apart at what the fleet manager fills in: `${var:NAME}` and `${secret:NAME}`.
///
/// Everything else in `${…}` is the collector's and stays as it is. `$$` is the collector's way to write a
/// `$` that means nothing, so `$${var:NAME}` is not filled in.
struct TemplateText: Equatable {
    /// Something to fill in.
    struct Placeholder: Hashable {
        enum Kind: String, CaseIterable { case variable = "var", secret }

        var kind: Kind
        var name: String
        /// Whether it stands inside an expression of the collector, as in `${env:${var:name}}`.
        var isInside: Bool

        /// As it is written.
        var text: String { "${\(kind.rawValue):\(name)}" }
    }

    enum Piece: Equatable {
        case literal(String)
        case placeholder(Placeholder)
    }

    private(set) var pieces: [Piece] = []
    /// The first placeholder that is not well written.
    private(set) var fault: String?

    /// The placeholder that is the whole text.
    var only: Placeholder? {
        guard pieces.count == 1, case .placeholder(let placeholder) = pieces[0] else { return nil }
        return placeholder
    }

    var placeholders: [Placeholder] {
        pieces.compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } }
    }

    /// Whether a text can hold a placeholder; a quick look.
    static func mayHold(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: "$")) }

    /// Whether the collector will replace something of the text: it has a `${` that is not escaped.
    static func hasExpression(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$"), let next = rest.first else { continue }
            if next == UInt8(ascii: "{") { return true }
            if next == UInt8(ascii: "$") { rest.removeFirst() }
        }
        return false
    }

    /// `text` so that the collector reads it as it is.
    static func escaped(_ text: String) -> String { text.replacing("$", with: "$$") }

    /// Letters, digits, `_`, `.` and `-`, beginning with a letter or `_`, up to 128.
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        let isLetter = { (byte: UInt8) in
            (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isLetter(first)
            && text.utf8.allSatisfy {
                isLetter($0) || (48...57).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
            }
    }

    init(_ text: String) {
        guard Self.mayHold(text) else {
            pieces = [.literal(text)]
            return
        }
        var literal: [UInt8] = []
        var depth = 0
        var rest = Array(text.utf8)[...]
        func flush() {
            if !literal.isEmpty { pieces.append(.literal(String(decoding: literal, as: UTF8.self))) }
            literal = []
        }
        while let byte = rest.first {
            if let found = Self.placeholder(at: rest) {
                if let name = found.name, Self.isName(name) {
                    flush()
                    pieces.append(
                        .placeholder(Placeholder(kind: found.kind, name: name, isInside: depth > 0)))
                } else {
                    fault = fault ?? String(decoding: rest.prefix(min(found.length, 60)), as: UTF8.self)
                    literal += rest.prefix(found.length)
                }
                rest = rest.dropFirst(found.length)
                continue
            }
            let next = rest.dropFirst().first
            let isPair = byte == UInt8(ascii: "$") && (next == UInt8(ascii: "$") || next == UInt8(ascii: "{"))
            if isPair, next == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}"), depth > 0 { depth -= 1 }
            literal += rest.prefix(isPair ? 2 : 1)
            rest = rest.dropFirst(isPair ? 2 : 1)
        }
        flush()
        if pieces.isEmpty { pieces = [.literal("")] }
    }

    /// What begins here; without a name when it is never closed.
    private static func placeholder(
        at rest: ArraySlice<UInt8>
    ) -> (kind: Placeholder.Kind, name: String?, length: Int)? {
        for kind in Placeholder.Kind.allCases {
            let head = Array("${\(kind.rawValue):".utf8)
            guard rest.starts(with: head) else { continue }
            guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return (kind, nil, rest.count) }
            let name = rest[(rest.startIndex + head.count)..<end]
            return (kind, String(decoding: name, as: UTF8.self), end - rest.startIndex + 1)
        }
        return nil
    }
}
