import Foundation
import Settings
import Synchronization
import Testing

@testable import Control

@Suite struct RevisionStoreTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func revision(_ number: Int, _ text: String, isLayered: Bool = true) throws -> StoredRevision {
        StoredRevision(
            number: number, time: 7, origin: ChangeOrigin(.api, actor: "alice", address: "a"),
            sources: ["agent.yaml"], base: RevisionID("base"), isLayered: isLayered,
            document: try tree(text))
    }

    /// Applies one more revision and confirms it.
    private func confirm(_ text: String, in store: inout RevisionStore) throws {
        let revision = try revision(store.nextNumber, text)
        try store.propose(revision, reason: "why")
        try store.update { $0.activate(revision.number, within: nil) }
        try store.prune()
    }

    @Test func `a revision comes back as it was`() throws {
        var store = try RevisionStore(in: scratch.path)
        let text = "a: {b: '0123', c: \"x: #\\n${env:A}\", d: [1, null, {e: 1.5}], f: }"
        try confirm(text, in: &store)
        let again = try RevisionStore(in: scratch.path)
        let found = try #require(again.revisions[1])
        #expect(found.document == (try tree(text)))
        #expect(found.id == RevisionID(of: try tree(text)))
        #expect(found.origin == ChangeOrigin(.api, actor: "alice", address: "a"))
        #expect(found.sources == ["agent.yaml"] && found.isLayered && found.base == RevisionID("base"))
        #expect(again.history == store.history)
        #expect(again.summary(of: found).status == .confirmed)
        #expect(again.summary(of: found).reason == "why")
    }

    @Test func `only its owner can read it`() throws {
        var store = try RevisionStore(in: scratch.path)
        try confirm("a: 1", in: &store)
        for name in ["revisions", "revisions/1.revision", "revisions/history.1"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == (name == "revisions" ? 0o700 : 0o600))
        }
    }

    @Test func `the last ones and those in use are kept`() throws {
        var store = try RevisionStore(in: scratch.path, keeping: 3)
        try confirm("a: 0", in: &store)
        for number in 1...6 {
            let next = try revision(store.nextNumber, "a: \(number)")
            try store.propose(next, reason: nil)
            try store.update { $0.fail(next.number, because: "no") }
            try store.prune()
        }
        #expect(store.revisions.keys.sorted() == [1, 5, 6, 7])
        #expect(try RevisionStore(in: scratch.path).revisions.keys.sorted() == [1, 5, 6, 7])
        #expect(store.history.confirmed == 1)
    }

    @Test func `a damaged file is left out and reported`() throws {
        var store = try RevisionStore(in: scratch.path)
        try confirm("a: 1", in: &store)
        try confirm("a: 2", in: &store)
        let text = try scratch.read("revisions/2.revision")
        try scratch.write(text.replacing("a: 2", with: "a: 3"), to: "revisions/2.revision")
        let again = try RevisionStore(in: scratch.path)
        #expect(again.damages.count == 1)
        #expect(again.revisions.keys.sorted() == [1])
        #expect(again.history.confirmed == nil && again.history.confirmedBefore == [1])
        #expect(again.nextNumber == 3)
    }

    @Test(arguments: ["", "x", "0\n{}", "\n"])
    func `when the history is damaged the step before counts`(_ garbage: String) throws {
        var store = try RevisionStore(in: scratch.path)
        try confirm("a: 1", in: &store)
        try confirm("a: 2", in: &store)
        // The last step was the fourth, and they are written in turn.
        try scratch.write(garbage, to: "revisions/history.0")
        let again = try RevisionStore(in: scratch.path)
        #expect(again.damages.count == 1)
        #expect(again.history.confirmed == 1)
        #expect(again.history.statuses[2] == .candidate)
    }

    @Test func `whenever the process ends, the next one has a confirmed revision or the one before`() throws {
        let steps = Mutex(0)
        _ = try life(endingAfter: .max, counting: steps, in: scratch.path)
        let count = steps.withLock { $0 }
        #expect(count > 20)
        for end in 0..<count {
            let directory = try Scratch()
            let confirmed = try life(endingAfter: end, counting: Mutex(0), in: directory.path)
            let again = try RevisionStore(in: directory.path)
            #expect(again.damages.isEmpty)
            let present = again.history.confirmed.flatMap { again.revisions[$0] }?.document.json()
            // What was confirmed last, or what was about to be when the process ended.
            let next = confirmed.map { ["{\"a\":\($0)}", "{\"a\":\($0 + 1)}"] } ?? [nil, "{\"a\":0}"]
            #expect(next.contains(present), "after \(end) steps: \(present ?? "none")")
        }
    }

    /// Confirms three revisions, but the process ends before one of the steps; gives the last confirmed one.
    private func life(endingAfter end: Int, counting steps: borrowing Mutex<Int>, in path: String) throws
        -> Int?
    {
        let counter = StepCounter()
        var confirmed: Int?
        do {
            var store = try RevisionStore(in: path, keeping: 1) { (step, name) throws(StateFailure) in
                if counter.next() > end { throw StateFailure("the process has ended") }
            }
            for number in 0..<3 {
                try confirm("a: \(number)", in: &store)
                confirmed = number
            }
        } catch is StateFailure {}
        steps.withLock { $0 = counter.count }
        return confirmed
    }
}

/// Counts the steps of a store.
private final class StepCounter: Sendable {
    private let state = Mutex(0)
    var count: Int { state.withLock { $0 } }
    func next() -> Int {
        state.withLock {
            $0 += 1
            return $0
        }
    }
}
