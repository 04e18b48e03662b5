/// A number as JSON writes it (RFC 8259 section 6), taken apart so that no digit is lost.
struct JSONNumber {
    /// The longest text that is read as a double; far more digits than can matter.
    private static let lengthLimit = 1024
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18,
        1e19, 1e20, 1e21, 1e22,
    ]

    /// The digits from the first to the last that is not zero, when 64 bits hold them.
    private var digits: UInt64 = 0
    /// The number is `digits` times ten to this power.
    private var exponent = 0
    private var isNegative = false
    /// Whether `digits` and `exponent` say everything; otherwise only the text does.
    private var isExact = true
    /// Zeros seen after the last digit that went into `digits`.
    private var pendingZeros = 0
    private let start: Int
    /// Index after the number.
    private(set) var end: Int

    /// Reads the number that begins at `start`, or returns `nil` when there is none.
    ///
    /// Bytes after it are left alone.
    init?(_ input: JSONInput, from start: Int, to limit: Int) {
        self.start = start
        end = start
        let bytes = input.bytes
        if end < limit, bytes[end] == UInt8(ascii: "-") {
            isNegative = true
            end += 1
        }
        guard end < limit else { return nil }
        if bytes[end] == UInt8(ascii: "0") {
            end += 1
        } else {
            guard takeDigits(bytes, limit) > 0 else { return nil }
        }
        if end < limit, bytes[end] == UInt8(ascii: ".") {
            end += 1
            let places = takeDigits(bytes, limit)
            guard places > 0 else { return nil }
            exponent -= places
        }
        exponent += pendingZeros
        guard takeExponent(bytes, limit) else { return nil }
    }

    private mutating func takeDigits(_ bytes: UnsafePointer<UInt8>, _ limit: Int) -> Int {
        let first = end
        while end < limit {
            let digit = bytes[end] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            end += 1
            if digit == 0 { pendingZeros += 1 } else { take(UInt64(digit)) }
        }
        return end - first
    }

    private mutating func take(_ digit: UInt64) {
        guard isExact else { return }
        if digits == 0 { pendingZeros = 0 }
        for _ in 0...pendingZeros {
            let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
            guard !overflow else { return isExact = false }
            digits = product
        }
        let (sum, overflow) = digits.addingReportingOverflow(digit)
        guard !overflow else { return isExact = false }
        digits = sum
        pendingZeros = 0
    }

    /// Reads `e` and what follows it; false when it is there and not a number.
    private mutating func takeExponent(_ bytes: UnsafePointer<UInt8>, _ limit: Int) -> Bool {
        guard end < limit, bytes[end] | 0x20 == UInt8(ascii: "e") else { return true }
        end += 1
        guard end < limit else { return false }
        let isReciprocal = bytes[end] == UInt8(ascii: "-")
        if isReciprocal || bytes[end] == UInt8(ascii: "+") { end += 1 }
        let first = end
        var power = 0
        while end < limit, case let digit = bytes[end] &- UInt8(ascii: "0"), digit <= 9 {
            if power < 1_000_000 { power = power * 10 + Int(digit) }
            end += 1
        }
        exponent += isReciprocal ? -power : power
        return end > first
    }

    /// The number without its sign, when it is whole and fits into 64 bits.
    private var magnitude: UInt64? {
        guard isExact else { return nil }
        if digits == 0 || exponent == 0 { return digits }
        guard exponent > 0, exponent < 20 else { return nil }
        var value = digits
        for _ in 0..<exponent {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
        }
        return value
    }

    /// The number as an unsigned integer; `nil` when it is negative, has a fraction or is too large.
    var unsigned: UInt64? {
        guard let magnitude, !isNegative || magnitude == 0 else { return nil }
        return magnitude
    }

    /// The number as a signed integer; `nil` when it has a fraction or is out of range.
    var signed: Int64? {
        guard let magnitude else { return nil }
        guard isNegative else { return Int64(exactly: magnitude) }
        return magnitude <= 1 << 63 ? Int64(bitPattern: 0 &- magnitude) : nil
    }

    /// The nearest double; `nil` when there is no finite one.
    func double(_ input: JSONInput) -> Double? {
        if isExact, digits <= 1 << 53, abs(exponent) <= 22 || digits == 0 {
            // Both operands are exact, so the one rounding of IEEE 754 is the right one.
            let power = digits == 0 ? 1 : Self.powersOfTen[abs(exponent)]
            let value = exponent < 0 ? Double(digits) / power : Double(digits) * power
            return isNegative ? -value : value
        }
        guard end - start <= Self.lengthLimit else { return nil }
        let text = String(
            decoding: UnsafeBufferPointer(start: input.bytes + start, count: end - start), as: UTF8.self)
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
