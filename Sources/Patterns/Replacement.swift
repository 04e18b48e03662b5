public import Wire

/// What matches are replaced by, in the syntax of Go's `Regexp.Expand`.
///
/// `$1` and `${1}` stand for a group by its number, `$name` and `${name}` by its name (as long as
/// letters, digits and `_` go on; in braces also `.` and `-`), `$$` for a dollar sign. A group that does
/// not exist or took no part is empty; a `$` that begins none of these stands for itself.
public struct Replacement: Sendable {
    private enum Part: Sendable {
        case text(Bytes)
        case group(Int)
    }

    private let parts: [Part]

    /// Reads `template` for use with `expression`.
    public init(_ template: Bytes, for expression: RegularExpression) {
        let source = template.array
        var parts: [Part] = []
        var text: [UInt8] = []
        var position = 0
        while position < source.count {
            let byte = source[position]
            position += 1
            guard byte == UInt8(ascii: "$") else {
                text.append(byte)
                continue
            }
            if position < source.count, source[position] == UInt8(ascii: "$") {
                text.append(byte)
                position += 1
            } else if let (name, end) = Self.name(in: source, at: position) {
                if !text.isEmpty { parts.append(.text(Bytes(text))) }
                text = []
                if let group = Self.group(name, of: expression) { parts.append(.group(group)) }
                position = end
            } else {
                text.append(byte)
            }
        }
        if !text.isEmpty { parts.append(.text(Bytes(text))) }
        self.parts = parts
    }

    /// Reads `template` for use with `expression`.
    public init(_ template: String, for expression: RegularExpression) {
        self.init(Bytes(utf8: template), for: expression)
    }

    /// Appends what stands for `match` in `text` to `builder`.
    public func write(_ match: RegularExpression.Match, in text: Bytes, to builder: inout BytesBuilder) {
        for part in parts {
            switch part {
            case .text(let bytes): builder.append(bytes)
            case .group(let index):
                if let range = match[index] { builder.append(text[range]) }
            }
        }
    }

    /// The name after a dollar sign, and where the text goes on.
    private static func name(in source: [UInt8], at start: Int) -> (name: String, end: Int)? {
        let isBraced = start < source.count && source[start] == UInt8(ascii: "{")
        let first = isBraced ? start + 1 : start
        guard first < source.count else { return nil }
        // Letters are those of Unicode, so characters are looked at, not bytes.
        var name = ""
        var bytes = source[first...].makeIterator()
        var decoder = UTF8()
        while case .scalarValue(let character) = decoder.decode(&bytes) {
            let inBraces = isBraced && (character == "." || character == "-")
            guard
                character == "_" || inBraces || character.properties.isAlphabetic
                    || character.properties.generalCategory == .decimalNumber
            else { break }
            name.unicodeScalars.append(character)
        }
        let end = first + name.utf8.count
        guard !name.isEmpty else { return nil }
        guard isBraced else { return (name, end) }
        return end < source.count && source[end] == UInt8(ascii: "}") ? (name, end + 1) : nil
    }

    private static func group(_ name: String, of expression: RegularExpression) -> Int? {
        if name.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), name == "0" || !name.hasPrefix("0") {
            return Int(name).flatMap { $0 <= expression.groupCount ? $0 : nil }
        }
        return expression.groupNames.firstIndex(of: name)
    }
}

extension RegularExpression {
    /// Replaces every match in `text`; `nil` when nothing matches.
    ///
    /// Throws where the result would have more than `limit` bytes.
    public func replacingMatches(
        in text: Bytes, with replacement: Replacement, limit: Int
    ) throws(ReplacementTooLarge) -> Bytes? {
        let result = try replacingMatches(in: text) { (match, builder) throws(ReplacementTooLarge) in
            replacement.write(match, in: text, to: &builder)
            guard builder.count <= limit else { throw ReplacementTooLarge(limit: limit) }
        }
        guard result?.count ?? 0 <= limit else { throw ReplacementTooLarge(limit: limit) }
        return result
    }
}
