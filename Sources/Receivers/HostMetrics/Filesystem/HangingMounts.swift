internal import Synchronization

/// Which file systems have been asked, and have not answered in time.
///
/// What hangs does so for the whole process, so that a receiver which a change puts in the place of another
/// does not leave more threads behind.
final class HangingMounts: Sendable {
    /// Those of the process.
    static let all = HangingMounts()

    /// How many of one server or device may hang before its others are left alone.
    private static let limitOfSource = 2
    /// How many on other machines may hang.
    private static let limit = 16

    /// One that was asked and has not answered yet; it has when nobody holds this any more.
    final class Question: Sendable {
        private let mounts: HangingMounts
        private let number: Int

        fileprivate init(_ mounts: HangingMounts, _ number: Int) {
            self.mounts = mounts
            self.number = number
        }

        /// Says that nobody waits for the answer any more.
        func leave() { mounts.state.withLock { _ = $0.late.insert(number) } }

        deinit {
            mounts.state.withLock { state in
                state.asked[number] = nil
                state.late.remove(number)
            }
        }
    }

    private struct Subject {
        let place: String
        let source: String
        let isRemote: Bool
    }

    private struct State {
        var lastNumber = 0
        var asked: [Int: Subject] = [:]
        var late: Set<Int> = []
    }

    private let state = Mutex(State())

    /// How many hang at the moment.
    var count: Int { state.withLock { $0.late.count } }

    /// Why a file system must not be asked now; `nil` where it may be.
    func obstacle(_ mount: Mount, at place: String) -> String? {
        let late = state.withLock { state in state.late.compactMap { state.asked[$0] } }
        guard !late.contains(where: { $0.place == place }) else { return "still does not answer" }
        let others = late.count { $0.source == mount.source }
        if others >= Self.limitOfSource {
            return "is not asked, because \(others) others of \(mount.source) do not answer"
        }
        let remote = late.count { $0.isRemote }
        return mount.isRemote && remote >= Self.limit
            ? "is not asked, because \(remote) on other machines do not answer" : nil
    }

    /// Takes note of a question, before it is asked.
    func ask(_ mount: Mount, at place: String) -> Question {
        let subject = Subject(place: place, source: mount.source, isRemote: mount.isRemote)
        let number = state.withLock { state in
            state.lastNumber += 1
            state.asked[state.lastNumber] = subject
            return state.lastNumber
        }
        return Question(self, number)
    }
}
