internal import Wire

/// Go's `fmt.Sprintf`, for the values that statements have.
///
/// Lists and maps are written as JSON. What does not fit is written into the text as Go does
/// (`%!d(string=x)`). Widths and precisions are bounded by 1,000.
struct GoFormat: Sendable {
    /// One piece of a format.
    private enum Piece: Sendable {
        case text(String)
        case verb(Verb)
    }

    /// A directive such as `%-5.2f`.
    struct Verb: Sendable {
        var plus = false
        var minus = false
        var sharp = false
        var space = false
        var zero = false
        var width: Size?
        var precision: Size?
        /// The argument of `%[2]d`, from 0.
        var index: Int?
        var letter: Character = "v"
        /// What is written when the directive itself is wrong.
        var mistake = ""
        var hasNoLetter = false
    }

    /// A width or a precision: a number, or `*`, the next argument.
    enum Size: Sendable {
        case number(Int)
        case argument
    }

    private let pieces: [Piece]
    private let hasIndices: Bool

    /// Reads a format once.
    init(_ format: String) {
        var pieces: [Piece] = []
        var text = ""
        var reader = Reader(Array(format))
        var hasIndices = false
        while let character = reader.next() {
            guard character == "%" else {
                text.append(character)
                continue
            }
            if reader.peek == "%" {
                _ = reader.next()
                text.append("%")
                continue
            }
            if !text.isEmpty { pieces.append(.text(text)) }
            text = ""
            let verb = reader.verb()
            if verb.index != nil { hasIndices = true }
            pieces.append(.verb(verb))
        }
        if !text.isEmpty { pieces.append(.text(text)) }
        self.pieces = pieces
        self.hasIndices = hasIndices
    }

    /// The text with `arguments` filled in; throws when it gets larger than 4 MiB.
    func format(_ arguments: [Value]) throws(EvaluationError) -> Bytes {
        var result = BytesBuilder(capacity: 64)
        var next = 0
        for piece in pieces {
            switch piece {
            case .text(let text): result.append(utf8: text)
            case .verb(let verb): result.append(utf8: try format(verb, arguments, &next))
            }
            try FunctionLimits.check(textSize: result.count)
        }
        if !hasIndices, next < arguments.count {
            var extra: [String] = []
            for value in arguments[next...] { extra.append("\(value.goType)=\(try value.goText())") }
            result.append(utf8: "%!(EXTRA \(extra.joined(separator: ", ")))")
        }
        try FunctionLimits.check(textSize: result.count)
        return result.finish()
    }

    private func format(
        _ verb: Verb, _ arguments: [Value], _ next: inout Int
    ) throws(EvaluationError) -> String {
        var verb = verb
        var prefix = ""
        if case .argument? = verb.width {
            let width = Self.size(arguments, &next)
            if width == nil { prefix = "%!(BADWIDTH)" }
            verb.minus = verb.minus || width ?? 0 < 0
            verb.width = width.map { .number(abs($0)) }
        }
        if case .argument? = verb.precision {
            let precision = Self.size(arguments, &next)
            if precision == nil { prefix = "%!(BADPREC)" }
            verb.precision = precision.flatMap { $0 < 0 ? nil : .number($0) }
        }
        if verb.hasNoLetter { return verb.mistake }
        if let index = verb.index {
            // An index that leads nowhere leaves the next argument as it is.
            guard arguments.indices.contains(index) else { return "%!\(verb.letter)(BADINDEX)" }
            next = index
        }
        guard arguments.indices.contains(next) else { return "%!\(verb.letter)(MISSING)" }
        defer { next += 1 }
        return prefix + verb.mistake + (try verb.text(of: arguments[next]))
    }

    /// A width or precision that is an argument.
    private static func size(_ arguments: [Value], _ next: inout Int) -> Int? {
        defer { next += 1 }
        guard arguments.indices.contains(next), case .int(let size) = arguments[next], size.magnitude <= 1000
        else { return nil }
        return Int(size)
    }
}

extension GoFormat {
    /// Goes through the characters of a format.
    private struct Reader {
        private let characters: [Character]
        private var position = 0

        init(_ characters: [Character]) { self.characters = characters }

        var peek: Character? { position < characters.count ? characters[position] : nil }

        mutating func next() -> Character? {
            defer { position += 1 }
            return peek
        }

        /// Reads what follows a percent sign.
        mutating func verb() -> Verb {
            var verb = Verb()
            flags: while let character = peek {
                switch character {
                case "+": verb.plus = true
                case "-": verb.minus = true
                case "#": verb.sharp = true
                case " ": verb.space = true
                case "0": verb.zero = true
                default: break flags
                }
                position += 1
            }
            readIndex(&verb)
            verb.width = size(&verb, "%!(BADWIDTH)")
            if peek == "." {
                position += 1
                readIndex(&verb)
                verb.precision = size(&verb, "%!(BADPREC)") ?? .number(0)
            }
            readIndex(&verb)
            guard let letter = next() else {
                verb.mistake = "%!(NOVERB)"
                verb.hasNoLetter = true
                return verb
            }
            verb.letter = letter
            return verb
        }

        private mutating func size(_ verb: inout Verb, _ mistake: String) -> Size? {
            if peek == "*" {
                position += 1
                return .argument
            }
            guard let number = number() else { return nil }
            guard number <= 1000 else {
                verb.mistake = mistake
                return nil
            }
            return .number(number)
        }

        private mutating func number() -> Int? {
            var number: Int?
            while let digit = peek?.wholeNumberValue, peek?.isASCII == true {
                number = min((number ?? 0) * 10 + digit, 1_000_000)
                position += 1
            }
            return number
        }

        private mutating func readIndex(_ verb: inout Verb) {
            guard peek == "[" else { return }
            position += 1
            let number = number()
            if peek == "]" { position += 1 }
            verb.index = (number ?? 0) - 1
        }
    }
}
