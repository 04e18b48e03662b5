internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Answers with the status of the collector or of one pipeline, in the form of otelcol's second version.
struct StatusApplication: ServerApplication {
    let settings: HealthHTTPSettings.StatusEndpoint
    let rules: HealthRules
    let clock: any PipelineClock
    let health: @Sendable () -> CollectorHealth

    func admit(_ head: ServerRequestHead) -> Admission {
        settings.enabled && head.path == settings.path
            ? .accept(maxBodySize: 64 << 10)
            : .refuse(.text(404, settings.enabled ? "the status is at \(settings.path)" : "there is nothing"))
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let query = QueryParameters(request.query)
        let health = health()
        let whole = HealthTree(health, recoverableFirst: rules.recoverableComesFirst)
        guard let tree = whole.scope(query["pipeline"] ?? "") else {
            return responder.send(.text(404, "there is no such pipeline"))
        }
        let isVerbose = settings.verbose || query.has("verbose")
        let time = clock.unixNanoseconds
        var json = self.json(tree, isVerbose: isVerbose, at: time)
        json.insert(Tree.Entry("start_time", Self.timestamp(health.startedAt)), at: 0)
        responder.send(
            ServerResponse(
                status: rules.httpStatus(tree, at: time),
                fields: ["content-type": "application/json", "cache-control": "no-store"],
                body: Bytes(utf8: Tree(.table(json)).json())))
    }

    private func json(_ tree: HealthTree, isVerbose: Bool, at time: UInt64) -> [Tree.Entry] {
        var entries = [
            Tree.Entry("healthy", .bool(rules.isHealthy(tree, at: time))),
            Tree.Entry("status", .text(tree.status?.name ?? "StatusNone")),
        ]
        if let error = tree.status?.error { entries.append(Tree.Entry("error", .text(error))) }
        entries.append(Tree.Entry("status_time", Self.timestamp(tree.since)))
        if isVerbose, !tree.parts.isEmpty {
            let parts = tree.parts.map { part in
                Tree.Entry(part.name, Tree(.table(json(part.tree, isVerbose: true, at: time))))
            }
            entries.append(Tree.Entry("components", Tree(.table(parts))))
        }
        return entries
    }

    private static func timestamp(_ time: UInt64) -> Tree {
        .text(CalendarTime(unixNanoseconds: time).rfc3339)
    }
}
