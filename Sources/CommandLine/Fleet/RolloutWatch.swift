internal import ArgumentParser
internal import Glibc
internal import Pipeline
internal import Settings

/// Shows how a rollout goes until it is over: a picture on a terminal, lines elsewhere.
struct RolloutWatch {
    /// For how many seconds in a row a manager that does not answer is asked again; it may be starting anew.
    private static let patience = 120

    private let client: AdminClient
    private let path: AdminPath
    private let options: WatchOptions

    init(_ client: AdminClient, _ id: String, _ options: WatchOptions) {
        self.client = client
        path = AdminPath("/v1/rollouts", [id])
        self.options = options
    }

    /// Returns when the rollout has succeeded.
    ///
    /// - Throws: The exit code for every other end, and what keeps it from being watched.
    func run() async throws {
        let first = try await client.get(path).tree
        let isPicture = !options.lines && isatty(STDOUT_FILENO) == 1
        var shown = isPicture ? RolloutPicture() : nil
        var told = RolloutLines()
        try await follow(first) { rollout, failure in
            if shown != nil {
                var frame = RolloutFrame(rollout)
                frame.failure = failure
                shown?.draw(frame.lines(columns: max(Terminal.size.columns - 1, 20)))
            } else {
                for line in told.news(rollout, failure) { print(line) }
                fflush(nil)
            }
        }
    }

    /// The same without showing anything.
    func runQuietly() async throws { try await follow(try await client.get(path).tree) { _, _ in } }

    private func follow(_ first: Tree, _ show: (Tree, String?) -> Void) async throws {
        var rollout = first
        var silence = 0
        show(rollout, nil)
        while try !hasSucceeded(rollout) {
            try await SystemClock().sleep(for: .seconds(1))
            do throws(RemoteFailure) {
                rollout = try await client.get(path).tree
                silence = 0
                show(rollout, nil)
            } catch {
                guard case .unreachable(let message) = error, silence < Self.patience else { throw error }
                silence += 1
                show(rollout, "\(PlainText.line(message)); trying again")
            }
        }
    }

    /// - Throws: The exit code of a rollout that ended otherwise, or that waits when that is an end, too.
    private func hasSucceeded(_ rollout: Tree) throws -> Bool {
        let state = rollout.shown("state")
        if RolloutText.isOver(state) {
            guard state == "succeeded" else { throw ExitCode(ExitCodes.failure) }
            return true
        }
        if options.untilDecision, RolloutText.waitsForPerson(state) { throw ExitCode(ExitCodes.undecided) }
        return false
    }
}

/// What has been told of a rollout in lines.
struct RolloutLines {
    private var state = ""
    private var last = ""
    private var count = 0
    private var failure: String?

    init() {}

    /// The lines to add for what is new.
    mutating func news(_ rollout: Tree, _ failure: String?) -> [String] {
        if let failure {
            defer { self.failure = failure }
            return self.failure == nil ? [failure] : []
        }
        self.failure = nil
        var lines: [String] = []
        let events = rollout.elements("events")
        // Events have no numbers; those after the last one that was told are new.
        let told = events.lastIndex { RolloutText.event($0) == last }.map { $0 + 1 } ?? 0
        for event in events[told...] { lines.append(RolloutText.event(event)) }
        last = events.last.map { RolloutText.event($0) } ?? last
        let state = rollout.shown("state")
        if state != self.state {
            self.state = state
            let counts = FleetText.counts(rollout["phases"])
            lines.append(
                "rollout \(rollout.shown("id")) is \(FleetText.words(state))"
                    + (counts.isEmpty ? "" : " (\(counts))"))
        }
        return lines
    }
}

/// A picture that is drawn over itself, below what the terminal showed before.
struct RolloutPicture {
    private var height = 0
    private let hasColours: Bool

    init(hasColours: Bool = getenv("NO_COLOR") == nil) { self.hasColours = hasColours }

    mutating func draw(_ lines: [TopFrame.Line]) {
        print(text(lines, rows: Terminal.size.rows), terminator: "")
        fflush(nil)
    }

    /// What draws the lines over those of the last call, on a screen of `rows` lines.
    mutating func text(_ lines: [TopFrame.Line], rows: Int) -> String {
        // A picture higher than the screen could not be drawn over.
        let lines = lines.prefix(max(rows - 1, 5))
        var text = height > 0 ? "\u{1B}[\(height)A" : ""
        for line in lines { text += line.styled(hasColours: hasColours) + "\u{1B}[K\n" }
        height = lines.count
        return text + "\u{1B}[J"
    }
}

extension ExitCodes {
    /// A rollout that was watched waits for a person.
    static let undecided: Int32 = 5
}
