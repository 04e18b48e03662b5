internal import Wire

extension JSONWriter {
    /// Writes a double with as few digits as read back to the same one.
    mutating func writeDouble(_ value: Double) {
        guard value.isFinite else {
            return writeWord(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        }
        if writeShortDecimal(value) { return }
        output.append(utf8: value.description)
    }

    /// Writes whole numbers and those with up to six places, which most measurements are, without making a
    /// string; returns false for all others.
    ///
    /// `scaled / power` rounds once, from two exact operands, so when it gives `value` the decimal does too;
    /// and fewer places were tried before.
    private mutating func writeShortDecimal(_ value: Double) -> Bool {
        // Zero is written in full for the sake of its sign.
        guard value != 0 else {
            writeWord(value.sign == .minus ? "-0.0" : "0")
            return true
        }
        var power: UInt64 = 1
        for places in 0...6 {
            let scaled = (value.magnitude * Double(power)).rounded()
            guard scaled < 1e15 else { return false }
            if scaled / Double(power) == value.magnitude {
                writeFixedPoint(UInt64(scaled), power, places, isNegative: value < 0)
                return true
            }
            power *= 10
        }
        return false
    }

    private mutating func writeFixedPoint(
        _ scaled: UInt64, _ power: UInt64, _ places: Int, isNegative: Bool
    ) {
        writeDigits(scaled / power, isNegative: isNegative)
        guard places > 0 else { return }
        output.append(UInt8(ascii: "."))
        var divisor = power / 10
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(scaled / divisor % 10))
            divisor /= 10
        }
    }
}
