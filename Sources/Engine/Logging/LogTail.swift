internal import Synchronization

/// The last lines of the log, for whoever asks what has happened before.
///
/// Bounded: `byteLimit` bytes; the oldest lines go first.
final class LogTail: Sendable {
    static let byteLimit = 64 << 10

    private struct State {
        var lines: [String] = []
        var first = 0
        var bytes = 0
    }

    private let state = Mutex(State())

    /// The lines, oldest first, without their ends.
    var lines: [String] {
        state.withLock { state in
            state.lines[state.first...].map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
        }
    }

    func add(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            state.bytes += line.utf8.count
            while state.bytes > Self.byteLimit, state.first < state.lines.count {
                state.bytes -= state.lines[state.first].utf8.count
                state.lines[state.first] = ""
                state.first += 1
            }
            // Moving the rest forward now and then costs less than doing so for each line.
            if state.first > 1024 {
                state.lines.removeFirst(state.first)
                state.first = 0
            }
        }
    }
}
