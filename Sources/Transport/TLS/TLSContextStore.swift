internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Keeps TLS contexts for as long as the files behind them stay the same.
///
/// A look at the files is a `stat` of each. When one has changed the contexts are built anew; when that fails
/// (a half-written file, a key that does not match yet) the old ones stay in use and the failure is logged
/// once for each version of the files.
final class TLSContextStore: Sendable {
    /// Builds the context that offers these protocols.
    typealias Build = @Sendable (_ protocols: [String]) throws(TransportError) -> NIOSSLContext

    private struct State {
        var contexts: [[String]: NIOSSLContext] = [:]
        var stamps: [FileStamp?] = []
        var lookedAt = NIODeadline.uptimeNanoseconds(0)
    }

    private let state: Mutex<State>
    private let sources: [PEMSource]
    private let interval: TimeAmount
    private let logger: Logger
    private let build: Build

    /// Builds the first context, so that mistakes are found when a component starts.
    init(
        sources: [PEMSource?], protocols: [String], interval: Duration?, logger: Logger,
        build: @escaping Build
    ) throws(TransportError) {
        self.sources = sources.compactMap { $0 }
        self.interval = interval.map { TimeAmount($0) } ?? .zero
        self.logger = logger
        self.build = build
        var state = State()
        state.stamps = self.sources.map(\.stamp)
        state.lookedAt = .now()
        state.contexts[protocols] = try build(protocols)
        self.state = Mutex(state)
    }

    /// The context for a new connection.
    func context(_ protocols: [String]) throws(TransportError) -> NIOSSLContext {
        let result = state.withLock { state in
            refresh(&state)
            return Result { () throws(TransportError) in
                if let known = state.contexts[protocols] { return known }
                let context = try build(protocols)
                state.contexts[protocols] = context
                return context
            }
        }
        return try result.get()
    }

    private func refresh(_ state: inout State) {
        let now = NIODeadline.now()
        guard now >= state.lookedAt + interval else { return }
        state.lookedAt = now
        let stamps = sources.map(\.stamp)
        guard stamps != state.stamps else { return }
        state.stamps = stamps
        do throws(TransportError) {
            var contexts: [[String]: NIOSSLContext] = [:]
            for protocols in state.contexts.keys { contexts[protocols] = try build(protocols) }
            state.contexts = contexts
            logger.info("TLS files changed; new connections use them")
        } catch {
            logger.error("TLS files changed but cannot be used; the old ones stay in use: \(error.message)")
        }
    }
}
