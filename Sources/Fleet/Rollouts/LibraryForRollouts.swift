public import FleetModel
public import OpAMP
internal import Settings

/// The configurations of the fleet, as rollouts need them.
public struct LibraryForRollouts: RolloutLibrary {
    private let library: ConfigurationLibrary
    private let subject: @Sendable (InstanceUID) -> TemplateSubject?
    private let builds: @Sendable ([InstanceUID]) async -> [AgentComponents]

    /// - Parameters:
    ///   - library: The configurations.
    ///   - subject: What templates see of an agent; `nil` for one that is not known.
    ///   - builds: The components of agents, each kind of build once.
    public init(
        _ library: ConfigurationLibrary, subject: @escaping @Sendable (InstanceUID) -> TemplateSubject?,
        builds: @escaping @Sendable ([InstanceUID]) async -> [AgentComponents] = { _ in [] }
    ) {
        self.library = library
        self.subject = subject
        self.builds = builds
    }

    public func render(
        _ revision: RevisionReference, for uid: InstanceUID
    ) async throws(RolloutServiceError) -> ContentHash {
        guard let subject = subject(uid) else { throw .notFound("agent \(uid) is not known any more") }
        do throws(LibraryError) { return try await library.render(revision, for: subject).hash } catch {
            throw RolloutServiceError(error)
        }
    }

    public func problems(
        of revision: RevisionReference, for uids: [InstanceUID]
    ) async throws(RolloutServiceError) -> [String] {
        do throws(LibraryError) {
            let draft = try await library.revision(revision).draft
            let findings = library.check(draft, for: await builds(uids))
            return findings.filter { $0.severity == .error }.map { "\(revision): \($0.diagnostic)" }
        } catch {
            throw RolloutServiceError(error)
        }
    }

    public func author(of revision: RevisionReference) async -> String? {
        do throws(LibraryError) { return try await library.revision(revision).owner } catch { return nil }
    }
}

extension RolloutServiceError {
    init(_ error: LibraryError) {
        switch error {
        case .notFound: self = .notFound("\(error)")
        case .conflict: self = .conflict("\(error)")
        case .store(let error): self.init(error)
        case .invalid, .full, .inUse, .variables, .secret: self = .invalid(["\(error)"])
        }
    }
}
