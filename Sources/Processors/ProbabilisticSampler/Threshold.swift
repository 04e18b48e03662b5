internal import Glibc

/// 56 bits to decide by, as OpenTelemetry defines them for sampling (W3C Trace Context Level 2).
struct Randomness: Equatable {
    let bits: UInt64

    /// What every threshold lets through but the one that lets nothing through.
    static let highest = Randomness(bits: Threshold.limit - 1)

    init(bits: UInt64) { self.bits = bits }

    /// Reads 14 hexadecimal digits; `nil` for anything else.
    init?(text: Substring) {
        guard text.utf8.count == 14, let bits = Threshold.hexadecimal(text) else { return nil }
        self.bits = bits
    }

    /// Takes the last seven bytes of a trace id.
    init(traceID: UnsafeRawBufferPointer) {
        bits = traceID.suffix(7).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Hashes bytes as the probabilistic sampler of otelcol always has: FNV-1a of 32 bits over the seed (the
    /// lowest byte first) and the bytes.
    ///
    /// Of these, 14 bits decide. They come first, upside down, since the sampler used to compare the other
    /// way around; the others fill the places behind them.
    init(hashing bytes: UnsafeRawBufferPointer, seed: UInt32) {
        let hash = Self.hash(bytes, seed: seed)
        let deciding = UInt64(hash & 0x3FFF)
        let rest = UInt64(hash >> 18)
        bits = (0x3FFF - deciding) << 42 | (rest ^ rest << 10) << 14 | deciding
    }

    static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt32) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            hash = (hash ^ (seed >> shift & 0xFF)) &* 16_777_619
        }
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return hash
    }

    /// All 14 hexadecimal digits.
    var text: String { Threshold.digits(bits) }
}

/// Below which randomness something is not sampled.
struct Threshold: Equatable {
    /// One more than the largest randomness.
    static let limit: UInt64 = 1 << 56
    static let always = Threshold(bits: 0)
    static let never = Threshold(bits: limit)
    /// The smallest probability that has a threshold.
    static let leastProbability = 0x1p-56

    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// Reads 1 to 14 hexadecimal digits, of which those at the end may be left out when they are zeroes.
    init?(text: Substring) {
        guard (1...14).contains(text.utf8.count), let bits = Self.hexadecimal(text) else { return nil }
        self.bits = bits << UInt64(4 * (14 - text.utf8.count))
    }

    /// The threshold of a probability; `nil` when it is below 2⁻⁵⁶ or above 1.
    ///
    /// `precision` is the number of hexadecimal digits to round to; leading digits that are 0 or F come on
    /// top, since they say nothing. With 0 nothing is rounded.
    init?(probability: Double, precision: Int) {
        guard probability >= Self.leastProbability, probability <= 1 else { return nil }
        guard probability < 1 else {
            bits = 0
            return
        }
        let rejected = Self.limit - UInt64((probability * 0x1p56).rounded())
        let digits = max(Self.leadingDigits(probability), Self.leadingDigits(1 - probability)) + precision
        guard precision > 0, digits < 14 else {
            bits = rejected
            return
        }
        let shift = UInt64(4 * (14 - digits))
        bits = ((rejected + (1 << (shift - 1))) >> shift) << shift
    }

    /// How many hexadecimal digits of a fraction are zeroes before the others.
    private static func leadingDigits(_ fraction: Double) -> Int {
        // frexp's exponent: the fraction is below 2 to this power.
        max(0, -(Int(fraction.exponent) + 1) / 4)
    }

    /// What part is sampled.
    var probability: Double { Double(Self.limit - bits) / 0x1p56 }

    func samples(_ randomness: Randomness) -> Bool { randomness.bits >= bits }

    /// The digits without zeroes at the end, at least one.
    var text: String {
        var text = Self.digits(bits)[...]
        while text.utf8.count > 1, text.last == "0" { text.removeLast() }
        return String(text)
    }

    fileprivate static func digits(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: max(0, 14 - digits.utf8.count)) + digits
    }

    fileprivate static func hexadecimal(_ text: Substring) -> UInt64? {
        guard text.utf8.allSatisfy({ isxdigit(Int32($0)) != 0 }) else { return nil }
        return UInt64(text, radix: 16)
    }
}
