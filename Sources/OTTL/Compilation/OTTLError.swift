/// Why a statement or condition cannot be used.
public struct OTTLError: Error, Sendable, Equatable {
    public let message: String
    /// Where in the text, in Unicode scalars from 0.
    public let range: Range<Int>
    /// The name that was probably meant.
    public let suggestion: String?

    public init(_ message: String, at range: Range<Int>, suggestion: String? = nil) {
        self.message = message
        self.range = range
        self.suggestion = suggestion
    }
}

extension OTTLError: CustomStringConvertible {
    /// `column 5: message (did you mean 'x'?)`; the first column is 1.
    public var description: String {
        let hint = suggestion.map { " (did you mean '\($0)'?)" } ?? ""
        return "column \(range.lowerBound + 1): \(message)\(hint)"
    }
}
