import FleetModel
import FleetStore
import Logging
import OpAMP
import Pipeline
import PipelineTesting
import Settings
import Synchronization

@testable import Fleet

/// A library over a store in memory.
struct LibraryFixture {
    let store: FleetStore
    let clock = ManualClock()
    let groups: FleetGroups
    let values: FleetValues
    let secrets = Secrets()
    let inUse = InUse()
    let library: ConfigurationLibrary

    static let author = FleetUser(name: "token:ann", owner: "ann", token: "1", roles: [.editor])
    static let uid = InstanceUID(high: 7, low: 9)

    /// Secrets by name, as a test sets them.
    final class Secrets: SecretSource {
        private let texts = Mutex<[String: String]>([:])

        func set(_ name: String, _ text: String?) { texts.withLock { $0[name] = text } }

        func secret(_ name: String) throws(SecretFailure) -> String {
            guard let text = texts.withLock({ $0[name] }) else {
                throw SecretFailure("the secret '\(name)' is not there")
            }
            return text
        }

        func names() -> [String] { texts.withLock { $0.keys.sorted() } }
    }

    /// The configurations that agents ought to run.
    final class InUse: Sendable {
        private let names = Mutex<Set<String>>([])

        func insert(_ name: String) { names.withLock { _ = $0.insert(name) } }
        func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
    }

    init(_ store: FleetStore? = nil) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        if let store {
            self.store = store
        } else {
            let clock = clock
            self.store = try await FleetStore.open(
                .memory, replica: "a", logger: logger, clock: { clock.unixNanoseconds })
        }
        groups = try await FleetGroups.open(self.store, clock: clock, logger: logger)
        values = try await FleetValues.open(self.store, clock: clock, logger: logger)
        library = ConfigurationLibrary(
            store: self.store, groups: groups, values: values, secrets: secrets, clock: clock,
            isInUse: { [inUse] in inUse.contains($0) })
    }

    /// Adds a revision with a single file.
    @discardableResult
    func add(
        _ yaml: String, to name: String = "edge", _ change: (inout RevisionDraft) -> Void = { _ in }
    ) async throws -> AddedRevision {
        var draft = RevisionDraft(yaml: yaml)
        change(&draft)
        return try await library.add(draft, to: name, message: "why", by: Self.author)
    }

    /// Everything that is kept, as text.
    func everything() async throws -> String {
        var text = ""
        for kind in DocumentKind.allCases {
            for document in try await store.documents(kind, limit: 1000) {
                text += "\(kind) \(document.id) \(document.body.json())\n"
                for hash in document.body.json().split(separator: "\"").compactMap({ ContentHash(String($0)) }
                ) {
                    if let content = try await store.content(hash) {
                        text += String(decoding: content, as: UTF8.self)
                    }
                }
            }
        }
        for line in try await store.audit(limit: 1000) { text += line.line }
        return text
    }
}
