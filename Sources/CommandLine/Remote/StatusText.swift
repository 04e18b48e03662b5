internal import Settings

/// How a collector does, for people.
enum StatusText {
    static func lines(_ view: CollectorView, at address: AdminAddress) -> [String] {
        var lines = ["\(view.headline) (pid \(view.runtime.shown("pid")), \(address))"]
        if let active = view.state["active"] {
            var line = "configuration: \(RevisionText.name(active)), \(RevisionText.status(active))"
            if let time = view.state["confirm_within"]?.text {
                line += "; goes back in \(PlainText.time(goSyntax: time)) unless it is confirmed"
            }
            lines.append(line)
        }
        lines += [""] + components(view)
        lines += [""] + pipelines(view)
        if !view.queues.isEmpty { lines += [""] + queues(view) }
        return lines
    }

    private static func components(_ view: CollectorView) -> [String] {
        let rows = view.components.map { component in
            let status = component["status"] ?? .empty
            return [
                "\(component.shown("kind")) \(component.shown("id"))",
                PlainText.status(status.shown("state")), PlainText.age(status["since"]?.text, at: view.now),
                PlainText.cut(status.shown("error"), to: 120),
            ]
        }
        return PlainText.table(["COMPONENT", "STATUS", "FOR", "ERROR"], rows)
    }

    private static func pipelines(_ view: CollectorView) -> [String] {
        let rows = view.pipelines.map { pipeline in
            let flow = PipelineFlow(pipeline)
            return [
                pipeline.shown("id"), flow.isKnown ? PlainText.short(flow.incoming) : "-",
                flow.isKnown ? PlainText.short(flow.outgoing) : "-",
                flow.isKnown ? PlainText.short(flow.errors) : "-", pipeline.shown("accepted"),
                pipeline.shown("refused"), pipeline.shown("held"),
            ]
        }
        return PlainText.table(
            ["PIPELINE", "IN/S", "OUT/S", "ERRORS/S", "ACCEPTED", "REFUSED", "HELD"], rows,
            right: [1, 2, 3, 4, 5, 6])
    }

    private static func queues(_ view: CollectorView) -> [String] {
        let rows = view.queues.map { queue in
            let (size, capacity) = (queue.count("size"), queue.count("capacity"))
            return [
                "\(queue.shown("exporter")) \(queue.shown("signal"))",
                "\(PlainText.short(size)) of \(PlainText.short(capacity)) \(queue.shown("unit"))",
                queue.shown("in_flight"), queue.shown("sent"), queue.shown("send_failed"),
                queue.shown("dead_letters"),
            ]
        }
        return PlainText.table(
            ["QUEUE", "FILLED", "IN FLIGHT", "SENT", "FAILED", "DEAD LETTERS"], rows, right: [2, 3, 4, 5])
    }
}

/// What goes through a pipeline in a second.
struct PipelineFlow {
    /// Whether the collector has looked long enough to know.
    let isKnown: Bool
    /// Items that come in.
    let incoming: Double
    /// Items that go to exporters; what goes to two of them counts once, as that of the busier one.
    let outgoing: Double
    let errors: Double

    init(_ pipeline: Tree) {
        let second = pipeline[["rates", "1s"]]
        let exporters = pipeline.elements("exporters").compactMap { $0[["rates", "1s"]] }
        isKnown = second != nil
        incoming = second?.figure("items") ?? 0
        outgoing = exporters.map { $0.figure("items") }.max() ?? 0
        errors = (second?.figure("errors") ?? 0) + exporters.reduce(0) { $0 + $1.figure("errors") }
    }
}
