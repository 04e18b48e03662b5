internal import Pipeline
internal import Synchronization

/// Wakes whoever moves the rollouts, so that nobody waits for a second to be over.
///
/// What people and the clock say is urgent. What agents say may come 100,000 times at once: the steps that
/// follow from it take at most `share` of the time.
final class RolloutBell: Sendable {
    /// After a step, reports of agents lead to the next one no sooner than so many times what the step took.
    static let share = 20.0
    /// The shortest pause between two steps because of reports.
    static let shortestPause = Duration.milliseconds(20)

    private struct State {
        var bell: AsyncStream<Void>.Continuation?
        var isUrgent = false
        /// Whether agents have said something since the last step.
        var isHeard = false
        /// Whether somebody will ring because of that.
        var isDelayed = false
        /// Before this, reports lead to no step.
        var earliest = Instant(offset: .zero)
    }

    /// What is to be done when it rings.
    enum Call: Sendable, Equatable {
        case step
        /// The pause is not over yet: ring again after this time.
        case later(Duration)
        case nothing
    }

    private let state = Mutex(State())
    /// Whether any rollout waits for what agents say; otherwise hearing them costs nothing.
    let isListening = Atomic(false)

    /// What rings from now on; the last that was opened counts.
    func open() -> AsyncStream<Void> {
        let (stream, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.bell = bell }
        return stream
    }

    /// Somebody has said something, or a second is over.
    func ring() {
        state.withLock { state in
            state.isUrgent = true
            state.bell?.yield()
        }
    }

    /// An agent has said something about a configuration.
    func hear() {
        guard isListening.load(ordering: .relaxed) else { return }
        state.withLock { state in
            guard !state.isHeard else { return }
            state.isHeard = true
            if !state.isDelayed { state.bell?.yield() }
        }
    }

    /// What to do now that it has rung.
    func take(_ now: Instant) -> Call {
        state.withLock { state in
            if state.isUrgent || state.isHeard && now >= state.earliest {
                (state.isUrgent, state.isHeard) = (false, false)
                return .step
            }
            guard state.isHeard, !state.isDelayed else { return .nothing }
            state.isDelayed = true
            return .later(state.earliest - now)
        }
    }

    /// The pause is over.
    func endPause() {
        state.withLock { state in
            state.isDelayed = false
            if state.isHeard { state.bell?.yield() }
        }
    }

    /// Steps have been taken, and have taken so long.
    func rest(_ now: Instant, after duration: Duration) {
        let pause = max(duration * Self.share, Self.shortestPause)
        state.withLock { $0.earliest = now + pause }
    }
}
