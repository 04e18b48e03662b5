internal import Engine
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// Sends what a tap shows as `text/event-stream`: events `telemetry` with OTLP/JSON, then one event `end`.
struct TapStream: Sendable {
    /// Why a stream ended.
    private enum End: String {
        case limit, time, closed
    }

    let tap: Tap
    let filter: TelemetryFilter?
    let mask: TelemetryMask
    /// Items to show altogether.
    let limit: Int
    let time: Duration
    let clock: any PipelineClock

    /// Returns when enough was shown, the time is over, or the client is gone or too slow.
    func send(to output: ResponseStream) async {
        guard output.send(Bytes(utf8: ": tap\n\n")) else { return }
        let shown = await withTaskGroup(of: (items: Int, end: End).self) { group in
            group.addTask { await show(to: output) }
            group.addTask {
                let isOver: Void? = try? await clock.sleep(for: time)
                return (0, isOver == nil ? .closed : .time)
            }
            let first = await group.next() ?? (0, .closed)
            group.cancelAll()
            let second = await group.next() ?? (0, .closed)
            return (items: first.items + second.items, end: first.end)
        }
        let counts = tap.counts
        let end = Tree.table([
            "reason": .text(shown.end.rawValue), "shown_items": .number(shown.items),
            "seen_items": .number(counts.seen), "skipped_items": .number(counts.skipped),
        ])
        _ = output.send(Bytes(utf8: "event: end\ndata: \(end.json())\n\n"))
    }

    private func show(to output: ResponseStream) async -> (items: Int, end: End) {
        var items = 0
        for await batch in tap.batches {
            var rest = batch
            // A filter leaves some of them out, so what is missing to the limit may come later in the batch.
            while rest.itemCount > 0, items < limit {
                for chunk in rest.removeFirst(items: limit - items).chunks {
                    guard let view = TelemetryView(chunk, as: batch.signal, filter, mask), view.items > 0
                    else { continue }
                    guard output.send(Bytes(utf8: "event: telemetry\ndata: \(view.json)\n\n")) else {
                        return (items, .closed)
                    }
                    items += view.items
                }
            }
            if items >= limit { return (items, .limit) }
        }
        return (items, .closed)
    }
}

/// A piece of telemetry as people may see it: filtered, and with hidden secrets.
struct TelemetryView {
    /// OTLP/JSON on one line.
    let json: String
    /// Items in it.
    let items: Int

    /// `nil` when the telemetry is larger than what can be shown.
    init?(_ chunk: Batch.Chunk, as signal: Signal, _ filter: TelemetryFilter?, _ mask: TelemetryMask) {
        let text = OTLPJSON.write(chunk, as: signal).string
        guard let tree = try? Tree(json: text, source: ConfigurationSource(.inline, "telemetry")) else {
            return nil
        }
        guard let filter else {
            items = chunk.itemCount
            json = mask.masked(tree).json()
            return
        }
        let kept = filter.kept(of: tree)
        items = kept.items
        json = mask.masked(kept.request).json()
    }
}
