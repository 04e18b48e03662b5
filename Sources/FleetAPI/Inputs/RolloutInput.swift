internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import Rollouts
internal import Settings

/// A rollout as it is asked for: `RolloutSpec`, in which the target may be the `latest` revision, and a
/// `group` may narrow the selector.
struct RolloutInput {
    let spec: RolloutSpec

    /// Reads the body, and pins the target to a number: what is rolled out never changes afterwards.
    init(_ call: FleetCall) async throws(APIProblem) {
        var document = try call.requiredMap()
        var entries = document.table ?? []
        if let index = entries.firstIndex(where: { $0.key == "target" }),
            let pinned = try await Self.pinned(entries[index].value, call)
        {
            entries[index].value = pinned
        }
        var group: FleetGroup?
        if let index = entries.firstIndex(where: { $0.key == "group" }) {
            group = try Self.group(document, call)
            entries.remove(at: index)
        }
        if !entries.contains(where: { $0.key == "plan" }) { entries.append(Self.carefulPlan) }
        document.content = .table(entries)
        let decoded = RolloutSpec.decode(document)
        guard var spec = decoded.value else {
            throw .invalid("the rollout has errors", errors: decoded.diagnostics)
        }
        if let group { spec.selector = try Self.joined(group.selector, spec.selector) }
        self.spec = spec
    }

    /// Without a plan: one agent, then a tenth, then all.
    private static let carefulPlan = Tree.Entry(
        "plan", .list(["1", "10%", "100%"].map { .table(["size": .text($0)]) }))

    /// `edge@7` for `edge@latest`; `nil` when there is nothing to pin.
    private static func pinned(_ target: Tree, _ call: FleetCall) async throws(APIProblem) -> Tree? {
        guard let text = target.text, text.hasSuffix("@latest") else { return nil }
        let name = text.dropLast("@latest".count)
        let short = name.hasPrefix("config/") ? name.dropFirst("config/".count) : name
        do throws(LibraryError) {
            let set = RevisionReference(String(short), 1).packageSet
            let latest =
                if let set {
                    try await call.context.packages.summary(set).latest
                } else {
                    try await call.context.library.configuration(String(short)).latest
                }
            var pinned = Tree.text("\(short)@\(latest)")
            pinned.position = target.position
            return pinned
        } catch {
            guard case .notFound = error else { throw APIProblem(error) }
            throw .invalid(
                "the rollout has errors",
                errors: [Diagnostic(at: target.position, path: ["target"], "\(error)")])
        }
    }

    private static func group(_ document: Tree, _ call: FleetCall) throws(APIProblem) -> FleetGroup? {
        guard let name = try document.string("group") else { return nil }
        guard let group = call.context.groups.group(name) else {
            throw .invalid(
                "the rollout has errors",
                errors: [
                    Diagnostic(
                        at: document["group"]?.position, path: ["group"], "there is no group '\(name)'")
                ])
        }
        return group.group
    }

    private static func joined(_ first: Selector, _ second: Selector) throws(APIProblem) -> Selector {
        let text = [first, second].map { $0.description }.filter { !$0.isEmpty }.joined(separator: ", ")
        do throws(SelectorError) {
            return try Selector(parsing: text)
        } catch {
            throw .invalid("the selector and that of the group cannot be joined: \(error)")
        }
    }
}
