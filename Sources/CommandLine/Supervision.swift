internal import AdminAPI
internal import Engine
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Pipeline
internal import Transport

/// What tells those who look after the process how it is: the probes, and the service manager.
struct Supervision: Sendable {
    private let probes: ProbeServer?
    private let notifier: ServiceNotifier
    private let group: MultiThreadedEventLoopGroup
    private let keepAlive: Task<Void, Never>

    /// Begins to answer probes, before the collector starts, so that they can say that it does.
    ///
    /// Throws when the address of the probes cannot be used.
    static func start(
        _ options: ProbeOptions, _ collector: Collector, _ logger: Logger
    ) async throws(TransportError) -> Supervision {
        // A loop of its own: when those of the pipelines hang, this one has to say so.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let probes: ProbeServer?
        do throws(TransportError) {
            probes = try await options.start(collector, loop: group.next(), logger)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        let notifier = ServiceNotifier()
        let watchdog = collector.watchdog
        let keepAlive = Task { await notifier.keepAlive(watchdog, SystemClock()) }
        return Supervision(probes: probes, notifier: notifier, group: group, keepAlive: keepAlive)
    }

    /// Everything runs, at the start or after a reload; `status` is for people.
    func ready(_ status: String) { notifier.ready(status) }

    /// The configuration is being read again; `ready` follows whatever comes of it.
    func reloading() { notifier.reloading() }

    /// A stop has been requested: to be called before anything closes.
    func stopping() {
        probes?.beginDraining()
        notifier.stopping("Delivering what was accepted")
    }

    /// Ends when the collector has.
    func end() async {
        keepAlive.cancel()
        await probes?.shutdown()
        try? await group.shutdownGracefully()
    }
}
