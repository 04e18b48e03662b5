internal import Pipeline
internal import Settings

/// OTLP/JSON for people: a line for each span, data point or log record.
enum TelemetryText {
    /// How each signal names its parts.
    private struct Names {
        let resources: String
        let scopes: String
        let items: String
    }

    private static let signals = [
        Names(resources: "resourceSpans", scopes: "scopeSpans", items: "spans"),
        Names(resources: "resourceMetrics", scopes: "scopeMetrics", items: "metrics"),
        Names(resources: "resourceLogs", scopes: "scopeLogs", items: "logRecords"),
    ]

    /// The most of one line.
    private static let width = 400

    static func lines(_ message: Tree) -> [String] {
        var lines: [String] = []
        for names in signals {
            for resource in message.elements(names.resources) {
                let service = attribute("service.name", of: resource["resource"] ?? .empty)
                for scope in resource.elements(names.scopes) {
                    for item in scope.elements(names.items) {
                        lines += self.lines(item, names).map { line in
                            PlainText.cut(
                                PlainText.line((service.map { "\($0): " } ?? "") + line), to: width)
                        }
                    }
                }
            }
        }
        return lines
    }

    private static func lines(_ item: Tree, _ names: Names) -> [String] {
        switch names.items {
        case "spans": [span(item)]
        case "logRecords": [record(item)]
        default: metric(item)
        }
    }

    private static func span(_ span: Tree) -> String {
        let (start, end) = (nanoseconds(span, "startTimeUnixNano"), nanoseconds(span, "endTimeUnixNano"))
        let took = end >= start ? Duration.nanoseconds(Int64(clamping: end - start)).goSyntax : "?"
        let status = span[["status", "code"]]?.text == "2" ? " error" : ""
        return "\(time(start)) \(span["name"]?.text ?? "") \(took)\(status)\(attributes(span))"
    }

    private static func record(_ record: Tree) -> String {
        let own = nanoseconds(record, "timeUnixNano")
        let severity = record["severityText"]?.text ?? record["severityNumber"]?.text ?? ""
        return time(own > 0 ? own : nanoseconds(record, "observedTimeUnixNano"))
            + (severity.isEmpty ? "" : " \(severity)")
            + " \(record["body"].map(value) ?? "")\(attributes(record))"
    }

    private static func metric(_ metric: Tree) -> [String] {
        let kinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"]
        guard let kind = kinds.first(where: { metric[$0] != nil }), let data = metric[kind] else { return [] }
        let unit = metric["unit"]?.text.map { " \($0)" } ?? ""
        return data.elements("dataPoints").map { point in
            let figure =
                (point["asDouble"] ?? point["asInt"])?.text
                ?? "count \(point["count"]?.text ?? "0") sum \(point["sum"]?.text ?? "?")"
            return "\(time(nanoseconds(point, "timeUnixNano"))) \(metric["name"]?.text ?? "") "
                + "\(figure)\(unit)\(attributes(point))"
        }
    }

    private static func attributes(_ item: Tree) -> String {
        item.elements("attributes").map { attribute in
            " \(attribute["key"]?.text ?? "")=\(attribute["value"].map(value) ?? "")"
        }.joined()
    }

    private static func attribute(_ name: String, of item: Tree) -> String? {
        item.elements("attributes").first { $0["key"]?.text == name }?["value"].map(value)
    }

    /// An AnyValue: scalars as they are, the rest as JSON.
    private static func value(_ tree: Tree) -> String {
        guard let content = tree.table?.first?.value else { return "" }
        return content.scalar.map { $0.text } ?? content.json()
    }

    private static func nanoseconds(_ item: Tree, _ key: String) -> UInt64 {
        item[key]?.text.flatMap { UInt64($0) } ?? 0
    }

    /// The time of day in UTC with milliseconds.
    private static func time(_ nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "-" }
        let moment = CalendarTime(unixNanoseconds: nanoseconds)
        let digits = String(moment.nanosecond / 1_000_000)
        return moment.time() + "." + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
