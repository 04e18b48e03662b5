/// The `tracestate` of a span (W3C Trace Context, section 3.3), with OpenTelemetry's part of it taken apart.
struct TraceState {
    /// Why a text is none.
    enum Fault: Error {
        case size, syntax, randomness, threshold
    }

    /// The field `rv` of the member `ot`, as it is written.
    private(set) var randomness: (text: String, value: Randomness)?
    /// The field `th` of the member `ot`.
    private(set) var threshold: (text: String, value: Threshold)?
    /// Other fields of the member `ot`, and other members, as they are written.
    private var fields: [Substring] = []
    private var members: [Substring] = []

    init(_ text: String) throws(Fault) {
        guard text.utf8.count <= 1024 else { throw .size }
        for part in text.split(separator: ",") {
            let member = part.trimmingSpaces
            guard !member.isEmpty else { continue }
            guard let equals = member.firstIndex(of: "="), Self.isKey(member[..<equals]),
                Self.isValue(member[member.index(after: equals)...])
            else { throw .syntax }
            if member[..<equals] == "ot" {
                try read(member[member.index(after: equals)...])
            } else {
                members.append(member)
            }
        }
        guard members.count <= 32 else { throw .size }
    }

    private mutating func read(_ fields: Substring) throws(Fault) {
        guard fields.utf8.count <= 256 else { throw .size }
        for field in fields.split(separator: ";", omittingEmptySubsequences: false) {
            guard let colon = field.firstIndex(of: ":"), Self.isFieldKey(field[..<colon]) else {
                throw .syntax
            }
            let value = field[field.index(after: colon)...]
            guard value.utf8.allSatisfy(Self.isFieldByte) else { throw .syntax }
            switch field[..<colon] {
            case "rv":
                guard let bits = Randomness(text: value) else { throw .randomness }
                randomness = (String(value), bits)
            case "th":
                guard let bits = Threshold(text: value) else { throw .threshold }
                threshold = (String(value), bits)
            default: self.fields.append(field)
            }
        }
    }

    /// Says by what was decided, for those who decide later.
    mutating func set(_ value: Randomness) { randomness = (value.text, value) }

    /// Says from where on was sampled; `false` when that would raise the probability, which nobody can do.
    mutating func raise(to value: Threshold) -> Bool {
        if let threshold, threshold.value.bits > value.bits { return false }
        threshold = (value.text, value)
        return true
    }

    mutating func clearThreshold() { threshold = nil }

    /// The text, OpenTelemetry's member first.
    var text: String {
        var own: [Substring] = []
        if let randomness { own.append("rv:\(randomness.text)") }
        if let threshold { own.append("th:\(threshold.text)") }
        own += fields
        let first = own.isEmpty ? [] : ["ot=\(own.joined(separator: ";"))"]
        return (first + members.map { String($0) }).joined(separator: ",")
    }

    // MARK: - Syntax

    private static func isKey(_ key: Substring) -> Bool {
        let parts = key.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count == 1 ? first.utf8.count <= 256 : first.utf8.count <= 241
        else { return false }
        let hasDigitFirst = parts.count > 1 && first.utf8.first.map { (48...57).contains($0) } ?? false
        guard hasDigitFirst || isName(first), first.utf8.allSatisfy(isKeyByte) else { return false }
        guard parts.count > 1 else { return true }
        return isName(parts[1]) && parts[1].utf8.count <= 14
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first) else { return false }
        return text.utf8.allSatisfy(isKeyByte)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || [45, 42, 47, 95].contains(byte)
    }

    private static func isValue(_ value: Substring) -> Bool {
        guard (1...256).contains(value.utf8.count), value.utf8.last != 32 else { return false }
        return value.utf8.allSatisfy { (32...126).contains($0) && $0 != 44 && $0 != 61 }
    }

    private static func isFieldKey(_ key: Substring) -> Bool {
        guard let first = key.utf8.first, (97...122).contains(first) else { return false }
        return key.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
    }

    private static func isFieldByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
            || [45, 46, 95].contains(byte)
    }
}

extension Substring {
    /// The text without spaces and tabs around it.
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
