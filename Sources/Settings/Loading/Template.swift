/// Text with `${…}` in it, taken apart.
///
/// `$$` stands for `$`, so that an odd number of `$` before a `${` takes away its meaning. A `$` before
/// anything else, as in `$NAME`, and a `${` that is never closed are just text.
struct Template: Sendable, Equatable {
    indirect enum Piece: Sendable, Equatable {
        case literal(String)
        case expression([Piece])
    }

    let pieces: [Piece]

    /// What nesting is understood; beyond, `${` is just text.
    private static let maximumDepth = 32

    /// Takes text apart; text that is a value keeps its `$$`.
    init(_ text: String, nature: Fetched.Nature) {
        var rest = text.unicodeScalars[...]
        pieces = Self.parse(&rest, keepingDollars: nature == .value, depth: 0).pieces
    }

    /// Whether there is nothing to do.
    static func isPlain(_ text: String) -> Bool { !text.utf8.contains(UInt8(ascii: "$")) }

    /// The one expression, if there is nothing around it.
    var only: [Piece]? {
        guard pieces.count == 1, case .expression(let inner) = pieces[0] else { return nil }
        return inner
    }

    private static func parse(
        _ rest: inout Substring.UnicodeScalarView, keepingDollars: Bool, depth: Int
    ) -> (pieces: [Piece], isClosed: Bool) {
        var pieces: [Piece] = []
        var literal = String.UnicodeScalarView()
        func flush() {
            if !literal.isEmpty { pieces.append(.literal(String(literal))) }
            literal = String.UnicodeScalarView()
        }
        while let scalar = rest.popFirst() {
            if depth > 0, scalar == "}" {
                flush()
                return (pieces, true)
            }
            literal.append(scalar)
            guard scalar == "$", let next = rest.first else { continue }
            if next == "$" {
                rest.removeFirst()
                if keepingDollars { literal.append(next) }
            } else if next == "{", depth < maximumDepth {
                rest.removeFirst()
                literal.removeLast()
                flush()
                let inner = parse(&rest, keepingDollars: keepingDollars, depth: depth + 1)
                if inner.isClosed {
                    pieces.append(.expression(inner.pieces))
                } else {
                    pieces += [.literal("${")] + inner.pieces
                }
            }
        }
        flush()
        return (pieces, false)
    }
}
