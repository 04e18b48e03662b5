internal import Delivery
internal import Settings

/// The revisions on disk: one file each, and beside them the history, in two files that are written in turn.
///
/// Documents never change; every step of the history is one atomic write. So whenever a process ends, the
/// next one finds the step before or the step after. What is damaged is left alone and reported.
struct RevisionStore: Sendable {
    /// Revisions that are kept, in addition to those that are in use.
    static let usualCount = 20

    /// What could not be read, one sentence for each file.
    private(set) var damages: [String] = []
    private(set) var history = RevisionHistory()
    private(set) var revisions: [Int: StoredRevision] = [:]
    /// `nil` for a store in memory, which ends with the process.
    private let file: AtomicFile?
    private let kept: Int
    private var sequence = 0

    /// Opens the store below a state directory, making it when it is missing.
    init(
        in stateDirectory: String, keeping kept: Int = usualCount,
        before: @escaping @Sendable (AtomicFile.Step, String) throws(StateFailure) -> Void = { _, _ in }
    ) throws(StateFailure) {
        let directory = "\(stateDirectory)/revisions"
        do throws(FileError) { try Directory.make(directory, permissions: 0o700) } catch {
            throw StateFailure("\(error)")
        }
        var file = AtomicFile(directory: directory)
        file.before = before
        self.file = file
        self.kept = max(kept, 1)
        try load()
    }

    /// A store in memory, for a process that has no state directory.
    init(keeping kept: Int = usualCount) {
        file = nil
        self.kept = max(kept, 1)
    }

    /// Whether what is kept outlives the process.
    var isDurable: Bool { file != nil }

    private mutating func load() throws(StateFailure) {
        guard let file else { return }
        var highest = 0
        for name in try file.names() where name.hasSuffix(".revision") {
            let number = Int(name.dropLast(".revision".count)) ?? 0
            highest = max(highest, number)
            do throws(StateFailure) {
                guard let text = try file.read(name) else { continue }
                let revision = try StoredRevision(text: text)
                revisions[revision.number] = revision
            } catch {
                damages.append("the revision \(file.directory)/\(name) is damaged and left out: \(error)")
            }
        }
        for name in Self.historyNames {
            do throws(StateFailure) {
                guard let text = try file.read(name) else { continue }
                let (found, number) = try RevisionHistory.read(text)
                if number > sequence { (history, sequence) = (found, number) }
            } catch {
                damages.append(
                    "\(file.directory)/\(name) is damaged and left out: \(error); the step before counts")
            }
        }
        history.keep(Set(revisions.keys))
        // A file that is not in the history was written when the process ended; its number stays taken.
        numberBound = max(history.lastNumber, highest)
    }

    private static let historyNames = ["history.0", "history.1"]
    private var numberBound = 0

    /// The number that a new revision gets.
    var nextNumber: Int { max(numberBound, history.lastNumber) + 1 }

    /// Writes the document of a new revision, and then that it is about to be started.
    mutating func propose(_ revision: StoredRevision, reason: String?) throws(StateFailure) {
        try file?.write(revision.text, to: Self.name(of: revision.number))
        revisions[revision.number] = revision
        numberBound = max(numberBound, revision.number)
        try update { $0.propose(revision.number, reason: reason) }
    }

    /// Takes a step of the history and writes it; without that, the step is not taken.
    mutating func update(_ step: (inout RevisionHistory) -> Void) throws(StateFailure) {
        var next = history
        step(&next)
        guard next != history else { return }
        try file?.write(next.text(sequence: sequence + 1), to: Self.historyNames[(sequence + 1) % 2])
        sequence += 1
        history = next
    }

    /// Takes a step of the history without writing it.
    mutating func remember(_ step: (inout RevisionHistory) -> Void) { step(&history) }

    /// Takes a new revision without writing it.
    mutating func remember(_ revision: StoredRevision, reason: String?) {
        revisions[revision.number] = revision
        numberBound = max(numberBound, revision.number)
        history.propose(revision.number, reason: reason)
    }

    /// Removes what is neither new enough nor in use.
    mutating func prune() throws(StateFailure) {
        var wanted = Set(revisions.keys.sorted().suffix(kept))
        let used = [
            history.active, history.confirmed, history.pending?.number, history.lastFailed,
            history.confirmedBefore.last, history.crashed,
        ]
        wanted.formUnion(used.compactMap { $0 })
        let old = revisions.keys.filter { !wanted.contains($0) }
        guard !old.isEmpty else { return }
        try update { $0.keep(wanted) }
        for number in old.sorted() {
            try file?.remove(Self.name(of: number))
            revisions[number] = nil
        }
    }

    /// The newest revision called `id`.
    func revision(_ id: RevisionID) -> StoredRevision? {
        revisions.values.filter { $0.id == id }.max { $0.number < $1.number }
    }

    /// What others see of a revision.
    func summary(of revision: StoredRevision) -> Revision {
        Revision(
            id: revision.id, number: revision.number, time: revision.time, origin: revision.origin,
            status: history.statuses[revision.number] ?? .superseded,
            reason: history.reasons[revision.number])
    }

    private static func name(of number: Int) -> String { "\(number).revision" }
}
