/// Follows the chain of hashes through the lines of an audit log.
struct AuditChain: Sendable {
    /// What the next line has to carry on.
    private(set) var last: (number: Int, hash: String)?

    /// Takes the next line; the result says what is wrong with it.
    mutating func take(_ line: Substring) -> String? {
        guard let mark = line.range(of: ",\"hash\":\""), line.hasSuffix("\"}") else {
            return "it is not a line of an audit log, or it is cut off"
        }
        let body = line[..<mark.lowerBound]
        let hash = line[mark.upperBound...].dropLast(2)
        guard Digest.sha256(String(body)) == hash else { return "it has been changed" }
        guard let number = Self.number(in: body), let previous = Self.previous(in: body) else {
            return "it is not a line of an audit log"
        }
        // What follows is compared with this line, so that one fault is told once.
        defer { last = (number, String(hash)) }
        guard let last else { return nil }
        guard previous == last.hash else { return "a line before it has been changed or taken out" }
        return number == last.number + 1 ? nil : "a line before it is missing"
    }

    private static func number(in body: Substring) -> Int? {
        guard body.hasPrefix("{\"number\":") else { return nil }
        return Int(body.dropFirst("{\"number\":".count).prefix { $0.isNumber })
    }

    private static func previous(in body: Substring) -> Substring? {
        let mark = ",\"previous\":\""
        guard body.hasSuffix("\""), let range = body.lastRange(of: mark) else { return nil }
        return body[range.upperBound...].dropLast()
    }
}

extension Substring {
    /// The last place where `text` stands.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        var found: Range<Index>?
        var rest = self
        while let range = rest.firstRange(of: text) {
            found = range
            rest = rest[range.upperBound...]
        }
        return found
    }

    fileprivate func range(of mark: String) -> Range<Index>? { lastRange(of: mark) }
}
