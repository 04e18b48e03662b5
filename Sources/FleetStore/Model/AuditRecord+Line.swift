internal import FleetModel
internal import Settings

extension AuditRecord {
    /// The record as a line of the log.
    ///
    /// The last field, `hash`, is the SHA-256 of everything before it, `previous` included, so no line can be
    /// changed, left out or put in without all that follow.
    func line(number: Int64, previous: String) -> (line: String, hash: String) {
        let tree = Tree.table([
            "number": .number(number), "time": .number(time), "actor": .text(actor), "origin": .text(origin),
            "action": .text(action), "target": .text(target), "result": .text(result), "detail": detail,
            "previous": .text(previous),
        ])
        let body = String(tree.json().dropLast())
        let hash = ContentHash(of: Array(body.utf8)).description
        return ("\(body)\(Self.mark)\(hash)\"}", hash)
    }

    /// Reads a line; `nil` for another text.
    init?(line: String) {
        guard let tree = Self.tree(of: line), let time = tree["time"]?.text.flatMap({ UInt64($0) }) else {
            return nil
        }
        func text(_ key: String) -> String { tree[key]?.text ?? "" }
        self.init(
            time: time, actor: text("actor"), origin: text("origin"), action: text("action"),
            target: text("target"), result: text("result"), detail: tree["detail"] ?? .empty)
    }

    /// What is hashed of a line, and the hash that stands at its end.
    static func parts(of line: String) -> (body: Substring, hash: String)? {
        let length = mark.utf8.count + 64 + 2
        guard line.utf8.count > length, line.hasSuffix("\"}"),
            let start = line.utf8.index(line.endIndex, offsetBy: -length).samePosition(in: line),
            line[start...].hasPrefix(mark)
        else { return nil }
        let hash = line[start...].dropFirst(mark.count).dropLast(2)
        return (line[..<start], String(hash))
    }

    /// The number of a line and the hash of the line before.
    static func place(of line: String) -> (number: Int64, previous: String)? {
        guard let tree = tree(of: line), let number = tree["number"]?.text.flatMap({ Int64($0) }),
            let previous = tree["previous"]?.text
        else { return nil }
        return (number, previous)
    }

    private static let mark = ",\"hash\":\""

    private static func tree(of line: String) -> Tree? {
        do throws(InvalidSettings) {
            return try Tree(json: line, source: ConfigurationSource(.builtIn, "audit"))
        } catch {
            return nil
        }
    }
}
