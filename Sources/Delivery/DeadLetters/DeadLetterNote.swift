internal import Wire

/// What is kept beside a batch that is a dead letter.
struct DeadLetterNote: Equatable {
    /// Longest reason that is kept, in bytes: what a backend says is not bounded.
    static let reasonLimit = 4096

    let exporter: String
    let pipeline: String
    let reason: String
    let attempts: Int

    init(exporter: String, pipeline: String, reason: String, attempts: Int) {
        self.exporter = exporter
        self.pipeline = pipeline
        self.reason = Self.shortened(reason)
        self.attempts = attempts
    }

    /// Reads what `encode` wrote; `nil` for anything else.
    init?(_ bytes: Bytes) {
        var reader = TextReader(bytes)
        guard let attempts = reader.number(), let exporter = reader.text(), let pipeline = reader.text(),
            let reason = reader.text()
        else {
            return nil
        }
        self.init(exporter: exporter, pipeline: pipeline, reason: reason, attempts: attempts)
    }

    func encode() -> Bytes {
        var builder = BytesBuilder(capacity: 128)
        builder.append(littleEndian: UInt32(clamping: attempts))
        for text in [exporter, pipeline, reason] { builder.append(counted: text) }
        return builder.finish()
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > reasonLimit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: reasonLimit)
        // Not in the middle of a character.
        while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
