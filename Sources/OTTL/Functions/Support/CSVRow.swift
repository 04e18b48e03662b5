internal import Wire

/// One row of CSV.
enum CSVRow {
    enum Mode: String, Sendable {
        /// RFC 4180: quotes around a whole field; a quote inside of one is written twice.
        case strict
        /// Quotes in the middle of fields stand for themselves.
        case lazyQuotes
        /// Quotes have no meaning.
        case ignoreQuotes
    }

    /// The fields of a row; line ends around it are left out, those inside of it belong to the fields.
    static func fields(of row: Bytes, delimiter: String, _ mode: Mode) throws(EvaluationError) -> [String] {
        let isLineEnd = { (byte: UInt8) in byte == 0x0A || byte == 0x0D }
        let start = row.array.drop { isLineEnd($0) }
        guard let last = start.lastIndex(where: { !isLineEnd($0) }) else {
            throw .message("the row is empty")
        }
        let bytes = Array(start[...last])
        let mark = delimiter.utf8.first ?? UInt8(ascii: ",")
        if mode == .ignoreQuotes {
            let fields = bytes.split(
                separator: mark, maxSplits: FunctionLimits.values, omittingEmptySubsequences: false)
            guard fields.count <= FunctionLimits.values else { throw tooLong }
            return fields.map { String(decoding: $0, as: UTF8.self) }
        }
        var reader = Reader(bytes: bytes, mark: mark, isLazy: mode == .lazyQuotes)
        return try reader.fields()
    }

    private static let tooLong = EvaluationError.message(
        "the row has more than \(FunctionLimits.values) fields")

    private struct Reader {
        let bytes: [UInt8]
        let mark: UInt8
        let isLazy: Bool
        private var position = 0
        private let quote = UInt8(ascii: "\"")

        init(bytes: [UInt8], mark: UInt8, isLazy: Bool) {
            self.bytes = bytes
            self.mark = mark
            self.isLazy = isLazy
        }

        mutating func fields() throws(EvaluationError) -> [String] {
            var fields: [String] = []
            repeat {
                guard fields.count < FunctionLimits.values else { throw tooLong }
                let isQuoted = position < bytes.count && bytes[position] == quote
                let field = isQuoted ? try quotedField() : try plainField()
                fields.append(String(decoding: field, as: UTF8.self))
            } while takeMark()
            return fields
        }

        private mutating func takeMark() -> Bool {
            guard position < bytes.count else { return false }
            position += 1
            return true
        }

        private mutating func plainField() throws(EvaluationError) -> ArraySlice<UInt8> {
            let start = position
            while position < bytes.count, bytes[position] != mark {
                guard isLazy || bytes[position] != quote else {
                    throw .message("byte \(position) of the row is a quote inside of a field without quotes")
                }
                position += 1
            }
            return bytes[start..<position]
        }

        private mutating func quotedField() throws(EvaluationError) -> ArraySlice<UInt8> {
            let start = position
            position += 1
            var field: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                guard byte == quote else {
                    field.append(byte)
                    continue
                }
                if position == bytes.count || bytes[position] == mark { return field[...] }
                if bytes[position] == quote {
                    position += 1
                } else if !isLazy {
                    throw .message("byte \(position - 1) of the row is a quote inside of a field")
                }
                field.append(quote)
            }
            guard isLazy else { throw .message("the quote at byte \(start) of the row is not closed") }
            return field[...]
        }
    }
}
