public import Pipeline
internal import Settings
internal import Telemetry

/// The contract every component keeps, checked in one line.
///
///     try await Conformance.check(Redact.self, yaml: "keys: [password]")
///
/// The settings have to be such that the component lets samples through. Throws `ConformanceFailure` with
/// everything that is wrong.
public enum Conformance {
    /// Checks a processor.
    public static func check<Step: Holder>(_ type: Step.Type, yaml: String = "{}") async throws {
        var report = ConformanceReport(Step.name)
        report.checkDeclaration(type)
        if let configuration = report.checkConfiguration(Step.Configuration.self, yaml: yaml) {
            for signal in Step.signals {
                report.checkStep(signal) { surroundings in
                    try Step(configuration, in: surroundings.context(.processor, Step.name))
                }
            }
        }
        try report.finish()
    }

    /// Checks a connector.
    public static func check<Joint: Connector>(_ type: Joint.Type, yaml: String = "{}") async throws {
        var report = ConformanceReport(Joint.name)
        report.checkDeclaration(type)
        report.expect(!Joint.conversions.isEmpty, "converts nothing")
        if report.checkConfiguration(Joint.Configuration.self, yaml: yaml) != nil {
            let harness = try await ConnectorHarness(type, yaml: yaml)
            for signal in Signal.allCases where Joint.conversions.contains(where: { $0.from == signal }) {
                _ = try await harness.send(Batch(signal: signal))
                _ = try await harness.send(try Samples.batch(signal))
                _ = try await harness.send(try Samples.complete(signal))
            }
            try await harness.drain()
            for signal in Signal.allCases {
                for batch in harness.sink(signal).batches { report.checkValid(batch, batch.signal) }
            }
        }
        try report.finish()
    }

    /// Checks an exporter, which is opened and closed and has to take every sample in between.
    ///
    /// `rejecting` is how many items of the complete samples the other side has no place for.
    public static func check<Target: Exporter>(
        _ type: Target.Type, yaml: String = "{}", rejecting items: Int = 0
    ) async throws {
        var report = ConformanceReport(Target.name)
        report.checkDeclaration(type)
        if let configuration = report.checkConfiguration(Target.Configuration.self, yaml: yaml) {
            let exporter = try Target(configuration, in: Harness().context(.exporter, Target.name))
            try await exporter.open()
            for signal in Target.signals {
                for batch in [Batch(signal: signal), try Samples.batch(signal)] {
                    await report.checkExport(batch, to: exporter)
                }
                await report.checkExport(try Samples.complete(signal), to: exporter, rejecting: items)
            }
            await exporter.close()
        }
        try report.finish()
    }

    /// Checks a receiver, which is started and stopped.
    public static func check<Source: Receiver>(_ type: Source.Type, yaml: String = "{}") async throws {
        var report = ConformanceReport(Source.name)
        report.checkDeclaration(type)
        if report.checkConfiguration(Source.Configuration.self, yaml: yaml) != nil {
            try await ReceiverHarness(type, yaml: yaml).stop()
        }
        try report.finish()
    }

    /// Checks an extension, which is started and stopped.
    public static func check<Subject: Extension>(_ type: Subject.Type, yaml: String = "{}") async throws {
        var report = ConformanceReport(Subject.name)
        report.checkDeclaration(type)
        if report.checkConfiguration(Subject.Configuration.self, yaml: yaml) != nil {
            try await ExtensionHarness(type, yaml: yaml).stop()
        }
        try report.finish()
    }
}
