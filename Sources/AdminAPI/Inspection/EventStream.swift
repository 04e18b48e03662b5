internal import Engine
internal import Pipeline
internal import Settings
internal import Synchronization
internal import Transport
internal import Wire

/// Sends events to a client as `text/event-stream`.
///
/// A client that takes nothing for so long that `ResponseStream.defaultBound` bytes wait for it is let go; it
/// comes back with the id of the last event that it has, and misses nothing that is still remembered.
struct EventStream: Sendable {
    static let type = "text/event-stream"
    /// How often something is sent when nothing happens, so that neither end takes the other for gone.
    static let heartbeat = Duration.seconds(15)

    let clock: any PipelineClock

    /// Returns when the client is gone, too slow, or the task is cancelled.
    func send(_ events: some AsyncSequence<Event, Never> & Sendable, to output: ResponseStream) async {
        guard output.send(Bytes(utf8: ": events\nretry: 3000\n\n")) else { return }
        let heart = Task {
            while (try? await clock.sleep(for: Self.heartbeat)) != nil {
                guard output.send(Bytes(utf8: ": still here\n\n")) else { break }
            }
        }
        defer { heart.cancel() }
        for await event in events {
            let data = EventTrees.tree(of: event).json()
            let text = "id: \(event.id)\nevent: \(event.kind.rawValue)\ndata: \(data)\n\n"
            guard output.send(Bytes(utf8: text)) else { return }
        }
    }
}
