internal import Settings

/// Hides the values of attributes whose names sound like a secret in telemetry as OTLP/JSON.
///
/// Only attributes have names to judge by; a secret in a message or a name of a span is not recognized.
struct TelemetryMask: Sendable {
    /// Parts of names that are hidden too, in lower case.
    private let additional: [String]

    /// Hides `SecretNames` and those that contain one of `additional`, in any case of letters.
    init(additional: [String] = []) { self.additional = additional.map { $0.lowercased() } }

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
        return SecretNames.contains(name) || additional.contains { name.contains($0) }
    }
}
