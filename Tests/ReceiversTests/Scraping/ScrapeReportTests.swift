import Logging
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Receivers

@Suite struct ScrapeReportTests {
    private let surroundings = Harness()
    private let report: ScrapeReport

    init() {
        report = ScrapeReport(["a", "b"], surroundings.context(.receiver, "host_metrics"))
    }

    /// A scrape in which sources had these problems.
    private func scrape(_ problems: KeyValuePairs<String, String>) {
        let results = problems.map { source, problem in
            var scraped = Scraped()
            scraped.failures.add(problem, points: 1)
            return (source: source, scraped: scraped)
        }
        report.note(results, nil)
    }

    private var warnings: [String?] {
        surroundings.log.lines.filter { $0.level == .warning }.map { $0.metadata["problem"] }
    }

    @Test func `a problem that comes and goes beside another is told once`() {
        for _ in 0..<20 {
            scrape(["a": "always"])
            scrape(["a": "always", "b": "now and then"])
            scrape(["a": "always", "b": "another"])
        }
        #expect(warnings == ["a: always", "b: now and then", "b: another"])
        #expect(surroundings.statuses.count == 3)
        #expect(
            surroundings.statuses.last
                == .recoverableError("could not scrape everything: a: always; b: another"))
    }

    @Test func `the status forgets what has not happened for a while`() {
        scrape(["a": "always", "b": "once"])
        for _ in 0..<30 { scrape(["a": "always"]) }
        #expect(warnings.count == 2)
        #expect(
            surroundings.statuses == [
                .recoverableError("could not scrape everything: a: always; b: once"),
                .recoverableError("could not scrape everything: a: always"),
            ])
        scrape(["a": "always", "b": "once"])
        #expect(warnings.count == 3)
    }

    @Test func `a problem after a good scrape is new`() {
        for _ in 0..<2 {
            scrape([:])
            scrape(["a": "bad"])
        }
        #expect(warnings == ["a: bad", "a: bad"])
        #expect(surroundings.statuses.count == 3)
        #expect(surroundings.log.messages(.info) == ["everything can be scraped again"])
    }
}
