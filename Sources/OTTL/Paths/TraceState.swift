/// The entries of a trace state (W3C Trace Context, section 3.3).
struct TraceState {
    private static let memberLimit = 32

    private var members: [(key: String, value: String)] = []

    /// Reads a trace state; `nil` when it is not valid.
    init?(_ text: String) {
        for member in text.split(separator: ",", omittingEmptySubsequences: true) {
            let trimmed = member.drop { $0 == " " || $0 == "\t" }
            guard let equal = trimmed.firstIndex(of: "=") else { return nil }
            let key = String(trimmed[..<equal])
            var value = trimmed[trimmed.index(after: equal)...]
            while let last = value.last, last == " " || last == "\t" { value.removeLast() }
            guard Self.isKey(key), Self.isValue(String(value)), self[key] == nil,
                members.count < Self.memberLimit
            else { return nil }
            members.append((key, String(value)))
        }
    }

    /// The entries as they are sent.
    var text: String { members.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }

    subscript(key: String) -> String? { members.first { $0.key == key }?.value }

    /// Sets an entry, which comes first then; returns `false` when key or value are not valid.
    mutating func insert(_ key: String, _ value: String) -> Bool {
        guard Self.isKey(key), Self.isValue(value) else { return false }
        members.removeAll { $0.key == key }
        if members.count == Self.memberLimit { members.removeLast() }
        members.insert((key, value), at: 0)
        return true
    }

    private static func isKey(_ key: String) -> Bool {
        let parts = key.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, parts.allSatisfy({ !$0.isEmpty }) else { return false }
        let isTenant = parts.count == 2
        if isTenant, first.utf8.count > 241 || parts[1].utf8.count > 14 { return false }
        guard key.utf8.count <= 256, let start = key.utf8.first else { return false }
        let mayBegin = isLower(start) || isTenant && isDigit(start)
        return mayBegin
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { isLower($0) || isDigit($0) || "_-*/".utf8.contains($0) }
            }
    }

    private static func isValue(_ value: String) -> Bool {
        guard let last = value.utf8.last, last != 0x20, value.utf8.count <= 256 else { return false }
        return value.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x2C && $0 != 0x3D }
    }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
