internal import Logging
internal import Pipeline
internal import Settings
internal import Synchronization

/// The token in use, and how it is replaced: by one request at a time, however many exporters wait.
final class TokenCache: Sendable {
    private struct Current {
        let authorization: Secret
        let fetchedAt: Instant
        /// From when on it is replaced, and from when on it is worthless; `nil` is never.
        let renewal: Instant?
        let end: Instant?
    }

    private struct State {
        var current: Current?
        var fetch: Task<Result<Secret, ExportFailure>, Never>?
        /// The last failure, and until when no other attempt is made.
        var failure: (reason: String, until: Instant)?
        var failures = 0
        /// The style that the server accepted.
        var style: TokenRequest.Style?
    }

    private enum Step {
        case use(Secret)
        case wait(Task<Result<Secret, ExportFailure>, Never>)
        case fail(ExportFailure)
    }

    /// A token that is younger is not replaced because it was refused: another one would not be accepted
    /// either.
    private static let youth = Duration.seconds(10)
    private static let longestPause = Duration.seconds(60)

    private let request: TokenRequest
    private let expiryBuffer: Duration
    private let context: Context
    private let state = Mutex(State())

    init(_ request: TokenRequest, expiryBuffer: Duration, in context: Context) {
        self.request = request
        self.expiryBuffer = expiryBuffer
        self.context = context
    }

    /// The value of the header field `authorization`; waits only when there is no token that works.
    func authorization() async throws(ExportFailure) -> String {
        let now = context.clock.now
        let step = state.withLock { state -> Step in
            if let current = state.current, current.end.map({ now < $0 }) ?? true {
                if current.renewal.map({ now >= $0 }) ?? false { start(&state, at: now) }
                return .use(current.authorization)
            }
            start(&state, at: now)
            if let fetch = state.fetch { return .wait(fetch) }
            guard let failure = state.failure else { return .fail(.retryable(reason: "there is no token")) }
            return .fail(.retryable(reason: failure.reason, after: failure.until - now))
        }
        switch step {
        case .use(let secret): return secret.reveal()
        case .wait(let fetch): return try await fetch.value.get().reveal()
        case .fail(let failure): throw failure
        }
    }

    /// Takes note that a backend refused a token; returns whether there is, or will be, another one.
    func wasRefused(_ authorization: String) -> Bool {
        let now = context.clock.now
        return state.withLock { state in
            guard let current = state.current, current.authorization.reveal() == authorization else {
                return true
            }
            guard now - current.fetchedAt >= Self.youth else { return false }
            state.current = nil
            return true
        }
    }

    /// Begins to fetch a token, unless somebody does already or it failed a moment ago.
    private func start(_ state: inout State, at now: Instant) {
        guard state.fetch == nil, state.failure.map({ now >= $0.until }) ?? true else { return }
        let style = state.style
        state.fetch = Task { await self.fetch(style) }
    }

    private func fetch(_ known: TokenRequest.Style?) async -> Result<Secret, ExportFailure> {
        do throws(TokenRequest.Failure) {
            var style = known ?? .header
            let token: TokenRequest.Token
            do throws(TokenRequest.Failure) {
                token = try await request.send(style)
            } catch {
                guard error.isRefusal, known == nil else { throw error }
                style = .body
                token = try await request.send(style)
            }
            keep(token, style)
            return .success(token.authorization)
        } catch {
            return .failure(note(error))
        }
    }

    private func keep(_ token: TokenRequest.Token, _ style: TokenRequest.Style) {
        let now = context.clock.now
        let hadFailed = state.withLock { state in
            defer {
                state.failure = nil
                state.failures = 0
            }
            state.current = Current(
                authorization: token.authorization, fetchedAt: now,
                renewal: token.lifetime.map { now + ($0 - min(expiryBuffer, $0 / 2)) },
                end: token.lifetime.map { now + $0 })
            state.style = style
            state.fetch = nil
            return state.failures > 0
        }
        if hadFailed { context.status(.ok) }
    }

    /// After the first failure a second passes before the next attempt, after each further one twice as much.
    private func note(_ failure: TokenRequest.Failure) -> ExportFailure {
        let now = context.clock.now
        let pause = state.withLock { state in
            let pause = min(.seconds(1 << min(state.failures, 6)), Self.longestPause)
            state.failures += 1
            state.failure = (failure.reason, now + pause)
            state.fetch = nil
            // What was accepted once may not be for ever.
            if failure.isRefusal { state.style = nil }
            return pause
        }
        context.logger.warning("\(failure.reason)")
        context.status(.recoverableError(failure.reason))
        return .retryable(reason: failure.reason, after: pause)
    }
}
