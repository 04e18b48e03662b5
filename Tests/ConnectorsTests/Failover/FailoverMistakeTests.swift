import Connectors
import Pipeline
import Settings
import Telemetry
import Testing

@Suite struct FailoverMistakeTests {
    @Test(arguments: [
        ("{}", "missing required key 'priority_levels'"),
        ("priority_levels: []", "1:18 priority_levels: must not be empty"),
        ("priority_levels: [[]]", "1:19 priority_levels.0: must not be empty"),
        (
            "priority_levels: [[trace]]",
            "1:20 priority_levels.0.0: must be a pipeline, such as traces/backend"
        ),
        ("priority_levels: [[trace]]", "(traces?)"),
        (
            "priority_levels: [[logs/a], [traces/b]]",
            "1:30 priority_levels.1.0: other pipelines here are for logs"
        ),
        ("priority_levels: [[logs/a], [logs/a]]", "1:30 priority_levels.1.0: 'logs/a' is named twice"),
        ("priority_levels: [[profiles]]", "profiles cannot be switched over"),
        ("{priority_levels: [[logs]], retry_interval: 0s}", "retry_interval: must be more than 0"),
        ("{priority_levels: [[logs]], standard: {retry_interval: -1s}}", "must be more than 0"),
        ("{priority_levels: [[logs]], strategy: progressive}", "must be one of standard"),
        ("{priority_levels: [[logs]], retry_gap: 1m}", "retry_gap: is not supported: it was removed"),
        ("{priority_levels: [[logs]], max_retries: 10}", "max_retries: is not supported: it was removed"),
        ("{priority_levels: [[logs]], condition: {}}", "missing required key 'error'"),
        ("{priority_levels: [[logs]], condition: {error: {}}}", "missing required key 'contains'"),
        ("{priority_levels: [[logs]], condition: {error: {contains: ''}}}", "contains: must not be empty"),
        ("{priority_levels: [[logs]], condition: {error: {contains: [a, '']}}}", "must not be empty"),
        ("{priority_levels: [[logs]], sending_queue: {queue_size: 0}}", "queue_size: must be at least 1"),
    ])
    func `a mistake is an error at its place`(yaml: String, message: String) {
        let found = FailoverConnector.Configuration.mistakes(yaml)
        #expect(found.contains { $0.contains(message) }, "found \(found)")
    }

    @Test(arguments: [
        ("priority_levels: [traces]", 600, false),
        ("{priority_levels: [[traces]], retry_interval: 5m}", 300, false),
        ("{priority_levels: [[traces]], retry_interval: 5m, standard: {retry_interval: 1m}}", 60, false),
        ("{priority_levels: [[traces]], sending_queue: }", 600, true),
        ("{priority_levels: [[traces]], sending_queue: {enabled: false}}", 600, false),
        ("{priority_levels: [[traces]], sending_queue: {sizer: items, queue_size: 7}}", 600, true),
    ])
    func `settings mean what contrib's do`(yaml: String, interval: Int, hasQueue: Bool) throws {
        let configuration = try FailoverConnector.Configuration.decode(yaml: yaml)
        let written = configuration.standard.retryInterval ?? configuration.retryInterval
        #expect((written ?? .seconds(600)) == .seconds(interval))
        let delivery = FailoverConnector.delivery(of: configuration)
        #expect((delivery != nil) == hasQueue)
        if yaml.contains("items") { #expect(delivery?.sendingQueue.queueSize == 7) }
    }

    @Test func `pipelines that do not exist or are not fed are errors`() throws {
        let configuration = try FailoverConnector.Configuration.decode(
            yaml: "priority_levels: [[logs/x, logs/other], [logs/in]]")
        let ids = ["logs/in", "logs/x", "logs/others"].compactMap { PipelineID(parsing: $0) }
        let place = ConnectorPlace(
            sources: [ids[0], PipelineID(signal: .metrics)], targets: Array(ids.dropFirst()), pipelines: ids)
        let problems = FailoverConnector.problems(of: configuration, at: place)
        #expect(
            problems.map { "\($0.field): \($0.message)" } == [
                "priority_levels.0.1: there is no pipeline 'logs/other'",
                "priority_levels.1.0: the pipeline 'logs/in' does not have this connector among its "
                    + "receivers",
                "priority_levels: are for logs, and the pipeline 'metrics' brings metrics; use a failover "
                    + "connector for each signal",
            ])
        #expect(problems.first?.suggestion == "logs/others")
    }
}
