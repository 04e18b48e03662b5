import Compression
import Pipeline
import PipelineTesting
import Receivers
import Telemetry
import Testing
import Transport
import Wire

@Suite struct OTLPGRPCTests {
    @Test(arguments: Signal.allCases)
    func `every signal is taken and answered with a message without fields`(signal: Signal) async throws {
        try await withOTLPReceiver { receiver async throws in
            let sample = Samples.completeBytes(signal)
            #expect(try await receiver.call(sample, signal.exportMethod).isEmpty)
            #expect(receiver.sink(signal).batches.map { $0.contiguous().array } == [sample.array])
        }
    }

    @Test(arguments: [CompressionAlgorithm.gzip, .deflate, .zstd, .snappy])
    func `messages may be compressed`(algorithm: CompressionAlgorithm) async throws {
        try await withOTLPReceiver { receiver in
            let sample = Samples.bytes(.logs, items: 40)
            let answer = try await receiver.call(sample, Signal.logs.exportMethod, compression: algorithm)
            #expect(answer.isEmpty)
            #expect(receiver.sink(.logs).itemCount == 40)
        }
    }

    @Test func `an empty request is a success`() async throws {
        try await withOTLPReceiver { receiver async throws in
            #expect(try await receiver.call(.empty).isEmpty)
            #expect(receiver.sink(.traces).batches.isEmpty)
        }
    }

    @Test func `bad data is an invalid argument with its place`() async throws {
        try await withOTLPReceiver { receiver in
            let status = try await receiver.failure(Bytes([0x0A, 0x05, 0x61]))
            #expect(status.code == .invalidArgument)
            #expect(status.message.contains("at byte"))
            let details = try #require(status.details.flatMap { RPCStatus(decoding: $0) }?.details)
            #expect(
                details == [.badRequest([RPCStatus.FieldViolation(field: "", description: status.message)])])
            #expect(receiver.harness.metric("apus_receiver_invalid_requests", ["transport": "grpc"]) == 1)
        }
    }

    @Test func `too large messages exhaust a resource and are not to be tried again`() async throws {
        try await withOTLPReceiver(RunningOTLPReceiver.grpc("max_recv_msg_size_mib: 1")) { receiver in
            let status = try await receiver.failure(Bytes(Array(repeating: 0, count: (1 << 20) + 1)))
            #expect(status.code == .resourceExhausted)
            #expect(status.details.flatMap { RPCStatus(decoding: $0) }?.retryDelay == nil)
        }
    }

    @Test(arguments: [(nil, Duration.seconds(1)), (Duration.milliseconds(300), .milliseconds(300))])
    func `a pipeline that is full for now makes the client wait`(
        after: Duration?, delay: Duration
    ) async throws {
        try await withOTLPReceiver { receiver in
            receiver.sink(.traces).refuse(with: .later(reason: "full", after: after))
            let status = try await receiver.failure(Samples.bytes(.traces))
            #expect(status.code == .unavailable)
            #expect(status.message == "full")
            #expect(status.details.flatMap { RPCStatus(decoding: $0) }?.retryDelay == delay)
        }
    }

    @Test func `a pipeline that refuses for good is an internal error`() async throws {
        try await withOTLPReceiver { receiver in
            receiver.sink(.traces).refuse(with: .never(reason: "no"))
            let status = try await receiver.failure(Samples.bytes(.traces))
            #expect(status == GRPCStatus(.internal, "no"))
        }
    }

    @Test func `an answer that comes later is the status`() async throws {
        try await withOTLPReceiver { receiver async throws in
            let sink = receiver.sink(.traces)
            sink.hold()
            async let status = receiver.failure(Samples.bytes(.traces))
            await sink.waitForItems(3)
            sink.answer(.later(reason: "the backend is down"))
            #expect(try await status.code == .unavailable)
        }
    }

    @Test func `what nobody takes is unimplemented`() async throws {
        try await withOTLPReceiver(signals: [.logs]) { receiver in
            let noPipeline = try await receiver.failure(Samples.bytes(.traces))
            #expect(noPipeline.code == .unimplemented)
            #expect(noPipeline.message.contains("traces"))
            let long = "/" + String(repeating: "x", count: 5000)
            let noMethod = try await receiver.failure(.empty, long)
            #expect(noMethod.code == .unimplemented)
            #expect(noMethod.message.utf8.count < 200)
            #expect(try await receiver.call(Samples.bytes(.logs), Signal.logs.exportMethod).isEmpty)
        }
    }

    @Test func `metadata goes along when it is asked for`() async throws {
        try await withOTLPReceiver(RunningOTLPReceiver.grpc("include_metadata: true")) { receiver in
            _ = try await receiver.call(Samples.bytes(.traces), metadata: ["x-tenant": "a"])
            let origin = try #require(receiver.sink(.traces).batches.first?.origin)
            #expect(origin.metadata["x-tenant"] == ["a"])
        }
    }
}
