internal import Wire

extension GoFormat.Verb {
    /// What stands for a value.
    func text(of value: Value) throws(EvaluationError) -> String {
        switch letter {
        case "T": return padded(value.goType)
        case "v": return try plain(value)
        default: break
        }
        switch value {
        case .null: return "%!\(letter)(<nil>)"
        case .bool(let bool):
            return letter == "t" ? padded(bool ? "true" : "false") : try wrong(value)
        case .int(let int): return try text(integer(int), of: value)
        case .duration(let int) where letter != "s": return try text(integer(int), of: value)
        case .double(let double): return try text(number(double), of: value)
        case .string(let bytes): return try text(string(bytes), of: value)
        case .bytes(let bytes): return try text(string(bytes), of: value)
        case .time, .duration, .list, .map, .wire, .message:
            return letter == "s" ? padded(cut(try value.goText())) : try wrong(value)
        }
    }

    private func text(_ text: String?, of value: Value) throws(EvaluationError) -> String {
        if let text { return text }
        return try wrong(value)
    }

    private func wrong(_ value: Value) throws(EvaluationError) -> String {
        "%!\(letter)(\(value.goType)=\(try value.goText()))"
    }

    /// `%v`.
    private func plain(_ value: Value) throws(EvaluationError) -> String {
        var verb = self
        switch value {
        case .int:
            verb.letter = "d"
            return try verb.text(of: value)
        case .double where precision != nil:
            verb.letter = "g"
            return try verb.text(of: value)
        case .double(let double): return signed(GoNumber.shortest(double))
        default: return padded(sharp ? try value.quotedGoText() : try value.goText())
        }
    }

    private func integer(_ value: Int64) -> String? {
        let size = value.magnitude
        var (digits, prefix) = ("", "")
        switch letter {
        case "d": digits = String(size)
        case "b": (digits, prefix) = (String(size, radix: 2), sharp ? "0b" : "")
        case "o": (digits, prefix) = (String(size, radix: 8), sharp ? "0" : "")
        case "O": (digits, prefix) = (String(size, radix: 8), "0o")
        case "x": (digits, prefix) = (String(size, radix: 16), sharp ? "0x" : "")
        case "X": (digits, prefix) = (String(size, radix: 16, uppercase: true), sharp ? "0X" : "")
        case "c": return padded(character(value))
        case "q": return padded("'\(character(value))'")
        case "U":
            let text = String(size, radix: 16, uppercase: true)
            return padded("U+" + String(repeating: "0", count: max(4 - text.count, 0)) + text)
        case "e", "E", "f", "F", "g", "G": return nil
        default: return nil
        }
        let sign = value < 0 ? "-" : plus ? "+" : space ? " " : ""
        if case .number(let precision)? = precision {
            digits = String(repeating: "0", count: max(precision - digits.count, 0)) + digits
        } else if zero, !minus, case .number(let width)? = width {
            let missing = width - digits.count - sign.count - prefix.count
            digits = String(repeating: "0", count: max(missing, 0)) + digits
        }
        return padded(sign + prefix + digits, zeros: false)
    }

    private func character(_ value: Int64) -> String {
        String(Character(UInt32(exactly: value).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"))
    }

    private func number(_ value: Double) -> String? {
        let lower = Character(letter.lowercased())
        guard "efg".contains(lower) else { return nil }
        var text: String
        switch (precision, lower) {
        case (.number(let precision)?, _): text = GoNumber.rounded(value, lower, precision, sharp: sharp)
        case (_, "g"): text = GoNumber.shortest(value)
        default: text = GoNumber.rounded(value, lower, 6, sharp: sharp)
        }
        if letter == "E" || letter == "G" { text = text.uppercased() }
        return signed(text)
    }

    /// Adds the sign of a number, and zeros between it and the digits.
    private func signed(_ text: String) -> String {
        if text.hasSuffix("Inf") { return padded(text, zeros: false) }
        var (sign, digits) = ("", text)
        if let first = text.first, first == "-" || first == "+" {
            sign = first == "+" && !plus ? "" : String(first)
            digits.removeFirst()
        } else if plus || space {
            sign = plus ? "+" : " "
        }
        if zero, !minus, digits.first?.isNumber == true, case .number(let width)? = width {
            digits = String(repeating: "0", count: max(width - digits.count - sign.count, 0)) + digits
        }
        return padded(sign + digits, zeros: false)
    }

    private func string(_ bytes: Bytes) -> String? {
        switch letter {
        case "s": return padded(cut(bytes.string))
        case "q": return padded(GoText.quoted(cut(bytes.string), ascii: plus))
        case "x", "X":
            var source = bytes.array
            if case .number(let precision)? = precision { source = Array(source.prefix(precision)) }
            let groups = source.map { Hexadecimal.text(of: [$0]) }
            let prefix = sharp ? "0x" : ""
            let text = space ? groups.map { prefix + $0 }.joined(separator: " ") : prefix + groups.joined()
            return padded(letter == "X" ? text.uppercased() : text)
        default: return nil
        }
    }

    /// Cuts text to the precision, in characters.
    private func cut(_ text: String) -> String {
        guard case .number(let precision)? = precision else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
    }

    /// Fills text up to the width.
    private func padded(_ text: String, zeros: Bool = true) -> String {
        guard case .number(let width)? = width else { return text }
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        if minus { return text + String(repeating: " ", count: missing) }
        return String(repeating: zeros && zero ? "0" : " ", count: missing) + text
    }
}

extension Value {
    /// The type as Go names it.
    var goType: String {
        switch self {
        case .null: "<nil>"
        case .bool: "bool"
        case .int: "int64"
        case .double: "float64"
        case .string: "string"
        case .bytes: "[]uint8"
        case .time: "time.Time"
        case .duration: "time.Duration"
        case .list: "pcommon.Slice"
        case .map: "pcommon.Map"
        case .wire(let view): view.isMap ? "pcommon.Map" : "pcommon.Slice"
        case .message(let message): message.name
        }
    }

    /// What `%v` writes without flags.
    func goText() throws(EvaluationError) -> String {
        switch self {
        case .null: "<nil>"
        case .double(let double): GoNumber.shortest(double)
        case .bytes(let bytes): "[\(bytes.array.map { String($0) }.joined(separator: " "))]"
        case .message(let message): message.name
        default: try likeString()?.string ?? "<nil>"
        }
    }

    /// What `%#v` writes.
    func quotedGoText() throws(EvaluationError) -> String {
        if case .string(let text) = self { return GoText.quoted(text.string) }
        return try goText()
    }
}
