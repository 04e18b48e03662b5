internal import Settings

/// Hides the values of attributes whose names sound like a secret in telemetry as OTLP/JSON.
///
/// Only attributes have names to judge by; a secret in a message or a name of a span is not recognized.
struct TelemetryMask: Sendable {
    /// Parts of names that are always hidden, in lower case.
    static let standard = [
        "authorization", "password", "passwd", "secret", "token", "api_key", "apikey", "api-key", "cookie",
        "credential", "private_key",
    ]

    private let words: [String]

    /// Hides `standard` names and those that contain one of `additional`, in any case of letters.
    init(additional: [String] = []) {
        words = Self.standard + additional.map { $0.lowercased() }
    }

    /// `tree` with `***` in the place of every value that is hidden.
    func masked(_ tree: Tree) -> Tree {
        switch tree.content {
        case .scalar: return tree
        case .list(let elements): return .list(elements.map { masked($0) })
        case .table(let entries):
            let isHidden = tree["key"]?.text.map { hides($0) } ?? false
            return Tree(
                .table(
                    entries.map { entry in
                        isHidden && entry.key == "value"
                            ? Tree.Entry("value", .table(["stringValue": .text("***")]))
                            : Tree.Entry(entry.key, masked(entry.value))
                    }))
        }
    }

    private func hides(_ name: String) -> Bool {
        let name = name.lowercased()
        return words.contains { name.contains($0) }
    }
}
