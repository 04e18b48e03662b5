/// Reads which groups an expression has, and writes those names that RE2 does not take in another way.
///
/// RE2 of this version knows `(?P<name>…)` but not `(?<name>…)`, and no dots in names. Both are in use:
/// Go has the first since 1.22, and the documentation of OTTL shows names such as `git.sha`.
struct GroupScan {
    /// The name of each group, the whole match first; `nil` for one without.
    private(set) var names: [String?] = [nil]
    /// What RE2 gets to see.
    private(set) var expression: [UInt8] = []
    private let source: [UInt8]
    private var position = 0

    init(_ pattern: String) throws(PatternError) {
        source = Array(pattern.utf8)
        expression.reserveCapacity(source.count + 8)
        while position < source.count { try step() }
    }

    private mutating func step() throws(PatternError) {
        switch source[position] {
        case UInt8(ascii: "\\"): try escape()
        case UInt8(ascii: "["): copyClass()
        case UInt8(ascii: "("): try group()
        default: copy(1)
        }
    }

    private mutating func copy(_ count: Int) {
        let end = min(position + count, source.count)
        expression += source[position..<end]
        position = end
    }

    private func peek(_ offset: Int) -> UInt8? {
        position + offset < source.count ? source[position + offset] : nil
    }

    private mutating func escape() throws(PatternError) {
        if peek(1) == UInt8(ascii: "C") {
            // RE2 has it and Go has not: it would tear characters apart.
            throw PatternError("there is no escape '\\C'", at: position)
        }
        guard peek(1) == UInt8(ascii: "Q") else { return copy(2) }
        // Everything up to \E is literal.
        copy(2)
        while position < source.count {
            if source[position] == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "E") { return copy(2) }
            copy(1)
        }
    }

    /// Copies `[…]`, in which a parenthesis is a character like any other.
    private mutating func copyClass() {
        copy(1)
        if peek(0) == UInt8(ascii: "^") { copy(1) }
        if peek(0) == UInt8(ascii: "]") { copy(1) }
        while let byte = peek(0), byte != UInt8(ascii: "]") {
            if byte == UInt8(ascii: "["), peek(1) == UInt8(ascii: ":"), let length = lengthOfNamedClass {
                copy(length)
            } else {
                copy(byte == UInt8(ascii: "\\") ? 2 : 1)
            }
        }
        copy(1)
    }

    /// How long `[:name:]` is that begins here.
    private var lengthOfNamedClass: Int? {
        var index = position + 2
        while index + 1 < source.count, source[index] != UInt8(ascii: "]") {
            if source[index] == UInt8(ascii: ":"), source[index + 1] == UInt8(ascii: "]") {
                return index + 2 - position
            }
            index += 1
        }
        return nil
    }

    private mutating func group() throws(PatternError) {
        guard peek(1) == UInt8(ascii: "?") else {
            names.append(nil)
            return copy(1)
        }
        var opening = 3
        if peek(2) == UInt8(ascii: "P") { opening = 4 }
        guard peek(opening - 1) == UInt8(ascii: "<") else { return copy(2) }
        // (?<= and (?<! look behind: RE2 says that it cannot.
        if opening == 3, peek(3) == UInt8(ascii: "=") || peek(3) == UInt8(ascii: "!") { return copy(3) }
        let start = position + opening
        let end = source[min(start, source.count)...].firstIndex(of: UInt8(ascii: ">")) ?? source.count
        let name = String(decoding: source[min(start, end)..<end], as: UTF8.self)
        guard end < source.count, !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
            throw PatternError("a name of a group has letters, digits, '_', '.' and '-' only", at: start)
        }
        guard !names.contains(name) else {
            throw PatternError("the name '\(name)' is given to two groups", at: start)
        }
        let isPlain = name.utf8.allSatisfy { Self.isNameByte($0) && $0 != 0x2E && $0 != 0x2D }
        expression += Array("(?P<\(isPlain ? name : "apus_\(names.count)")>".utf8)
        names.append(name)
        position = end + 1
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
