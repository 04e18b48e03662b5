internal import Pipeline
internal import Wire

/// Reads `Export…ServiceResponse`: the only thing it can say is what the server did not take.
enum PartialSuccess {
    /// The outcome a response stands for; throws when the bytes are not such a message.
    static func outcome(of response: Bytes) throws(WireError) -> ExportOutcome {
        guard !response.isEmpty else { return .delivered }
        return try response.withSpan { (bytes) throws(WireError) in
            var cursor = Cursor(0..<bytes.byteCount)
            var outcome = ExportOutcome.delivered
            while let tag = try cursor.readTag(bytes) {
                guard tag.number == 1, tag.type == .lengthDelimited else {
                    try cursor.skip(tag, bytes)
                    continue
                }
                outcome = try details(in: try cursor.readLengthDelimited(bytes), bytes)
            }
            return outcome
        }
    }

    /// `rejected_…` is field 1 and `error_message` field 2 for every signal.
    private static func details(in range: Range<Int>, _ bytes: RawSpan) throws(WireError) -> ExportOutcome {
        var cursor = Cursor(range)
        var rejected = 0
        var message = ""
        while let tag = try cursor.readTag(bytes) {
            switch (tag.number, tag.type) {
            case (1, .varint):
                rejected = Int(clamping: Int64(bitPattern: try cursor.readVarint(bytes)))
            case (2, .lengthDelimited):
                let text = try cursor.readLengthDelimited(bytes)
                message = String(decoding: text.prefix(1024).map { byte(at: $0, bytes) }, as: UTF8.self)
            default:
                try cursor.skip(tag, bytes)
            }
        }
        return ExportOutcome(rejectedItems: rejected, message: message)
    }

    private static func byte(at index: Int, _ bytes: RawSpan) -> UInt8 {
        bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }
}
