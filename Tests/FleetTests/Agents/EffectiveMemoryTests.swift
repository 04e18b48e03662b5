import FleetModel
import OpAMP
import Synchronization
import Testing
import Wire

@testable import Fleet

/// What thousands of agents say alike is read once, and nothing else is taken for it.
@Suite struct EffectiveMemoryTests {
    /// Masks one word, and counts how much it had to look at.
    private final class Masking: AgentOffers {
        let bytes = Atomic(0)
        let generation = Atomic<UInt64>(0)
        let secret: Mutexed<String?> = Mutexed(nil)

        var secretGeneration: UInt64 { generation.load(ordering: .relaxed) }
        func cachedOffer(_ hash: ContentHash) -> Bytes? { nil }
        func offer(_ hash: ContentHash) async throws(LibraryError) -> Bytes { .empty }

        func masked(_ message: Bytes) -> Bytes {
            bytes.wrappingAdd(message.count, ordering: .relaxed)
            guard let secret = secret.withLock({ $0 }) else { return message }
            var scrubber = SecretScrubber()
            scrubber.note(secret)
            return scrubber.mask(message) ?? message
        }

        func add(_ text: String) {
            secret.withLock { $0 = text }
            generation.wrappingAdd(1, ordering: .relaxed)
        }
    }

    private let offers = Masking()
    private let memory = EffectiveMemory()

    private func message(_ body: String, sequence: UInt64 = 1) -> AgentToServer {
        var message = AgentToServer(instanceUID: InstanceUID(high: 1, low: 2))
        message.sequenceNumber = sequence
        message.capabilities = .reportsStatus
        message.effectiveConfig = EffectiveConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array(body.utf8), contentType: "text/yaml")]))
        message.remoteConfigStatus = RemoteConfigStatus(lastHash: [3], status: .applied)
        return message
    }

    private func read(_ message: Bytes, limits: MessageLimits = .fromAgent) throws -> PreparedReport {
        try PreparedReport(reading: message, offers: offers, memory: memory, limits: limits)
    }

    private func content(_ message: AgentToServer) throws -> [UInt8] {
        try #require(message.effectiveConfig?.config?.canonicalBytes)
    }

    @Test(arguments: ["", "short", String(repeating: "exporters: {}\n", count: 1500)])
    func `whichever way it is read, it is the same`(body: String) throws {
        for sequence in UInt64(1)...3 {
            let whole = message(body, sequence: sequence)
            let prepared = try read(whole.encoded())
            let expected = try content(whole)
            #expect(prepared.effective?.hash == ContentHash(of: expected))
            #expect(prepared.effective?.content == expected)
            #expect(prepared.report.parts == whole.parts)
            #expect(prepared.report.sequenceNumber == sequence)
            #expect(prepared.report.remoteConfigStatus == whole.remoteConfigStatus)
        }
    }

    @Test func `what was said before is not looked at again`() throws {
        let body = String(repeating: "exporters: {}\n", count: 1500)
        _ = try read(message(body).encoded())
        let before = offers.bytes.load(ordering: .relaxed)
        _ = try read(message(body, sequence: 2).encoded())
        #expect(offers.bytes.load(ordering: .relaxed) - before < 200)
    }

    @Test(arguments: [0, 1, 777, 10_000, 20_999])
    func `one byte more or less, or another, makes another configuration`(place: Int) throws {
        var body = [UInt8](repeating: UInt8(ascii: "x"), count: 21_000)
        let first = message(String(decoding: body, as: UTF8.self))
        _ = try read(first.encoded())
        body[place] = UInt8(ascii: "y")
        var others = [message(String(decoding: body, as: UTF8.self))]
        body.remove(at: place)
        others.append(message(String(decoding: body, as: UTF8.self)))
        for other in others {
            #expect(try read(other.encoded()).effective?.hash == ContentHash(of: try content(other)))
        }
        #expect(try read(first.encoded()).effective?.hash == ContentHash(of: try content(first)))
    }

    @Test func `contents that look alike at a glance are told apart`() throws {
        // Only what lies between the places that are looked at differs.
        for number in 0..<20 {
            var body = [UInt8](repeating: UInt8(ascii: "x"), count: 200_000)
            body[1000 + number] = UInt8(ascii: "y")
            let said = message(String(decoding: body, as: UTF8.self))
            for _ in 0..<2 {
                #expect(try read(said.encoded()).effective?.hash == ContentHash(of: try content(said)))
            }
        }
    }

    @Test func `a secret that becomes known is masked in what was remembered without it`() throws {
        let body = String(repeating: "token: hunter22\n", count: 100)
        let clear = try read(message(body).encoded())
        let said = String(decoding: clear.effective?.content ?? [], as: UTF8.self)
        #expect(said.contains("hunter22"))
        offers.add("hunter22")
        for _ in 0..<2 {
            let masked = try read(message(body).encoded())
            let text = String(decoding: masked.effective?.content ?? [], as: UTF8.self)
            #expect(text.contains("token: ********") && !text.contains("hunter22"))
        }
    }

    @Test func `more is not remembered than it may`() throws {
        for number in 0..<60 {
            let said = message(String(repeating: "\(number) ", count: 200_000))
            #expect(try read(said.encoded()).effective?.hash == ContentHash(of: try content(said)))
        }
        #expect(memory.bytes <= EffectiveMemory.limit)
    }

    @Test func `what is no message, or larger than allowed, is refused as before`() throws {
        let body = String(repeating: "exporters: {}\n", count: 1500)
        let bytes = message(body).encoded()
        _ = try read(bytes)
        var small = MessageLimits.fromAgent
        small.messageBytes = bytes.count - 1
        #expect(throws: OpAMPError.self) { try read(bytes, limits: small) }
        #expect(throws: OpAMPError.self) { try read(bytes[0..<(bytes.count - 3)]) }
        let part = try #require(EffectiveConfigPart(in: bytes))
        // Without an id, and with what it runs as before.
        #expect(throws: OpAMPError.self) { try read(bytes[part.field]) }
    }

    @Test func `two messages that differ only in what the agent runs are no duplicates`() async throws {
        let bench = try await GatewayBench()
        let connection = FakeConnection()
        let bodies = ["a", "b"].map { String(repeating: $0, count: 2000) }
        for body in bodies { _ = bench.say(message(body), over: connection) }
        #expect(bench.gateway.statistics.duplicates == 0)
        for _ in 0..<2 { _ = bench.say(message(bodies[1]), over: connection) }
        #expect(bench.gateway.statistics.duplicates == 2)
        let hash = bench.inventory.agent(InstanceUID(high: 1, low: 2))?.effective
        #expect(hash == ContentHash(of: try content(message(bodies[1]))))
        try await bench.inventory.flush()
        let kept = try await bench.inventory.content(try #require(hash))
        #expect(kept == (try content(message(bodies[1]))))
    }
}
