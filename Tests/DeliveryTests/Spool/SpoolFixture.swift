import Glibc
import Logging
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Delivery

/// A directory for one test, and spools in it.
final class SpoolFixture: Sendable {
    let directory = "/tmp/apus-spool-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let clock = ManualClock()
    let log = RecordingLog()
    let disk = FaultyDisk()

    deinit {
        for name in (try? Directory.names(in: directory)) ?? [] {
            try? Directory.remove("\(directory)/\(name)")
        }
        rmdir(directory)
    }

    func settings(_ change: (inout SpoolSettings) -> Void = { _ in }) -> SpoolSettings {
        var settings = SpoolSettings(directory: directory)
        settings.synchronization = .never
        change(&settings)
        return settings
    }

    func open(
        _ signal: Signal = .traces, _ change: (inout SpoolSettings) -> Void = { _ in }
    ) async throws(SpoolError) -> (spool: Spool, records: [SpoolRecord], damage: SpoolDamage) {
        try await Spool.open(
            settings(change), signal: signal, clock: clock, logger: log.logger(), disk: disk)
    }

    /// The names of the files, without the lock.
    func files() throws -> [String] {
        try Directory.names(in: directory).filter { $0 != SpoolLock.fileName }.sorted()
    }

    /// The content of a file.
    func content(_ name: String) throws -> [UInt8] { try SmallFile.read("\(directory)/\(name)").array }

    /// Puts a file there.
    func put(_ content: [UInt8], _ name: String) throws {
        try Directory.make(directory, permissions: 0o700)
        var file = try OutputFile("\(directory)/\(name)", .truncate)
        var rest = Bytes(content)
        while !rest.isEmpty { rest = rest[try file.write(rest)..<rest.count] }
    }

    /// A batch whose content nobody else has.
    static func batch(_ number: Int, _ signal: Signal = .traces, items: Int = 1) throws -> Batch {
        try Samples.batch(signal, items: items, service: "service-\(number)")
    }
}

extension Spool {
    /// Appends and waits until it is written.
    func write(_ batch: Batch, note: Bytes = .empty) async throws(SpoolError) -> SpoolRecord {
        let (record, error) = await attempt(batch, note: note)
        if let error { throw error }
        return record
    }

    /// Appends and waits for the answer.
    func attempt(_ batch: Batch, note: Bytes = .empty) async -> (SpoolRecord, SpoolError?) {
        let made = Mutex<SpoolRecord?>(nil)
        let error = await withCheckedContinuation { continuation in
            let record = append(batch, note: note) { continuation.resume(returning: $0) }
            made.withLock { $0 = record }
        }
        return (made.withLock { $0 } ?? SpoolRecord(batch, note: note, time: 0), error)
    }

    /// Returns when everything that was handed in before is done.
    ///
    /// Whoever is answered second was answered in a later pass of the thread.
    func settle() async throws(SpoolError) {
        for _ in 0..<2 { remove(try await write(Batch(signal: .traces))) }
    }
}

extension Batch {
    /// The bytes of every chunk, and what belongs to them.
    var facts: [String] {
        chunks.map { "\($0.itemCount) \($0.bytes.array)" } + [
            "\(itemCount) \(byteCount) \(origin?.peer ?? "-")",
            "\(origin?.metadata.sorted { $0.key < $1.key } ?? [])",
        ]
    }
}
