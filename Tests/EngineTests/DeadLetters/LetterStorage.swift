import Delivery
import Glibc
import Pipeline
import PipelineTesting
import Telemetry

/// A storage directory with dead letters for one test.
final class LetterStorage: Sendable {
    let root = "/tmp/apus-replay-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    private let clock = ManualClock()
    private let log = RecordingLog()

    var archive: DeadLetterArchive { DeadLetterArchive(directory: root) }

    /// The sizes of the letters that are there, sorted.
    var items: [Int] {
        get throws { try archive.list().letters.map { $0.itemCount }.sorted() }
    }

    deinit { Self.removeAll(root) }

    /// Opens the dead letters of an exporter as a collector does.
    func open(_ exporter: String, _ signal: Signal) async throws -> DeadLetters {
        let layout = StorageLayout(root: root)
        let id = ComponentID(parsing: exporter) ?? ComponentID(type: exporter)
        var settings = SpoolSettings(directory: layout.deadLetters(of: id, signal))
        settings.synchronization = .never
        settings.lockTimeout = .zero
        return try await DeadLetters.open(
            settings, maxAge: .zero, signal: signal, clock: clock, logger: log.logger())
    }

    /// Keeps a letter of `items` items that is a second younger than the one before.
    func keep(_ exporter: String, _ signal: Signal, _ items: Int) async throws {
        clock.advance(by: .seconds(1))
        let letters = try await open(exporter, signal)
        let batch = try Samples.batch(signal, items: items)
        let failure = await withCheckedContinuation { continuation in
            letters.add(
                batch, reason: "bad", attempts: 1,
                exporter: ComponentID(parsing: exporter) ?? ComponentID(type: exporter), pipeline: nil
            ) { continuation.resume(returning: $0) }
        }
        await letters.close()
        if let failure { throw failure }
    }

    private static func removeAll(_ path: String) {
        for name in (try? Directory.names(in: path)) ?? [] {
            removeAll("\(path)/\(name)")
            try? Directory.remove("\(path)/\(name)")
        }
        rmdir(path)
    }
}
