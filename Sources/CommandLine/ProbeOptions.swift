internal import AdminAPI
internal import ArgumentParser
internal import Engine
internal import Logging
internal import NIOCore
internal import Transport

/// Where the probes of orchestrators are answered.
struct ProbeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Where /livez, /readyz and /startupz answer: host:port, :port, unix:///path, or none \
            (default: \(defaultAddress)). A default address that is taken is only a warning.
            """,
            valueName: "address"))
    var probes: String?

    private static let defaultAddress = "localhost:13134"
    private static let nowhere = "none"

    func validate() throws {
        guard let probes, probes != Self.nowhere else { return }
        do throws(TransportError) {
            _ = try ListenAddress(parsing: probes)
        } catch {
            throw ValidationError("--probes: \(error.description)")
        }
    }

    /// Where they are to answer.
    var place: ListenAddress? {
        guard probes != Self.nowhere else { return nil }
        do throws(TransportError) {
            return try ListenAddress(parsing: probes ?? Self.defaultAddress)
        } catch {
            return nil
        }
    }

    /// Begins to answer about `collector`; `nil` when nothing is to answer, or when the default address is
    /// taken.
    ///
    /// Throws when an address that was named cannot be used.
    func start(
        _ collector: Collector, loop: any EventLoop, _ logger: Logger
    ) async throws(TransportError) -> ProbeServer? {
        guard probes != Self.nowhere else { return nil }
        let address = try ListenAddress(parsing: probes ?? Self.defaultAddress)
        let facts = { @Sendable in
            ProbeFacts(
                loopLag: collector.watchdog.lag, lagLimit: LoopWatchdog.limit,
                hasConfiguration: collector.hasConfiguration, health: collector.health())
        }
        do throws(TransportError) {
            let server = try await ProbeServer.start(on: address, loop: loop, logger: logger, facts: facts)
            logger.info("probes: /livez, /readyz, /startupz", metadata: ["address": "\(server.address)"])
            return server
        } catch {
            guard probes == nil else { throw error }
            logger.warning(
                "nothing answers probes; choose an address with --probes, or none",
                metadata: ["error": "\(error)"])
            return nil
        }
    }
}
