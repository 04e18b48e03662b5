import Settings
import Testing

@testable import Control

@Suite struct BootRuleTests {
    private func revision(
        _ number: Int, sources: [String] = ["a.yaml"], isLayered: Bool = true
    ) throws -> StoredRevision {
        StoredRevision(
            number: number, time: 0, origin: ChangeOrigin(isLayered ? .api : .commandLine, actor: ""),
            sources: sources, base: nil, isLayered: isLayered, document: try tree("a: \(number)"))
    }

    private func rule(
        _ revisions: [StoredRevision], sources: [String] = ["a.yaml"], isNamed: Bool = true
    ) -> BootRule {
        BootRule(
            sources: sources, isNamed: isNamed,
            revisions: Dictionary(revisions.map { ($0.number, $0) }) { first, _ in first })
    }

    /// A history in which these were confirmed one after the other.
    private func history(confirming numbers: Int...) -> RevisionHistory {
        var history = RevisionHistory()
        for number in numbers {
            history.propose(number, reason: nil)
            history.activate(number, within: nil)
        }
        return history
    }

    private func kinds(_ rule: BootRule, _ history: RevisionHistory) -> [BootRule.Choice.Kind] {
        rule.choices(history).map { $0.kind }
    }

    @Test func `without a history the sources are used`() {
        #expect(kinds(rule([], isNamed: false), RevisionHistory()) == [.sources])
        #expect(kinds(rule([]), RevisionHistory()) == [.sources, .idle])
        #expect(kinds(rule([], sources: []), RevisionHistory()) == [.idle])
        #expect(kinds(rule([], sources: [], isNamed: false), RevisionHistory()) == [])
    }

    @Test func `a revision that was confirmed over the API wins over its sources`() throws {
        let rule = rule([try revision(1)], isNamed: false)
        #expect(kinds(rule, history(confirming: 1)) == [.revision(1)])
    }

    @Test func `other sources on the command line win over it`() throws {
        let rule = rule([try revision(1)], sources: ["b.yaml"])
        #expect(kinds(rule, history(confirming: 1)) == [.sources, .idle])
    }

    @Test func `a revision that came from the sources is what they say now, or what they said`() throws {
        let revisions = [try revision(1, isLayered: false)]
        #expect(kinds(rule(revisions), history(confirming: 1)) == [.sources, .revision(1), .idle])
        #expect(kinds(rule(revisions, isNamed: false), history(confirming: 1)) == [.sources])
    }

    @Test func `without sources the confirmed revision runs`() throws {
        let rule = rule([try revision(1)], sources: [])
        #expect(kinds(rule, history(confirming: 1)) == [.revision(1), .idle])
    }

    @Test func `what was not confirmed is taken back after a crash`() throws {
        let rule = rule([try revision(1), try revision(2)])
        var history = history(confirming: 1)
        history.propose(2, reason: nil)
        history.activate(2, within: .seconds(60))
        let notes = rule.settle(&history)
        #expect(notes.count == 1)
        #expect(history.statuses[2] == .rolledBack)
        #expect(kinds(rule, history).first == .revision(1))
    }

    @Test func `what was not confirmed goes on waiting after a stop`() throws {
        let rule = rule([try revision(1), try revision(2)])
        var history = history(confirming: 1)
        history.propose(2, reason: nil)
        history.activate(2, within: .seconds(60))
        history.pending?.elapsed = .seconds(20)
        history.run?.isClean = true
        #expect(rule.settle(&history).isEmpty)
        #expect(history.pending == .init(number: 2, within: .seconds(60), elapsed: .seconds(20)))
        #expect(kinds(rule, history).first == .revision(2))
    }

    @Test func `a revision whose application was interrupted has failed`() throws {
        let rule = rule([try revision(1), try revision(2)])
        var history = history(confirming: 1)
        history.propose(2, reason: nil)
        #expect(rule.settle(&history).count == 1)
        #expect(history.statuses[2] == .failed)
        #expect(kinds(rule, history).first == .revision(1))
    }

    @Test func `a revision that ends the process three times has failed`() throws {
        let rule = rule([try revision(1), try revision(2)])
        var history = history(confirming: 1, 2)
        for _ in 1..<RevisionHistory.allowedExits {
            #expect(rule.settle(&history).isEmpty)
            #expect(kinds(rule, history).first == .revision(2))
        }
        #expect(rule.settle(&history).count == 1)
        #expect(history.statuses[2] == .failed && history.confirmed == 1)
        #expect(kinds(rule, history).first == .revision(1))
        #expect(rule.hasFailed(RevisionID(of: try tree("a: 2")), history))
        #expect(!rule.hasFailed(RevisionID(of: try tree("a: 3")), history))
    }

    @Test func `exits long after the start do not count`() throws {
        let rule = rule([try revision(1), try revision(2)])
        var history = history(confirming: 1, 2)
        for _ in 0..<5 {
            history.run?.isStable = true
            #expect(rule.settle(&history).isEmpty)
        }
        #expect(history.confirmed == 2)
    }

    @Test func `where nobody relies on the state directory, files are tried again and again`() throws {
        let rule = rule(
            [try revision(1, isLayered: false), try revision(2, isLayered: false)], isNamed: false)
        var history = history(confirming: 1, 2)
        for _ in 0..<5 { #expect(rule.settle(&history).isEmpty) }
        #expect(kinds(rule, history) == [.sources])
    }
}
