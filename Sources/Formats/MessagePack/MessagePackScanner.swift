/// Finds the ends of values in bytes that arrive cut anywhere.
///
/// It looks at each byte of a header once, however often it is called, and keeps four numbers whatever the
/// values are like. What is longer than the limit is an error as soon as that can be known: when its length
/// is claimed, not when the bytes have come.
public struct MessagePackScanner: Sendable {
    /// The most bytes of one value.
    public var limit: Int
    /// Index of the next header; behind what has come while the data of a value is missing.
    private var position = 0
    /// Where the value began that is not whole.
    private var start = 0
    /// Values that are still to begin before it is whole.
    private var missing = 0
    /// Index after the last whole value.
    private var whole = 0
    /// What is wrong with the value behind those.
    private var fault: MessagePackError?

    /// Begins with nothing; `limit` is the most bytes of one value.
    public init(limit: Int) { self.limit = limit }

    /// How many bytes at the beginning of `bytes` are whole values.
    ///
    /// - Parameter bytes: what the last call was given, less what was taken since, with more behind it.
    /// - Returns: the number of bytes, 0 when no value is whole.
    /// - Throws: `.tooLong` or `.invalidByte`, once all values before are taken; then nothing is found any
    ///   more.
    public mutating func wholeValues(in bytes: RawSpan) throws(MessagePackError) -> Int {
        if fault == nil {
            do throws(MessagePackError) { try scan(bytes) } catch { fault = error }
        }
        if whole == 0, let fault { throw fault }
        return whole
    }

    private mutating func scan(_ bytes: RawSpan) throws(MessagePackError) {
        while position <= bytes.byteCount {
            if missing == 0 { whole = position }
            guard let header = try MessagePackHeader(bytes, at: position) else { return }
            if missing == 0 {
                start = position
                missing = 1
            }
            missing += header.children - 1
            position += header.size + header.payload
            // Each value that is missing has at least one byte.
            guard position - start + missing <= limit else {
                throw MessagePackError(.tooLong(limit: limit), at: start)
            }
        }
    }

    /// Takes note that the first `count` bytes are gone, which were whole values.
    public mutating func took(_ count: Int) {
        position -= count
        start -= count
        whole -= count
        fault = fault.map { MessagePackError($0.reason, at: $0.offset - count) }
    }
}
