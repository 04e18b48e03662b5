import Glibc
import Logging
import PipelineTesting
import Telemetry
import Testing

@testable import Receivers

/// A stop, or a change that puts another receiver in its place, in the middle of a scrape.
@Suite struct HostMetricsStopTests {
    @Test func `a scrape that is cut short is neither handed on nor told`() async throws {
        let host = try HostFolder(["/proc/stat": CPUScraperTests.statistics])
        // Whoever reads it hangs until somebody has written.
        let fifo = host.path + "/proc/loadavg"
        try #require(mkfifo(fifo, 0o600) == 0)
        let surroundings = Harness()
        let harness = try await ReceiverHarness(
            HostMetricsReceiver.self, yaml: "{root_path: \(host.path), scrapers: {cpu: , load: }}",
            in: surroundings)
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(1))
        var writer = open(fifo, O_WRONLY | O_NONBLOCK)
        while writer < 0 {
            await Task.yield()
            writer = open(fifo, O_WRONLY | O_NONBLOCK)
        }
        try await harness.stop()
        close(writer)
        #expect(harness.sink(.metrics).batches.isEmpty)
        Self.expectSilence(surroundings)
        #expect(surroundings.metric("otelcol_scraper_scraped_metric_points") == 0)
    }

    @Test func `what waits for the pipelines is not told as lost`() async throws {
        let host = try HostFolder(["/proc/uptime": "5.5 1\n"])
        let surroundings = Harness()
        let harness = try await ReceiverHarness(
            HostMetricsReceiver.self, yaml: "{root_path: \(host.path), scrapers: {system: }}",
            in: surroundings)
        let sink = harness.sink(.metrics)
        sink.hold()
        await surroundings.clock.waitForSleepers()
        surroundings.clock.advance(by: .seconds(1))
        await sink.waitForItems(1)
        try await harness.stop()
        sink.answer()
        Self.expectSilence(surroundings)
        #expect(surroundings.metric("otelcol_scraper_scraped_metric_points") == 1)
    }

    private static func expectSilence(_ surroundings: Harness) {
        #expect(surroundings.statuses.isEmpty)
        #expect(surroundings.log.messages(.warning).isEmpty)
        #expect(surroundings.metric("apus_scraper_given_up_metric_points") == 0)
        #expect(surroundings.metric("otelcol_scraper_errored_metric_points") == 0)
    }
}
