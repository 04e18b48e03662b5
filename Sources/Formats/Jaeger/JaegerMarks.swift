internal import Wire

/// Where the tags of a span are that mean something in OTLP.
struct JaegerMarks {
    private(set) var kind: Int?
    private(set) var traceState: Int?
    private(set) var scopeName: Int?
    private(set) var scopeVersion: Int?
    private(set) var error: Int?
    private(set) var statusCode: Int?
    private(set) var statusDescription: Int?
    private(set) var httpStatusCode: Int?
    private(set) var httpStatusMessage: Int?
    /// Those that are no attributes any more, whatever else the span has.
    private(set) var consumed: [Int] = []

    private static let names = Names()

    init(_ tags: [JaegerTag], _ bytes: Bytes) {
        var (libraryName, libraryVersion): (Int?, Int?)
        let names = Self.names
        for (index, tag) in tags.enumerated() {
            func isNamed(_ name: [UInt8]) -> Bool { bytes.hasEqual(tag.key, name) }
            switch tag.key.count {
            case 5: if isNamed(names.error) { error = index }
            case 9: if isNamed(names.kind) { kind = index }
            case 14: if isNamed(names.traceState) { traceState = index }
            case 15: if isNamed(names.scopeName) { scopeName = index }
            case 16:
                if isNamed(names.statusCode) { statusCode = index }
                if isNamed(names.httpStatusCode) { httpStatusCode = index }
            case 17: if isNamed(names.libraryName) { libraryName = index }
            case 18: if isNamed(names.scopeVersion) { scopeVersion = index }
            case 19: if isNamed(names.httpStatusMessage) { httpStatusMessage = index }
            case 20: if isNamed(names.libraryVersion) { libraryVersion = index }
            case 23: if isNamed(names.statusDescription) { statusDescription = index }
            default: break
            }
        }
        // A version without a name says nothing; the older names count where the newer one is missing.
        if scopeName == nil { (scopeName, scopeVersion) = (libraryName, libraryVersion) }
        if scopeName == nil { scopeVersion = nil }
        for index in [kind, traceState, scopeName, scopeVersion] {
            if let index { consumed.append(index) }
        }
    }

    private struct Names {
        let error = Array("error".utf8)
        let kind = Array("span.kind".utf8)
        let traceState = Array("w3c.tracestate".utf8)
        let scopeName = Array("otel.scope.name".utf8)
        let scopeVersion = Array("otel.scope.version".utf8)
        let libraryName = Array("otel.library.name".utf8)
        let libraryVersion = Array("otel.library.version".utf8)
        let statusCode = Array("otel.status_code".utf8)
        let statusDescription = Array("otel.status_description".utf8)
        let httpStatusCode = Array("http.status_code".utf8)
        let httpStatusMessage = Array("http.status_message".utf8)
    }
}

/// How a span ended, from its tags.
struct JaegerStatus {
    /// 0 unset, 1 ok, 2 error; `nil` when the tags say nothing.
    private(set) var code: Int?
    /// Where the words are.
    private(set) var message: Range<Int>?
    /// The tags that have become the status.
    private(set) var consumed: [Int] = []

    /// Looks at the tags of a span of a kind: 2 server, 3 client.
    init(_ tags: [JaegerTag], _ marks: JaegerMarks, kind: Int, _ bytes: Bytes) {
        if let error = marks.error, case .bool(true) = tags[error].value {
            code = 2
            consumed.append(error)
            if !takeDescription(tags, marks) {
                message = marks.httpStatusMessage.flatMap { tags[$0].value.text }
            }
        }
        if let given = marks.statusCode {
            consumed.append(given)
            guard code == nil else { return }
            let word = tags[given].value.text.map { bytes[$0].string.uppercased() }
            code = word == "OK" ? 1 : word == "ERROR" ? 2 : 0
            _ = takeDescription(tags, marks)
        } else if code == nil, let given = marks.httpStatusCode,
            let number = Self.number(tags[given].value, bytes), Self.isError(number, kind: kind)
        {
            code = 2
            message = marks.httpStatusMessage.flatMap { tags[$0].value.text }
        }
    }

    private mutating func takeDescription(_ tags: [JaegerTag], _ marks: JaegerMarks) -> Bool {
        guard let description = marks.statusDescription else { return false }
        message = tags[description].value.text
        consumed.append(description)
        return true
    }

    private static func number(_ value: JaegerValue, _ bytes: Bytes) -> Int64? {
        switch value {
        case .int(let int): int
        case .text(let range): range.count <= 20 ? Int64(bytes[range].string) : nil
        default: nil
        }
    }

    /// Whether a status of HTTP is an error: what a client did wrong is none of its server.
    private static func isError(_ status: Int64, kind: Int) -> Bool {
        if kind == 2, (400..<500).contains(status) { return false }
        return !(100..<399).contains(status)
    }
}
