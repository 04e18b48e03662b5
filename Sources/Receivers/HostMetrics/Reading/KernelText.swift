/// A text of the kernel, such as a file of `/proc`: bytes of which nothing is taken for granted.
struct KernelText: Sendable {
    /// A part of it: a line, or a word.
    typealias Part = ArraySlice<UInt8>

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The lines that are not empty.
    var lines: [Part] { bytes.split(separator: 0x0A) }

    /// The numbers of lines such as `pgfault 1234` or `MemTotal:  8 kB`, by their first word without a colon.
    var numbers: [String: UInt64] {
        var result: [String: UInt64] = [:]
        for line in lines {
            let words = line.words
            guard words.count >= 2, let value = words[1].number else { continue }
            result[String(words[0].last == 0x3A ? words[0].dropLast().text : words[0].text)] = value
        }
        return result
    }

    /// The values of lines such as `Name:  bash`, by what stands before the colon.
    var values: [String: Part] {
        var result: [String: Part] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            result[line[..<colon].text] = line[line.index(after: colon)...].trimmed
        }
        return result
    }
}

extension ArraySlice<UInt8> {
    /// What stands between blanks and tabs.
    var words: [ArraySlice<UInt8>] { split { $0 == 0x20 || $0 == 0x09 } }

    /// The text, with what is not UTF-8 replaced.
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The number in decimal digits; `nil` for anything else and for one that is too large.
    var number: UInt64? {
        guard !isEmpty else { return nil }
        var result: UInt64 = 0
        for byte in self {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
            guard !overflow, !carry else { return nil }
            result = sum
        }
        return result
    }

    /// A number with a point, such as `0.07`.
    var decimal: Double? {
        guard let first, first != 0x2B, count < 64 else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Without blanks and tabs around it.
    var trimmed: ArraySlice<UInt8> {
        var rest = self
        while let byte = rest.first, byte == 0x20 || byte == 0x09 { rest.removeFirst() }
        while let byte = rest.last, byte == 0x20 || byte == 0x09 { rest.removeLast() }
        return rest
    }
}
