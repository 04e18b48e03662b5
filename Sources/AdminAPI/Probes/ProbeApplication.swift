internal import Pipeline
internal import Synchronization
internal import Transport
internal import Wire

/// Answers `/livez`, `/readyz` and `/startupz`.
///
/// Anyone may ask: the answers name checks, receivers and pipelines, and nothing that came from outside.
final class ProbeApplication: ServerApplication {
    private enum Probe: String, CaseIterable {
        case livez, readyz, startupz
    }

    private let facts: @Sendable () -> ProbeFacts
    private let isDraining = Atomic<Bool>(false)
    private let hasStarted = Atomic<Bool>(false)

    init(facts: @escaping @Sendable () -> ProbeFacts) {
        self.facts = facts
    }

    /// From now on the collector is not ready, whatever else is true.
    func beginDraining() { isDraining.store(true, ordering: .releasing) }

    func admit(_ head: ServerRequestHead) -> Admission {
        guard let (probe, _) = Self.target(head.path) else {
            return .refuse(.text(404, "there are /livez, /readyz and /startupz\n"))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            var response = ServerResponse.text(405, "\(probe.rawValue) is for reading\n")
            response.fields.add("allow", "GET, HEAD")
            return .refuse(response)
        }
        return .accept(maxBodySize: 4 << 10)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        guard let (probe, name) = Self.target(request.path) else {
            return responder.send(.text(404, "there are /livez, /readyz and /startupz\n"))
        }
        let facts = facts()
        let query = ProbeQuery(request.query)
        var checks = self.checks(of: probe, facts)
        if let name {
            checks += probe == .readyz ? pipelines(facts.health) : []
            checks = checks.filter { $0.name == name }
            guard !checks.isEmpty else {
                return responder.send(.text(404, "\(probe.rawValue) has no check called \(name)\n"))
            }
        }
        let answer = ProbeAnswer(probe: probe.rawValue, checks: checks, excluded: query.excluded)
        responder.send(answer.response(isVerbose: query.isVerbose))
    }

    private func checks(of probe: Probe, _ facts: ProbeFacts) -> [ProbeCheck] {
        let receivers = ProbeCheck.receivers(facts.health)
        let configuration = ProbeCheck.configuration(facts)
        if receivers.failure == nil, configuration.failure == nil {
            hasStarted.store(true, ordering: .releasing)
        }
        switch probe {
        case .livez: return [.ping, .eventLoops(facts)]
        case .readyz:
            let isDraining = isDraining.load(ordering: .acquiring)
            return [.ping, .eventLoops(facts), configuration, receivers, .shutdown(isDraining: isDraining)]
        case .startupz:
            let hasStarted = hasStarted.load(ordering: .acquiring)
            // A start that was complete once is complete for good.
            return [
                .ping, hasStarted ? ProbeCheck(name: configuration.name, failure: nil) : configuration,
                hasStarted ? ProbeCheck(name: receivers.name, failure: nil) : receivers,
            ]
        }
    }

    /// Each pipeline, which is ready when its receivers listen and nobody has asked for a stop.
    private func pipelines(_ health: CollectorHealth) -> [ProbeCheck] {
        let shutdown = ProbeCheck.shutdown(isDraining: isDraining.load(ordering: .acquiring))
        return health.pipelines.map { pipeline in
            let check = ProbeCheck.pipeline(pipeline)
            return ProbeCheck(name: check.name, failure: shutdown.failure ?? check.failure)
        }
    }

    /// The probe of a path, and the one check it is about, such as `pipelines/traces/x`.
    private static func target(_ path: String) -> (probe: Probe, check: String?)? {
        let parts = path.split(separator: "/", maxSplits: 1)
        guard path.hasPrefix("/"), let first = parts.first, let probe = Probe(rawValue: String(first)) else {
            return nil
        }
        return (probe, parts.count == 2 ? PercentDecoding.lenient(parts[1]) : nil)
    }
}
