public import FleetModel
public import OpAMP
internal import Settings

/// The configurations of the fleet, as rollouts need them.
public struct LibraryForRollouts: RolloutLibrary {
    private let library: ConfigurationLibrary
    private let subjects: @Sendable ([InstanceUID], Set<String>) -> [TemplateSubject]
    private let builds: @Sendable ([InstanceUID]) async -> [AgentComponents]

    /// - Parameters:
    ///   - library: The configurations.
    ///   - subjects: What templates see of agents, of attributes those of these names; agents that are not
    ///     known are left out.
    ///   - builds: The components of agents, each kind of build once.
    public init(
        _ library: ConfigurationLibrary,
        subjects: @escaping @Sendable ([InstanceUID], Set<String>) -> [TemplateSubject],
        builds: @escaping @Sendable ([InstanceUID]) async -> [AgentComponents] = { _ in [] }
    ) {
        self.library = library
        self.subjects = subjects
        self.builds = builds
    }

    public func render(
        _ revision: RevisionReference, for uids: [InstanceUID]
    ) async throws(RolloutServiceError) -> [RenderedAgent] {
        do throws(LibraryError) {
            let sources = Set(try await library.revision(revision).draft.variables.values.map(\.source))
            let subjects = subjects(uids, sources)
            let hashes = try await library.render(revision, for: subjects)
            let rendered = zip(subjects, hashes).map { subject, hash in
                RenderedAgent(uid: subject.uid, hash: hash.mapError { RolloutServiceError($0) })
            }
            guard rendered.count < uids.count else { return rendered }
            let known = Set(subjects.map(\.uid))
            return rendered
                + uids.filter { !known.contains($0) }.map { uid in
                    RenderedAgent(
                        uid: uid, hash: .failure(.notFound("agent \(uid) is not known any more")))
                }
        } catch {
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
