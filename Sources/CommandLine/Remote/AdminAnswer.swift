internal import Settings
internal import Transport
internal import Wire

/// What an API has answered.
struct AdminAnswer: Sendable {
    let status: Int
    let text: String
    /// The text as JSON; null when it is something else.
    let tree: Tree
    /// The `ETag`; `nil` without one.
    let version: String?

    init(status: Int, text: String, version: String? = nil) {
        self.status = status
        self.text = text
        self.version = version
        do throws(InvalidSettings) {
            tree = try Tree(json: text, source: ConfigurationSource(.remote, "answer"))
        } catch {
            tree = .null
        }
    }

    init(_ response: ClientResponse) {
        self.init(
            status: response.status, text: response.body.string, version: response.fields["etag"])
    }

    /// The same answer with another value for a key.
    func replacing(_ key: String, by value: Tree) -> AdminAnswer {
        let entries = (tree.table ?? []).filter { $0.key != key }
        let text = Tree(.table(entries + [Tree.Entry(key, value)])).json()
        return AdminAnswer(status: status, text: text, version: version)
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
