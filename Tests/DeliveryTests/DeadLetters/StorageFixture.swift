import Glibc
import Pipeline
import PipelineTesting
import Telemetry

@testable import Delivery

/// A storage directory for one test.
final class StorageFixture: Sendable {
    let root = "/tmp/apus-storage-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let clock = ManualClock()
    let log = RecordingLog()
    let disk = FaultyDisk()
    let exporter = ComponentID(type: "otlp", name: "2")

    var layout: StorageLayout { StorageLayout(root: root) }
    var archive: DeadLetterArchive { DeadLetterArchive(directory: root) }

    deinit { Self.removeAll(root) }

    /// Opens the dead letters of an exporter.
    func open(
        _ exporter: ComponentID? = nil, _ signal: Signal = .traces, maxAge: Duration = .zero,
        _ change: (inout SpoolSettings) -> Void = { _ in }
    ) async throws -> DeadLetters {
        var settings = SpoolSettings(
            directory: layout.deadLetters(of: exporter ?? self.exporter, signal))
        settings.synchronization = .never
        settings.lockTimeout = .zero
        change(&settings)
        return try await DeadLetters.open(
            settings, maxAge: maxAge, signal: signal, clock: clock, logger: log.logger(), disk: disk)
    }

    /// A batch with a sender, whose content nobody else has.
    func batch(_ number: Int, _ signal: Signal = .traces, items: Int = 1) throws -> Batch {
        var batch = try Samples.batch(signal, items: items, service: "service-\(number)")
        batch.origin = Origin(peer: "10.0.0.7:1")
        return batch
    }

    private static func removeAll(_ path: String) {
        for name in (try? Directory.names(in: path)) ?? [] {
            removeAll("\(path)/\(name)")
            try? Directory.remove("\(path)/\(name)")
        }
        rmdir(path)
    }
}

extension DeadLetters {
    /// Adds a letter and waits for the answer.
    func keep(
        _ batch: Batch, reason: String, attempts: Int = 1, exporter: String = "otlp/2"
    ) async -> SpoolError? {
        await withCheckedContinuation { continuation in
            add(
                batch, reason: reason, attempts: attempts,
                exporter: ComponentID(parsing: exporter) ?? ComponentID(type: "otlp"),
                pipeline: PipelineID(signal: batch.signal, name: "backend")
            ) { continuation.resume(returning: $0) }
        }
    }
}
