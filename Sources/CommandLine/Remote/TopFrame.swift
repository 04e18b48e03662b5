internal import Settings

/// One picture of a collector, as wide and high as a terminal.
struct TopFrame {
    /// How a line looks.
    enum Style { case plain, heading, quiet, trouble }

    /// A line of it.
    struct Line: Equatable {
        let text: String
        var style = Style.plain

        /// The text with what makes a terminal show its style; without colours, trouble is bold.
        func styled(hasColours: Bool) -> String {
            let code =
                switch style {
                case .plain: ""
                case .heading: "1"
                case .quiet: "2"
                case .trouble: hasColours ? "31" : "1"
                }
            return code.isEmpty ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m"
        }
    }

    private let view: CollectorView
    private let address: String
    /// Why there was no newer picture; `nil` when this one is as new as it can be.
    var failure: String?
    /// Whether another one follows.
    var isLive = true

    init(_ view: CollectorView, address: String) {
        self.view = view
        self.address = address
    }

    /// No more than `rows` lines of no more than `columns` characters.
    func lines(size: (columns: Int, rows: Int)) -> [Line] {
        var lines = heading
        let troubles = troubles
        // Troubles are what people look for, so pipelines make room for some of them.
        let reserved = troubles.isEmpty ? 0 : min(troubles.count, 6) + 2
        let pipelines = Self.fitted(pipelines, to: max(size.rows - lines.count - reserved - 2, 2))
        lines += pipelines
        if !troubles.isEmpty {
            let room = max(size.rows - lines.count - 4, 1)
            lines += [Line(text: ""), Line(text: "TROUBLE", style: .heading)]
            lines += Self.fitted(troubles, to: room)
        }
        if isLive { lines += [Line(text: ""), Line(text: "q ends", style: .quiet)] }
        return lines.prefix(size.rows).map {
            Line(text: PlainText.cut($0.text, to: size.columns), style: $0.style)
        }
    }

    private var heading: [Line] {
        let flows = view.pipelines.map { PipelineFlow($0) }
        let sums =
            "in \(PlainText.short(flows.reduce(0) { $0 + $1.incoming }))/s"
            + "  out \(PlainText.short(flows.reduce(0) { $0 + $1.outgoing }))/s"
            + "  errors \(PlainText.short(flows.reduce(0) { $0 + $1.errors }))/s"
            + "  held \(PlainText.short(view.pipelines.reduce(0) { $0 + $1.count("held") }))"
        let time = PlainText.moment(view.runtime.shown("time")).suffix(8)
        return [
            Line(text: "\(view.headline)  \(time) UTC", style: view.isReady ? .plain : .trouble),
            failure.map { Line(text: $0, style: .trouble) } ?? Line(text: "\(sums)  \(address)"),
            Line(text: ""),
        ]
    }

    private var pipelines: [Line] {
        let rows = view.pipelines.map { pipeline in
            let flow = PipelineFlow(pipeline)
            let fill = fill(of: pipeline)
            return (
                cells: [
                    PlainText.cut(pipeline.shown("id"), to: 26), PlainText.short(flow.incoming),
                    PlainText.short(flow.outgoing), PlainText.short(flow.errors),
                    fill.map { Self.bar($0) } ?? "no queue",
                ], style: flow.errors > 0 || fill ?? 0 >= 0.9 ? Style.trouble : .plain
            )
        }
        let table = PlainText.table(
            ["PIPELINE", "IN/S", "OUT/S", "ERRORS/S", "QUEUE"], rows.map(\.cells), right: [1, 2, 3])
        return zip(table, [Style.heading] + rows.map(\.style)).map { Line(text: $0, style: $1) }
    }

    /// What does not do as it should, the oldest first.
    private var troubles: [Line] {
        let found = view.components.compactMap { component -> (since: Int, lines: [String])? in
            guard let status = component["status"], status["state"]?.text != "StatusOK" else { return nil }
            let since = status["since"]?.text.flatMap { PlainText.seconds($0) } ?? 0
            let age = PlainText.age(status["since"]?.text, at: view.now)
            let error = status.shown("error")
            return (
                since,
                [
                    "\(component.shown("kind")) \(component.shown("id")): "
                        + "\(PlainText.status(status.shown("state"))) for \(age)"
                ] + (error.isEmpty ? [] : ["  \(error)"])
            )
        }
        return found.sorted { $0.since < $1.since }.flatMap(\.lines).map { Line(text: $0, style: .trouble) }
    }

    /// How full the fullest queue behind a pipeline is; `nil` without one.
    private func fill(of pipeline: Tree) -> Double? {
        let exporters = pipeline.elements("exporters").map { $0.shown("id") }
        return view.queues.filter { queue in
            queue.shown("signal") == pipeline.shown("signal") && exporters.contains(queue.shown("exporter"))
        }.compactMap { queue in
            let capacity = queue.count("capacity")
            return capacity > 0 ? Double(queue.count("size")) / Double(capacity) : nil
        }.max()
    }

    /// `[####......]  42%`.
    private static func bar(_ share: Double) -> String {
        let share = min(max(share, 0), 1)
        let full = Int((share * 10).rounded())
        let percent = String(Int((share * 100).rounded()))
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 10 - full) + "] "
            + String(repeating: " ", count: 3 - percent.count) + percent + "%"
    }

    /// The first lines, and how many more there are.
    private static func fitted(_ lines: [Line], to count: Int) -> [Line] {
        guard lines.count > count else { return lines }
        let shown = max(count - 1, 1)
        return lines.prefix(shown) + [Line(text: "… \(lines.count - shown) more", style: .quiet)]
    }
}
