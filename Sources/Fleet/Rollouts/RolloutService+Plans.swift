internal import FleetStore
public import Rollouts
internal import Settings

/// Named plans.
extension RolloutService {
    /// The most plans there may be.
    public static let maximumPlans = 1000

    /// A plan as it is kept.
    public struct NamedPlan: Sendable {
        public let name: String
        public let plan: RolloutPlan
        /// For `ETag`; grows with each change.
        public let version: Int64
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        public let updated: UInt64
    }

    /// All plans by name.
    public func plans() async throws(RolloutServiceError) -> [NamedPlan] {
        do throws(StoreError) {
            return try await parts.store.documents(
                .plan, prefix: "", after: nil, limit: Self.maximumPlans
            ).compactMap { Self.named($0) }
        } catch {
            throw RolloutServiceError(error)
        }
    }

    /// A plan; throws `.notFound` when there is none of that name.
    public func namedPlan(_ name: String) async throws(RolloutServiceError) -> NamedPlan {
        let document: StoredDocument?
        do throws(StoreError) { document = try await parts.store.document(.plan, name) } catch {
            throw RolloutServiceError(error)
        }
        guard let found = document.flatMap({ Self.named($0) }) else {
            throw .notFound("there is no plan '\(name)'")
        }
        return found
    }

    func plan(_ name: String) async throws(RolloutServiceError) -> RolloutPlan {
        try await namedPlan(name).plan
    }

    /// Makes a plan or replaces it; rollouts that have begun keep what they began with.
    ///
    /// - Parameters:
    ///   - name: Letters, digits, `.`, `_` and `-`, at most 128.
    ///   - plan: The stages.
    ///   - version: The version that is replaced; 0 for a new plan, `nil` for whatever there is.
    ///   - actor: Who does it.
    /// - Returns: The plan as it is kept.
    /// - Throws: `.invalid`, or `.conflict` for another version.
    public func putPlan(
        _ name: String, _ plan: RolloutPlan, over version: Int64?, by actor: RolloutActor
    ) async throws(RolloutServiceError) -> NamedPlan {
        let isName = !name.isEmpty && name.utf8.count <= 128 && name.utf8.allSatisfy { Self.isNameByte($0) }
        guard isName else {
            throw .invalid(["'\(name)' is no name of a plan: letters, digits and ._- only, up to 128"])
        }
        do throws(StoreError) {
            let stored = try await parts.store.write([
                .put(
                    .plan, name, PlanDocument(spec: plan.tree(.revealed) ?? .empty).body,
                    expecting: .over(version))
            ])
            parts.events.note(.planChanged, name, "the plan '\(name)' has been changed", actor: actor.name)
            guard let found = stored.first.flatMap({ Self.named($0) }) else {
                throw StoreError.damaged("plan '\(name)'")
            }
            return found
        } catch {
            throw RolloutServiceError(error)
        }
    }

    /// Deletes a plan; throws `.notFound` when there is none.
    public func deletePlan(
        _ name: String, version: Int64?, by actor: RolloutActor
    ) async throws(RolloutServiceError) {
        _ = try await namedPlan(name)
        do throws(StoreError) {
            _ = try await parts.store.write([.delete(.plan, name, expecting: .over(version))])
        } catch {
            throw RolloutServiceError(error)
        }
        parts.events.note(.planChanged, name, "the plan '\(name)' has been deleted", actor: actor.name)
    }

    private static func named(_ document: StoredDocument) -> NamedPlan? {
        RolloutPlan.decode(document.body["spec"] ?? .empty).value.map {
            NamedPlan(name: document.id, plan: $0, version: document.version, updated: document.updated)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._-".utf8.contains(byte)
        }
    }
}
