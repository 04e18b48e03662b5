import Connectors
import Pipeline
import PipelineTesting
import Telemetry
import Testing
import Wire

/// Tables of routes, and where the items of one batch go.
@Suite struct RoutingTableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let signal: Signal
        /// Each is context, condition, pipeline, and whether it copies.
        let routes: [(context: String, condition: String, pipeline: String, copies: Bool)]
        let hasDefault: Bool
        /// The items by pipeline.
        let expected: [String: [String]]
        var testDescription: String { "\(signal): \(name)" }

        init(
            _ name: String, _ signal: Signal, _ routes: [(String, String, String, Bool)],
            default hasDefault: Bool = false, _ expected: [String: [String]]
        ) {
            self.name = name
            self.signal = signal
            self.routes = routes.map { ($0.0, $0.1, $0.2, $0.3) }
            self.hasDefault = hasDefault
            self.expected = expected
        }

        var yaml: String {
            var lines: [String] = hasDefault ? ["default_pipelines: [\(signal.rawValue)/default]"] : []
            lines.append("table:")
            for route in routes {
                lines.append("  - condition: '\(route.condition)'")
                if !route.context.isEmpty { lines.append("    context: \(route.context)") }
                lines.append("    pipelines: [\(signal.rawValue)/\(route.pipeline)]")
                if route.copies { lines.append("    action: copy") }
            }
            return lines.joined(separator: "\n")
        }
    }

    private static let isA = #"attributes["resourceName"] == "A""#
    private static let isB = #"attributes["resourceName"] == "B""#
    private static let isNeither = #"attributes["resourceName"] == "X""#
    private static let isAny = #"attributes["resourceName"] != nil"#

    /// The items of `AB` × `CD` × `EF` whose path begins like one of these; metrics have a point `G` more.
    private static func items(_ signal: Signal, _ isWanted: (String) -> Bool) -> [String] {
        let all = "AB".flatMap { resource in
            "CD".flatMap { scope in "EF".map { "\(resource)/\(scope)/\($0)" } }
        }
        return all.filter(isWanted).map { signal == .metrics ? "\($0)/G" : $0 }
    }

    private static func resourceCases(_ signal: Signal) -> [Case] {
        let all = items(signal) { _ in true }
        let (inA, inB) = (items(signal) { $0.hasPrefix("A") }, items(signal) { $0.hasPrefix("B") })
        return [
            Case(
                "all match the first only", signal,
                [("resource", isAny, "0", false), ("resource", isNeither, "1", false)], default: true,
                ["0": all]),
            Case(
                "all match the last only", signal,
                [("resource", isNeither, "0", false), ("resource", isAny, "1", false)], default: true,
                ["1": all]),
            Case(
                "all match all, the first takes them", signal,
                [("resource", isAny, "0", false), ("", isAny, "1", false)], default: true, ["0": all]),
            Case(
                "each matches one", signal,
                [("", isA, "0", false), ("resource", isB, "1", false)], default: true,
                ["0": inA, "1": inB]),
            Case(
                "some match the first, the default has the rest", signal,
                [("resource", isA, "0", false), ("resource", isNeither, "1", false)], default: true,
                ["0": inA, "default": inB]),
            Case(
                "none matches, with a default", signal, [("resource", isNeither, "0", false)],
                default: true, ["default": all]),
            Case("none matches, without a default", signal, [("resource", isNeither, "0", false)], [:]),
            Case(
                "a copy goes on to the next route and the default", signal,
                [("resource", isA, "0", true), ("resource", isAny, "1", true)], default: true,
                ["0": inA, "1": all, "default": all]),
            Case(
                "what was copied may still be moved", signal,
                [("resource", isA, "0", true), ("resource", "not (\(isB))", "1", false)], default: true,
                ["0": inA, "1": inA, "default": inB]),
            Case(
                "what says the same as a route before it is left out", signal,
                [("resource", isA, "0", true), ("resource", isA, "1", false)], default: true,
                ["0": inA, "default": all]),
            Case(
                "the same pipeline twice", signal,
                [("resource", isB, "0", false), ("resource", isA, "0", false)], ["0": inB + inA]),
            Case(
                "several conditions in one", signal,
                [("resource", "\(isA) or \(isB)", "0", false)], ["0": all]),
        ]
    }

    private static let recordCases: [Case] = [
        Case(
            "records", .logs, [("log", #"body == "E""#, "0", false)], default: true,
            ["0": items(.logs) { $0.hasSuffix("E") }, "default": items(.logs) { $0.hasSuffix("F") }]),
        Case(
            "records by prefix", .logs, [("", #"log.attributes["name"] == "F""#, "0", false)],
            ["0": items(.logs) { $0.hasSuffix("F") }]),
        Case(
            "spans", .traces, [("span", #"name == "F""#, "0", false)], default: true,
            ["0": items(.traces) { $0.hasSuffix("F") }, "default": items(.traces) { $0.hasSuffix("E") }]),
        Case(
            "spans by prefix", .traces, [("", #"span.attributes["name"] == "E""#, "0", false)],
            ["0": items(.traces) { $0.hasSuffix("E") }]),
        Case(
            "metrics", .metrics, [("metric", #"name == "E""#, "0", false)], default: true,
            [
                "0": items(.metrics) { $0.hasSuffix("E") },
                "default": items(.metrics) { $0.hasSuffix("F") },
            ]),
        Case(
            "data points by what they are in", .metrics,
            [("datapoint", #"metric.name == "F" and attributes["name"] == "G""#, "0", false)],
            ["0": items(.metrics) { $0.hasSuffix("F") }]),
        Case(
            "with a condition on the resource", .logs,
            [("log", #"resource.attributes["resourceName"] == "A" and body == "E""#, "0", false)],
            default: true,
            [
                "0": ["A/C/E", "A/D/E"],
                "default": ["A/C/F", "A/D/F", "B/C/E", "B/C/F", "B/D/E", "B/D/F"],
            ]),
        Case(
            "with a condition on the scope", .traces,
            [("span", #"instrumentation_scope.name == "D" and name == "E""#, "0", false)], default: false,
            ["0": ["A/D/E", "B/D/E"]]),
        Case(
            "resources, then records", .logs,
            [("resource", isA, "0", false), ("log", #"body == "E""#, "1", false)], default: true,
            [
                "0": items(.logs) { $0.hasPrefix("A") }, "1": ["B/C/E", "B/D/E"],
                "default": ["B/C/F", "B/D/F"],
            ]),
        Case(
            "records, then resources", .logs,
            [("log", #"body == "E""#, "0", false), ("resource", isB, "1", false)], default: true,
            [
                "0": items(.logs) { $0.hasSuffix("E") }, "1": ["B/C/F", "B/D/F"],
                "default": ["A/C/F", "A/D/F"],
            ]),
    ]

    @Test(arguments: [Signal.traces, .metrics, .logs].flatMap { resourceCases($0) } + recordCases)
    func `items go where the table says`(test: Case) async throws {
        let pipelines = ["0", "1", "default"]
        let names = pipelines.map { "\(test.signal.rawValue)/\($0)" }
        let harness = try await ConnectorHarness(RoutingConnector.self, yaml: test.yaml, pipelines: names)
        let batch = Grid.batch(test.signal, "AB", "CD", "EF")
        _ = try await harness.send(batch)
        var reached: Set<String> = []
        for (pipeline, name) in zip(pipelines, names) {
            let arrived = harness.sink(name).batches
            #expect(arrived.count <= 1, "\(name) gets one batch")
            let items = arrived.flatMap { Grid.items($0) }
            #expect(items == test.expected[pipeline] ?? [], "\(name)")
            reached.formUnion(items)
            for batch in arrived {
                let again = try Batch(validating: batch.contiguous(), as: test.signal)
                #expect(again.itemCount == batch.itemCount)
            }
        }
        #expect(harness.filtered == 8 - reached.count, "what goes nowhere is counted")
    }

    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `a batch that goes one way as a whole stays the very same bytes`(signal: Signal) async throws {
        let harness = try await ConnectorHarness(
            RoutingConnector.self,
            yaml: """
                default_pipelines: [\(signal.rawValue)/default]
                table:
                  - {condition: 'attributes["resourceName"] == "B"', pipelines: [\(signal.rawValue)/b]}
                  - {condition: 'attributes["no"] == "no"', pipelines: [\(signal.rawValue)/b], action: copy}
                """, pipelines: ["\(signal.rawValue)/default", "\(signal.rawValue)/b"])
        for (resource, name) in [("A", "default"), ("B", "b")] {
            let batch = Grid.batch(signal, resource, "CD", "EF")
            _ = try await harness.send(batch)
            let arrived = try #require(harness.sink("\(signal.rawValue)/\(name)").batches.first)
            #expect(arrived.contiguous().array == batch.contiguous().array)
        }
    }
}
