internal import Patterns
internal import Wire

/// A line of an access log in the Common Log Format, or in the Combined one of NCSA.
enum CLFLine {
    private static let quoted = #""((?:[^"\\]|\\.)*)""#
    private static let common = #"^(\S+) (\S+) (\S+) \[([^\]]+)\] "# + quoted + #" (\S+) (\S+)"#
    private static let expressions = (
        common: try? RegularExpression(common + "$"),
        combined: try? RegularExpression(common + " " + quoted + " " + quoted + "$")
    )
    private static let names = ["clf.remote_host", "clf.rfc931", "clf.auth_user", "clf.timestamp"]

    /// What the line says.
    static func parse(_ line: [UInt8], isCombined: Bool) throws(EvaluationError) -> ValueMap {
        let text = Bytes(Array(line[...].trimmed))
        guard let expression = isCombined ? expressions.combined : expressions.common,
            let match = expression.firstMatch(in: text)
        else { throw .message("not a line in the \(isCombined ? "Combined" : "Common") Log Format") }
        func part(_ group: Int) -> [UInt8] { match[group].map { text[$0].array } ?? [] }
        var map = ValueMap()
        for (index, name) in names.enumerated() { map.set(name, part(index + 1)) }
        let request = unescaped(part(5))
        map.set("clf.request", request)
        let words = request.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        if words.count == 3 {
            map.set("clf.method", words[0])
            map.set("clf.request_uri", words[1])
            map.set("clf.protocol", words[2])
        }
        map["clf.status"] = .int(try number(part(6), "status"))
        if part(7) != [UInt8(ascii: "-")] { map["clf.bytes"] = .int(try number(part(7), "number of bytes")) }
        if isCombined {
            map.set("clf.referer", unescaped(part(8)))
            map.set("clf.user_agent", unescaped(part(9)))
        }
        return map
    }

    private static func number(_ text: [UInt8], _ what: String) throws(EvaluationError) -> Int64 {
        let isSigned = text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-")
        let text = String(decoding: text, as: UTF8.self)
        guard !isSigned, let number = Int64(text) else {
            throw .message("the \(what) is no number: '\(text.prefix(20))'")
        }
        return number
    }

    /// Escapes as Apache and nginx write them; what is none stays as it is.
    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\\")) else { return text }
        var (result, index) = ([UInt8](), 0)
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
                result.append(text[index])
                index += 1
                continue
            }
            let next = text[index + 1]
            if next == UInt8(ascii: "x"), let byte = hexadecimal(text, at: index + 2) {
                result.append(byte)
                index += 4
                continue
            }
            if let byte = escapes[next] {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "\\"), next]
            }
            index += 2
        }
        return result
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""),
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "v"): 0x0B,
    ]

    private static func hexadecimal(_ text: [UInt8], at index: Int) -> UInt8? {
        guard index + 1 < text.count else { return nil }
        return Hexadecimal.byte(text[index], text[index + 1])
    }
}
