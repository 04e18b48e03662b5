internal import NIOCore

/// The WebSockets of one loop, which are looked after together.
///
/// A timer for each of a hundred thousand connections would cost more memory than the connection; here one
/// timer visits a part of them at a time, so that each has its turn every `round`. Confined to its loop.
final class WebSocketRoster {
    let limits: WebSocketLimits
    let rules: WebSocketPulse.Rules
    private let loop: any EventLoop
    private var members: [WebSocketConnection] = []
    private var cursor = 0
    private var timer: RepeatedTask?

    private static let tick = TimeAmount.milliseconds(100)
    /// In how many ticks everybody has been visited.
    private static let ticksInRound = 40
    /// How often some of the connections are closed when all have to go.
    private static let slice = TimeAmount.milliseconds(25)

    init(limits: WebSocketLimits, loop: any EventLoop) {
        self.limits = limits
        self.loop = loop
        rules = WebSocketPulse.Rules(limits)
    }

    var count: Int { members.count }

    func add(_ connection: WebSocketConnection) {
        connection.position = members.count
        members.append(connection)
        guard timer == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
            bound.value.visit(at: .now())
        }
    }

    func remove(_ connection: WebSocketConnection) {
        guard let position = connection.position else { return }
        connection.position = nil
        let last = members.removeLast()
        if last !== connection {
            members[position] = last
            last.position = position
        }
        guard members.isEmpty else { return }
        timer?.cancel()
        timer = nil
    }

    /// Visits the next part of the connections.
    func visit(at now: NIODeadline) {
        let share = (members.count + Self.ticksInRound - 1) / Self.ticksInRound
        for _ in 0..<share {
            cursor = cursor + 1 < members.count ? cursor + 1 : 0
            members[cursor].check(at: now)
        }
    }

    /// Says goodbye to everybody who is here now, a part at a time so that it takes `time`, then calls
    /// `completion`.
    func closeAll(code: UInt16, reason: String, over time: TimeAmount, completion: @escaping () -> Void) {
        var leaving = members[...]
        let slices = max(1, Int(time.nanoseconds / Self.slice.nanoseconds))
        let share = max(1, (leaving.count + slices - 1) / slices)
        func closeSome() {
            for connection in leaving.prefix(share) { connection.close(code: code, reason: reason) }
            leaving = leaving.dropFirst(share)
            guard !leaving.isEmpty else { return completion() }
            loop.assumeIsolated().scheduleTask(in: Self.slice) { closeSome() }
        }
        closeSome()
    }
}

/// A roster belongs to its loop and is touched nowhere else.
@available(*, unavailable)
extension WebSocketRoster: Sendable {}
