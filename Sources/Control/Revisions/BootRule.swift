/// Decides what a process starts with, from what the last one left behind.
///
/// - A revision that waited for its confirmation goes on waiting after a proper stop; after any other end the
///   confirmed one takes its place.
/// - A revision that ended the process `RevisionHistory.allowedExits` times soon after its start has failed;
///   the one that was confirmed before takes its place.
/// - A confirmed revision that came over the API or from the fleet wins over the sources it was made for,
///   until the sources are read again on purpose. Other sources on the command line win over it.
/// - A confirmed revision that came from the sources is what they say now.
/// - Where the state directory was named, a source that cannot be used is no end: the last confirmed revision
///   made for these sources starts, and without one an empty configuration, so that the admin API can be
///   reached.
struct BootRule {
    /// One thing to start with, and why.
    struct Choice: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            case revision(Int)
            case sources
            case idle
        }

        let kind: Kind
        let reason: String
    }

    /// The sources and options of the command line; empty when there are none.
    let sources: [String]
    /// Whether the state directory was named by somebody who relies on it.
    let isNamed: Bool
    let revisions: [Int: StoredRevision]

    /// Settles what the last process left open; tells what has been done.
    func settle(_ history: inout RevisionHistory) -> [String] {
        var notes: [String] = []
        for (number, status) in history.statuses.sorted(by: { $0.key < $1.key }) where status == .candidate {
            history.fail(number, because: "the process ended while it was being applied")
            notes.append("\(name(number)) was being applied when the process ended; it is not used")
        }
        guard var run = history.run, !run.isClean else { return notes }
        if let pending = history.pending {
            history.takeBack(pending.number, because: "the process ended before it was confirmed")
            notes.append("\(name(pending.number)) was not confirmed when the process ended; it is taken back")
            history.run = nil
            return notes
        }
        run.uncleanExits = run.isStable ? 0 : run.uncleanExits + 1
        history.run = run
        guard run.uncleanExits >= RevisionHistory.allowedExits, history.confirmed == run.number,
            fallback(from: run.number, history) != nil
        else { return notes }
        let times = "\(run.uncleanExits) times within \(RevisionHistory.settlingTime.components.seconds) s"
        history.crash(run.number, because: "the process ended \(times) of its start")
        notes.append("\(name(run.number)) has ended the process \(times) of its start; it is taken back")
        return notes
    }

    /// The revision to start instead of one that ends the process.
    private func fallback(from number: Int, _ history: RevisionHistory) -> Int? {
        guard let failing = revisions[number], isNamed || failing.isLayered else { return nil }
        let last = history.confirmedBefore.last
        return last.flatMap { revisions[$0] }.flatMap { $0.sources == failing.sources ? $0.number : nil }
    }

    /// What to try, in this order, after `settle`.
    func choices(_ history: RevisionHistory) -> [Choice] {
        var choices = [first(history)].compactMap { $0 }
        guard isNamed else { return choices }
        if let number = history.confirmed, let revision = revisions[number],
            sources.isEmpty || revision.sources == sources
        {
            let choice = Choice(kind: .revision(number), reason: "it was confirmed last")
            if !choices.contains(where: { $0.kind == choice.kind }) { choices.append(choice) }
        }
        if !sources.isEmpty, !choices.contains(where: { $0.kind == .sources }) {
            choices.append(Choice(kind: .sources, reason: "nothing else can be started"))
        }
        return choices + [Choice(kind: .idle, reason: "there is no configuration that can be started")]
    }

    private func first(_ history: RevisionHistory) -> Choice? {
        if let pending = history.pending, let revision = revisions[pending.number], fits(revision) {
            let left = (pending.within - pending.elapsed).milliseconds / 1000
            return Choice(
                kind: .revision(pending.number), reason: "it waits to be confirmed, for \(left) more seconds")
        }
        if let number = history.confirmed, let revision = revisions[number], fits(revision) {
            if sources.isEmpty {
                return Choice(kind: .revision(number), reason: "it was confirmed last")
            }
            if revision.isLayered {
                return Choice(
                    kind: .revision(number),
                    reason:
                        "it was confirmed over the \(revision.origin.channel.rawValue) for these sources; "
                        + "SIGHUP reads the sources again")
            }
        }
        guard !sources.isEmpty else { return nil }
        return Choice(kind: .sources, reason: "the command line names them")
    }

    private func fits(_ revision: StoredRevision) -> Bool {
        revision.sources == sources || sources.isEmpty && isNamed
    }

    /// Whether what the sources say must not be started, because it has ended the process before.
    func hasFailed(_ id: RevisionID, _ history: RevisionHistory) -> Bool {
        guard isNamed, let crashed = history.crashed, history.confirmed != nil else { return false }
        return revisions[crashed]?.id == id
    }

    private func name(_ number: Int) -> String {
        "revision \(revisions[number].map { "\($0.id)" } ?? "number \(number)")"
    }
}
