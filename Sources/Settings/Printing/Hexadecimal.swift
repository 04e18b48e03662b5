/// Hexadecimal numbers of a fixed length.
enum Hexadecimal {
    static func digits(_ value: UInt32, count: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }
}
