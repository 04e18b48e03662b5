internal import OTTL
internal import Telemetry

/// A condition on the metadata of a request: `request["X-Tenant"] == "acme"`, or `!=`.
///
/// It holds when one of the values of that name does; without a value it does not, whatever the operator.
struct RequestCondition: Equatable {
    let name: String
    let value: String
    let isEqual: Bool

    init(name: String, value: String, isEqual: Bool) {
        self.name = name.lowercased()
        self.value = value
        self.isEqual = isEqual
    }

    /// Reads a condition; throws the first mistake with its column.
    init(parsing text: String) throws(OTTLError) {
        var input = Input(text)
        try input.expect("request")
        try input.expect("[")
        let name = try input.quoted()
        try input.expect("]")
        let isEqual: Bool
        if input.take("==") {
            isEqual = true
        } else if input.take("!=") {
            isEqual = false
        } else {
            throw input.mistake("expected == or !=")
        }
        let value = try input.quoted()
        guard input.isAtEnd else { throw input.mistake("expected the end; only one comparison is possible") }
        self.init(name: name, value: value, isEqual: isEqual)
    }

    /// Whether it holds for what `origin` has sent.
    func holds(_ origin: Origin?) -> Bool {
        origin?.metadata[name]?.contains { ($0 == value) == isEqual } ?? false
    }

    private struct Input {
        private let text: [Unicode.Scalar]
        private var position = 0

        init(_ text: String) {
            self.text = Array(text.unicodeScalars)
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return position == text.count
            }
        }

        mutating func take(_ token: String) -> Bool {
            skipSpace()
            let scalars = Array(token.unicodeScalars)
            guard text[position...].starts(with: scalars) else { return false }
            position += scalars.count
            return true
        }

        mutating func expect(_ token: String) throws(OTTLError) {
            guard take(token) else {
                throw mistake("expected '\(token)', as in request[\"name\"] == \"value\"")
            }
        }

        mutating func quoted() throws(OTTLError) -> String {
            guard take("\"") else { throw mistake("expected a text in double quotes") }
            let begin = position
            while position < text.count, text[position] != "\"" { position += 1 }
            guard position < text.count else { throw mistake("the text has no closing quote") }
            defer { position += 1 }
            return String(String.UnicodeScalarView(text[begin..<position]))
        }

        func mistake(_ message: String) -> OTTLError {
            OTTLError(message, at: position..<min(position + 1, text.count))
        }

        private mutating func skipSpace() {
            while position < text.count, text[position].properties.isWhitespace { position += 1 }
        }
    }
}
