public import FleetModel
internal import FleetStore
public import Settings
internal import Synchronization

/// Which rollouts need the yes of a second person, and who that may be.
public struct SeparationOfDuties: Sendable, Hashable {
    /// Rollouts that can reach one of these agents need a yes; `nil` is none.
    public var approvalSelector: Selector?
    /// Rollouts to at least so many agents need a yes; `nil` is none.
    public var approvalSize: Int?
    /// Whether whoever wrote the revision may not say yes to it.
    public var authorMayNotApprove = true
    /// Whether an admin may go on without a yes in an emergency, which is told loudly and audited.
    ///
    /// Somebody has to switch it on beforehand.
    public var allowsBreakGlass = false

    public init() {}

    /// Why somebody may not say yes; `nil` when they may.
    ///
    /// - Parameters:
    ///   - user: Who wants to.
    ///   - starter: The owner of who started the rollout.
    ///   - author: The owner of who wrote the revision.
    /// - Returns: One sentence.
    public func objection(to user: FleetUser, starter: String, author: String) -> String? {
        guard user.permissions.contains(.approveRollouts) else { return "needs the role approver" }
        if user.owner == starter { return "\(user.owner) started the rollout; another person has to approve" }
        if authorMayNotApprove, user.owner == author {
            return "\(user.owner) wrote the revision; another person has to approve"
        }
        return nil
    }

    /// Whether a rollout needs a yes.
    ///
    /// - Parameter labels: The labels of each agent it can reach.
    /// - Returns: `true` when somebody has to say yes.
    public func needsApproval(_ labels: some Collection<[String: String]>) -> Bool {
        if let approvalSize, labels.count >= approvalSize { return true }
        guard let approvalSelector else { return false }
        return labels.contains { approvalSelector.matches($0) }
    }

    /// As JSON.
    public var tree: Tree {
        .table([
            "approval_selector": approvalSelector.map { .text($0.description) } ?? .null,
            "approval_size": approvalSize.map { .number($0) } ?? .null,
            "author_may_not_approve": .bool(authorMayNotApprove),
            "allow_break_glass": .bool(allowsBreakGlass),
        ])
    }

    /// Reads what `tree` wrote; every mistake is told with its place.
    public init(tree: Tree) throws(InvalidSettings) {
        let decoded = Written.decode(tree)
        guard let written = decoded.value else { throw InvalidSettings(decoded.diagnostics) }
        if let text = written.selector {
            do throws(SelectorError) { approvalSelector = try Selector(parsing: text) } catch {
                throw InvalidSettings([
                    Diagnostic(
                        at: tree["approval_selector"]?.position, path: ["approval_selector"],
                        error.description)
                ])
            }
        }
        approvalSize = written.size
        authorMayNotApprove = written.authorMayNotApprove
        allowsBreakGlass = written.allowsBreakGlass
    }

    private struct Written: SettingGroup {
        var selector: String?
        var size: Int?
        var authorMayNotApprove = true
        var allowsBreakGlass = false

        init() {}

        static var fields: [Field<Written>] {
            [
                Field(
                    "approval_selector", \.selector,
                    "Rollouts that can reach one of these agents need a yes."),
                Field(
                    "approval_size", \.size, "Rollouts to at least so many agents need a yes.",
                    check: { $0.map { $0 < 1 } == true ? "must be at least 1" : nil }),
                Field(
                    "author_may_not_approve", \.authorMayNotApprove,
                    "Whether whoever wrote the revision may not say yes to it."),
                Field(
                    "allow_break_glass", \.allowsBreakGlass,
                    "Whether an admin may go on without a yes in an emergency, which is told loudly."),
            ]
        }
    }
}

/// Keeps `SeparationOfDuties` as one document.
final class DutySettings: Sendable {
    private static let id = "separation-of-duties"

    private let store: FleetStore
    private let known = Mutex<(settings: SeparationOfDuties, version: Int64)>((SeparationOfDuties(), 0))

    init(_ store: FleetStore) { self.store = store }

    var current: (settings: SeparationOfDuties, version: Int64) { known.withLock { $0 } }

    func load() async throws(StoreError) {
        guard let document = try await store.document(.setting, Self.id) else { return }
        do throws(InvalidSettings) {
            let settings = try SeparationOfDuties(tree: document.body)
            known.withLock { $0 = (settings, document.version) }
        } catch {
            throw .damaged("setting '\(Self.id)': \(error)")
        }
    }

    func note(_ change: StoreChange) async throws(StoreError) {
        guard change == .everything || change == .document(.setting, Self.id) else { return }
        try await load()
    }

    func put(_ settings: SeparationOfDuties, over version: Int64?) async throws(AccessError) -> Int64 {
        do throws(StoreError) {
            let stored = try await store.write([
                .put(.setting, Self.id, settings.tree, expecting: .over(version))
            ])
            let new = stored.first?.version ?? 0
            known.withLock { $0 = (settings, new) }
            return new
        } catch {
            throw AccessError(error, "the separation of duties")
        }
    }
}
