import Exporters
import Formats
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

/// Batches that do not fit into one request.
@Suite struct ZipkinLargeBatchTests {
    /// A resource with 1 MiB of attributes and so many spans, of which 7 fit into a request.
    private func batch(_ count: Int) -> Batch {
        var builder = TracesBuilder()
        builder.resource { $0.attribute("k", .string(String(repeating: "x", count: 1 << 20))) }
        for number in 0..<count {
            builder.span { span in
                span.traceID(Bytes([UInt8](repeating: 1, count: 16)))
                span.spanID(Bytes([UInt8](repeating: 2, count: 8)))
                span.name("\(number)")
            }
        }
        return builder.finish()
    }

    private func names(_ arrivals: [Backend.Arrival]) throws -> [[String]] {
        try arrivals.map { arrival in
            let batch = try ZipkinDecoder().decode(arrival.body, as: .protobuf, limit: 1 << 25, now: 1)
            return batch.resourceSpans.flatMap { $0.scopes.flatMap { $0.records.map { $0.name } } }
        }
    }

    private func run(
        _ backend: Backend, _ body: (ZipkinExporter) async throws -> Void
    ) async throws {
        let yaml = "{endpoint: 'http://\(backend.address)/api/v2/spans', format: proto}"
        try await withExporter(ZipkinExporter.self, yaml, body)
        await backend.stop()
    }

    private let parts = [(0..<7), (7..<14), (14..<16)].map { $0.map { String($0) } }

    @Test func `a batch is sent in requests of up to 8 MiB`() async throws {
        let backend = try await Backend.http { _ in ServerResponse(status: 202) }
        try await run(backend) { exporter async throws in
            #expect(try await exporter.export(batch(16), on: 0) == .delivered)
            #expect(try names(backend.arrivals) == parts)
            #expect(backend.arrivals.allSatisfy { $0.body.count <= 8 << 20 })
        }
    }

    @Test func `what was delivered is not sent again, not even beside other batches`() async throws {
        let count = Mutex(0)
        let backend = try await Backend.http { _ in
            let number = count.withLock { number in
                number += 1
                return number
            }
            return .text(number == 2 ? 503 : 202, "")
        }
        try await run(backend) { exporter async throws in
            #expect(try await !failure(exporter, batch(16)).isPermanent)
            #expect(try await exporter.export(batch(1), on: 0) == .delivered)
            #expect(try await exporter.export(batch(16), on: 0) == .delivered)
            let expected = [parts[0], parts[1], ["0"], parts[1], parts[2]]
            #expect(try names(backend.arrivals) == expected)
            // Nothing is remembered of what is done.
            #expect(try await exporter.export(batch(16), on: 0) == .delivered)
            #expect(try names(Array(backend.arrivals.dropFirst(5))) == parts)
        }
    }

    @Test func `requests that are refused are counted, and all of them are the batch`() async throws {
        let refused = Mutex<Set<Int>>([2])
        let count = Mutex(0)
        let backend = try await Backend.http { _ in
            let number = count.withLock { number in
                number += 1
                return number
            }
            return refused.withLock { $0.contains(number) } ? .text(400, "no") : ServerResponse(status: 202)
        }
        try await run(backend) { exporter async throws in
            let outcome = try await exporter.export(batch(16), on: 0)
            #expect(outcome.rejectedItems == 7)
            #expect(outcome.message == "\(backend.address)/api/v2/spans answered with status 400: no")
            refused.withLock { $0 = [4, 5, 6] }
            #expect(try await failure(exporter, batch(16)).isPermanent)
            #expect(backend.arrivals.count == 6)
        }
    }

    @Test func `a span that is too large for a request is rejected and not sent`() async throws {
        let backend = try await Backend.http()
        try await run(backend) { exporter async throws in
            var builder = TracesBuilder()
            builder.resource { $0.attribute("k", .string(String(repeating: "x", count: 9 << 20))) }
            for _ in 0..<3 {
                builder.span { span in
                    span.traceID(Bytes([UInt8](repeating: 1, count: 16)))
                    span.spanID(Bytes([UInt8](repeating: 2, count: 8)))
                }
            }
            let outcome = try await exporter.export(builder.finish(), on: 0)
            #expect(outcome.rejectedItems == 3)
            #expect(outcome.message.contains("more than 8388608 bytes"))
            #expect(backend.arrivals.isEmpty)
        }
    }
}
