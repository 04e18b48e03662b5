import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Receivers

@Suite struct HostMetricsReceiverTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(HostMetricsReceiver.self, yaml: "scrapers: {cpu: }")
    }

    @Test func `it scrapes after the delay and then at the interval`() async throws {
        let host = try HostFolder(["/proc/stat": CPUScraperTests.statistics, "/proc/uptime": "5.5 1\n"])
        let surroundings = Harness()
        let clock = surroundings.clock
        let harness = try await ReceiverHarness(
            HostMetricsReceiver.self,
            yaml: """
                collection_interval: 10s
                initial_delay: 3s
                root_path: \(host.path)
                scrapers: {system: , cpu: {metrics: {system.cpu.time: {enabled: false}}}}
                """, in: surroundings)
        let sink = harness.sink(.metrics)
        await clock.waitForSleepers()
        clock.advance(by: .seconds(2))
        #expect(sink.batches.isEmpty)
        clock.advance(by: .seconds(1))
        await sink.waitForItems(2)
        #expect(
            sink.batches[0].pointLines == [
                "system.cpu.logical.count{} 2 @1700000000", "system.uptime{} 5.5",
            ])
        #expect(sink.batches[0].metrics[1].points[0].time == clock.unixNanoseconds)
        for round in 2...3 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(10))
            await sink.waitForItems(round * 2)
        }
        await clock.waitForSleepers()
        try await harness.stop()
        #expect(sink.batches.count == 3)
        let labels: KeyValuePairs = ["receiver": "host_metrics", "scraper": "cpu"]
        #expect(surroundings.metric("otelcol_scraper_scraped_metric_points", labels) == 3)
        #expect(surroundings.metric("otelcol_scraper_errored_metric_points", labels) == 0)
        #expect(surroundings.statuses.isEmpty)
    }

    @Test func `what cannot be read is counted and told until it can be`() async throws {
        let host = try HostFolder(["/proc/stat": CPUScraperTests.statistics])
        let surroundings = Harness()
        let clock = surroundings.clock
        let harness = try await ReceiverHarness(
            HostMetricsReceiver.self,
            yaml: "{root_path: \(host.path), scrapers: {load: , processes: , cpu: }}", in: surroundings)
        await clock.waitForSleepers()
        clock.advance(by: .seconds(1))
        await harness.sink(.metrics).waitForItems(10)
        await surroundings.waitForStatus(
            .recoverableError(
                "could not scrape everything: load: cannot open \(host.path)/proc/loadavg: No such file or "
                    + "directory; processes: cannot use \(host.path)/proc: it shows no process"))
        let name = "otelcol_scraper_errored_metric_points"
        #expect(surroundings.metric(name, ["scraper": "load"]) == 3)
        #expect(surroundings.metric(name, ["scraper": "processes"]) == 1)
        try host.write("1 2 3 1/2 3\n", to: "/proc/loadavg")
        try host.write(ProcessFilesTests.statistics(), to: "/proc/1/stat")
        await clock.waitForSleepers()
        clock.advance(by: .seconds(60))
        await surroundings.waitForStatus(.ok)
        #expect(surroundings.statuses.count == 2)
        try await harness.stop()
    }

    @Test func `what the pipelines do not take is counted and told`() async throws {
        let host = try HostFolder(["/proc/uptime": "5.5 1\n"])
        let surroundings = Harness()
        let harness = try await ReceiverHarness(
            HostMetricsReceiver.self, yaml: "{root_path: \(host.path), scrapers: {system: }}",
            in: surroundings)
        harness.sink(.metrics).refuse(with: .never(reason: "no room"))
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(1))
        await surroundings.waitForStatus(
            .recoverableError(
                "could not scrape everything: what was scraped is lost, the pipelines do not take it: no room"
            ))
        #expect(surroundings.metric("apus_scraper_given_up_metric_points") == 1)
        try await harness.stop()
    }

    @Test func `every scraper reads the machine that the test runs on`() async throws {
        let surroundings = Harness()
        let names = [
            "cpu", "disk", "filesystem", "load", "memory", "network", "nfs", "paging", "processes", "process",
            "system",
        ]
        let harness = try await ReceiverHarness(
            HostMetricsReceiver.self, yaml: "scrapers: {\(names.map { "\($0): " }.joined(separator: ", "))}",
            in: surroundings)
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(1))
        await harness.sink(.metrics).waitForItems(1)
        try await harness.stop()
        let batch = try #require(harness.sink(.metrics).batches.first)
        let found = Set(batch.metrics.map { $0.name })
        #expect(
            found.isSuperset(of: [
                "system.cpu.time", "system.cpu.load_average.1m", "system.memory.usage", "system.network.io",
                "system.paging.faults", "system.processes.count", "process.cpu.time", "system.uptime",
            ]))
        #expect(throws: Never.self) { try Batch(validating: batch.contiguous(), as: .metrics) }
    }

    @Test(arguments: [
        ("{}", "missing required key 'scrapers'"), ("scrapers: {}", "name at least one scraper, such as cpu"),
        ("scrapers: {hardware: }", "is not supported"),
        ("scrapers: {gpu: }", "unknown key 'gpu'"),
        ("{metadata_collection_interval: 5m, scrapers: {cpu: }}", "is not supported"),
        ("{collection_interval: 0s, scrapers: {cpu: }}", "must be more than 0"),
        ("{root_path: hostfs, scrapers: {cpu: }}", "must be an absolute path"),
        ("scrapers: {cpu: {metrics: {system.cpu.tim: {enabled: true}}}}", "unknown key 'system.cpu.tim'"),
        ("scrapers: {cpu: {metrics: {system.cpu.time: {attributes: [core]}}}}", "has no attribute 'core'"),
        ("scrapers: {cpu: {metrics: {system.cpu.time: {attributes: [cpu, cpu]}}}}", "twice"),
        ("scrapers: {system: {metrics: {system.uptime: {attributes: []}}}}", "unknown key 'attributes'"),
        ("scrapers: {disk: {include: {devices: [sda]}}}", "must say how names match"),
        ("scrapers: {disk: {include: {match_type: regexp, devices: ['(']}}}", "not a regular expression"),
        ("scrapers: {disk: {include: {match_type: glob, devices: [a]}}}", "must be one of strict, regexp"),
        ("scrapers: {process: {metrics: {process.handles: {enabled: true}}}}", "only Windows has handles"),
        (
            "scrapers: {process: {resource_attributes: {process.pid: {metrics_include: [{}]}}}}",
            "must have one of strict and regexp"
        ),
    ])
    func `a configuration that cannot be meant is refused`(yaml: String, message: String) {
        let failure = #expect(throws: InvalidSettings.self) {
            try HostMetricsReceiver.Configuration.decode(yaml: yaml)
        }
        #expect("\(String(describing: failure))".contains(message), "\(String(describing: failure))")
    }

    @Test func `a root that is not there is refused`() throws {
        let configuration = try HostMetricsReceiver.Configuration.decode(
            yaml: "{root_path: /no/such/root, scrapers: {cpu: }}")
        let failure = #expect(throws: ComponentError.self) {
            try HostMetricsReceiver(configuration, in: Harness().context(.receiver, "host_metrics"))
        }
        #expect(failure?.key == "root_path")
    }

    @Test func `the defaults are those of otelcol`() throws {
        let configuration = try HostMetricsReceiver.Configuration.decode(yaml: "scrapers: {cpu: }")
        #expect(configuration.scrape.collectionInterval == .seconds(60))
        #expect(configuration.scrape.initialDelay == .seconds(1))
        #expect(configuration.scrape.timeout == .zero)
        func enabled<Metric: HostMetricName>(_ type: Metric.Type) -> [String] {
            Metric.allCases.filter { $0.definition.isEnabled }.map { $0.rawValue }
        }
        #expect(enabled(CPUMetric.self) == ["system.cpu.time", "system.cpu.logical.count"])
        #expect(enabled(DiskMetric.self).count == DiskMetric.allCases.count)
        #expect(
            enabled(FilesystemMetric.self) == ["system.filesystem.usage", "system.filesystem.inodes.usage"])
        #expect(enabled(LoadMetric.self).count == 3)
        #expect(enabled(MemoryMetric.self) == ["system.memory.usage"])
        #expect(
            enabled(NetworkMetric.self) == [
                "system.network.packets", "system.network.dropped", "system.network.errors",
                "system.network.io", "system.network.connections",
            ])
        #expect(
            enabled(PagingMetric.self) == [
                "system.paging.usage", "system.paging.operations", "system.paging.faults",
            ])
        #expect(enabled(ProcessesMetric.self).count == 2)
        #expect(
            enabled(ProcessMetric.self) == [
                "process.cpu.time", "process.memory.usage", "process.memory.virtual", "process.disk.io",
            ])
        #expect(enabled(SystemMetric.self) == ["system.uptime"])
    }
}
