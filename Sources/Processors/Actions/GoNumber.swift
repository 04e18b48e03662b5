/// Numbers as Go reads and converts them.
enum GoNumber {
    /// The number without its fraction; what does not fit becomes the lowest integer, as on x86-64.
    static func int64(_ double: Double) -> Int64 { Int64(exactly: double.rounded(.towardZero)) ?? .min }

    /// Reads decimal digits with an optional sign; `nil` for anything else.
    static func int64(_ text: UnsafeRawBufferPointer) -> Int64? {
        Int64(String(decoding: text, as: UTF8.self))
    }

    /// Reads a decimal or hexadecimal number, an infinity or NaN; `nil` for anything else and for numbers
    /// that are too large.
    static func double(_ text: UnsafeRawBufferPointer) -> Double? {
        let text = String(decoding: text, as: UTF8.self)
        guard let double = Double(text) else { return nil }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        return double.isInfinite && text.utf8.contains(where: isDigit) ? nil : double
    }
}
