internal import Wire

/// Numbers as pages write them, read without making a text of them where that is possible.
enum NumberText {
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ]
    /// The longest text of a number; far more digits than can matter.
    private static let lengthLimit = 512

    /// The nearest double, in the syntax of Go without its hexadecimal numbers; `nil` when there is none.
    static func double(_ page: Bytes, _ range: Range<Int>) -> Double? {
        guard !range.isEmpty, range.count <= lengthLimit else { return nil }
        return simple(page, range) ?? any(page[range].string)
    }

    /// The number when it has no exponent and few digits: most have not.
    private static func simple(_ page: Bytes, _ range: Range<Int>) -> Double? {
        var (index, digits, places) = (range.lowerBound, UInt64(0), -1)
        let isNegative = page[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        guard range.upperBound > index, range.upperBound - index <= 16 else { return nil }
        let first = index
        while index < range.upperBound {
            let byte = page[index]
            if byte == UInt8(ascii: "."), places < 0 {
                places = 0
            } else {
                let digit = byte &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                digits = digits * 10 + UInt64(digit)
                if places >= 0 { places += 1 }
            }
            index += 1
        }
        // A point alone is no number. Both operands are exact, so the one rounding is the right one.
        guard digits <= 1 << 53, index - first > (places < 0 ? 0 : 1) else { return nil }
        let value = places > 0 ? Double(digits) / powersOfTen[places] : Double(digits)
        return isNegative ? -value : value
    }

    private static func any(_ text: String) -> Double? {
        let lower = text.lowercased()
        switch lower.drop(while: { $0 == "+" || $0 == "-" }) {
        case "inf", "infinity": return lower.hasPrefix("-") ? -.infinity : .infinity
        case "nan": return lower == "nan" || lower == "+nan" ? .nan : nil
        default: break
        }
        let isPlain = lower.utf8.allSatisfy {
            LabelNames.isDigit($0) || [0x2B, 0x2D, 0x2E, 0x65].contains($0)
        }
        guard isPlain, let value = Double(lower), value.isFinite else { return nil }
        return value
    }

    /// A whole number of milliseconds.
    static func milliseconds(_ page: Bytes, _ range: Range<Int>) -> Int64? {
        guard !range.isEmpty, range.count <= 20 else { return nil }
        return Int64(page[range].string)
    }

    /// Milliseconds of a number of seconds.
    static func seconds(_ page: Bytes, _ range: Range<Int>) -> Int64? {
        guard let seconds = double(page, range) else { return nil }
        return milliseconds(ofSeconds: seconds)
    }

    /// Milliseconds of a number of seconds; `nil` when there are none, or far too many.
    static func milliseconds(ofSeconds seconds: Double) -> Int64? {
        let milliseconds = (seconds * 1000).rounded(.toNearestOrEven)
        return milliseconds.magnitude < 1e15 ? Int64(milliseconds) : nil
    }
}
