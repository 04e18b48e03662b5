internal import Wire

/// How a span of version 1 ended: what its binary annotations say, the most certain one first.
///
/// That is the code of OpenCensus, then that of OpenTelemetry, then `error`, then the status of HTTP.
struct ZipkinStatusV1 {
    private struct Finding {
        var code: Int?
        var message = Bytes.empty
    }

    private var census = Finding()
    private var own = Finding()
    private var http = Finding()
    private var error: Bytes?

    /// Looks at a binary annotation; true when it says nothing but the status and is no attribute.
    mutating func take(_ key: Bytes, _ value: Bytes) -> Bool {
        if key.isEqual(to: "census.status_code") {
            guard let code = Self.integer(value) else { return false }
            census.code = code == 0 ? 1 : 2
        } else if key.isEqual(to: "census.status_description")
            || key.isEqual(to: "opencensus.status_description")
        {
            census.message = value
        } else if key.isEqual(to: "otel.status_code") {
            guard let code = ZipkinTranslator.statusCode(value) else { return false }
            own.code = code
        } else if key.isEqual(to: "otel.status_description") {
            own.message = value
        } else if key.isEqual(to: "error") {
            error = value
        } else {
            takeHTTP(key, value)
            return false
        }
        return true
    }

    private mutating func takeHTTP(_ key: Bytes, _ value: Bytes) {
        if key.isEqual(to: "http.status_code") || key.isEqual(to: "http.response.status_code") {
            if let code = Self.integer(value) { http.code = (100..<400).contains(code) ? 0 : 2 }
        } else if key.isEqual(to: "http.status_message") {
            http.message = value
        }
    }

    /// The status; `nil` when nothing says anything.
    var outcome: (code: Int, message: Bytes)? {
        if let code = census.code { return (code, census.message) }
        if let code = own.code { return (code, own.message) }
        if let error {
            let text = error.isEqual(to: "true") ? Bytes.empty : error
            return (2, [census.message, own.message].first { !$0.isEmpty } ?? text)
        }
        return http.code.map { ($0, http.message) }
    }

    private static func integer(_ text: Bytes) -> Int? {
        text.count <= 11 ? Int32(text.string).map { Int($0) } : nil
    }
}
