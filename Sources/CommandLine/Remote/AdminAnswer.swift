internal import Settings
internal import Transport
internal import Wire

/// What an admin API has answered.
struct AdminAnswer: Sendable {
    let status: Int
    let text: String
    /// The text as JSON; null when it is something else.
    let tree: Tree

    init(status: Int, text: String) {
        self.status = status
        self.text = text
        do throws(InvalidSettings) {
            tree = try Tree(json: text, source: ConfigurationSource(.remote, "answer"))
        } catch {
            tree = .null
        }
    }

    init(_ response: ClientResponse) {
        self.init(status: response.status, text: response.body.string)
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    /// Writes the text as it came to standard output, with a line end.
    func write() { print(text, terminator: text.hasSuffix("\n") ? "" : "\n") }
}

extension Tree {
    /// The text of a key, made fit for a terminal; empty when it is not there.
    func shown(_ key: String) -> String { self[key]?.text.map { PlainText.line($0) } ?? "" }

    /// The whole number of a key; 0 when it is not there.
    func count(_ key: String) -> Int { self[key]?.text.flatMap { Int($0) } ?? 0 }

    /// The number of a key; 0 when it is not there.
    func figure(_ key: String) -> Double { self[key]?.text.flatMap { Double($0) } ?? 0 }

    /// The elements of a list under a key; none when it is not there.
    func elements(_ key: String) -> [Tree] { self[key]?.list ?? [] }
}
