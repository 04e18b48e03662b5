internal import ArgumentParser
internal import Glibc
internal import Pipeline

/// `apus top`: a collector, live.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch pipelines, queues and troubles of a running collector.",
        discussion: """
            Once a second; q or Ctrl-C ends it. Where there is no terminal, or with --once, one frame is \
            printed. $NO_COLOR turns colours off.
            """)

    @OptionGroup var remote: RemoteOptions

    @Flag(help: "Print one frame and end.")
    var once = false

    func run() async throws {
        try await remote.run { client in
            let view = try await CollectorView(client)
            guard !once, isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1 else {
                var frame = TopFrame(view, address: "\(client.address)")
                frame.isLive = false
                for line in frame.lines(size: Terminal.size) { print(line.text) }
                return
            }
            await Self.watch(client, view)
        }
    }

    private static func watch(_ client: AdminClient, _ first: CollectorView) async {
        let signals = ProcessSignals()
        let terminal = Terminal()
        defer { terminal.restore() }
        let (moments, continuation) = AsyncStream.makeStream(
            of: Moment.self, bufferingPolicy: .bufferingNewest(4))
        let ticks = Task {
            while (try? await SystemClock().sleep(for: .seconds(1))) != nil { continuation.yield(.tick) }
        }
        let stops = Task { for await _ in signals.received { continuation.yield(.end) } }
        defer {
            ticks.cancel()
            stops.cancel()
        }
        terminal.whenKeyIsPressed { key in continuation.yield(key.endsIt ? .end : .key) }
        var frame = TopFrame(first, address: "\(client.address)")
        terminal.show(frame.lines(size: Terminal.size))
        for await moment in moments {
            switch moment {
            case .end: return
            case .key: break
            case .tick:
                do throws(RemoteFailure) {
                    frame = TopFrame(try await CollectorView(client), address: "\(client.address)")
                } catch {
                    frame.failure = error.shortText
                }
            }
            terminal.show(frame.lines(size: Terminal.size))
        }
    }

    /// What the picture is drawn again for.
    private enum Moment { case tick, key, end }
}

extension RemoteFailure {
    /// One line.
    fileprivate var shortText: String {
        switch self {
        case .unreachable(let message), .unexpected(let message): PlainText.line(message)
        case .refused(let answer): "the collector refuses: \(answer.tree.shown("detail"))"
        }
    }
}
