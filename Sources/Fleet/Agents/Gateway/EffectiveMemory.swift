internal import FleetModel
internal import Glibc
internal import OpAMP
internal import Synchronization
internal import Wire

/// What an agent says that it runs: the hash, and the bytes that it said it with, secrets taken out.
struct EffectiveReport: Sendable {
    let hash: ContentHash
    /// An `EffectiveConfig` of OpAMP.
    let said: Bytes

    /// The bytes that the hash is taken over; worked out only where nobody has them yet.
    var content: [UInt8] {
        do throws(OpAMPError) {
            return try EffectiveConfig(decoding: said).config?.canonicalBytes ?? []
        } catch {
            // It has been read before.
            return []
        }
    }
}

/// What agents said lately that they run, found again by comparing bytes.
///
/// When a fleet gets a configuration or comes back, thousands say the same 20 KB. Who says what somebody has
/// said before is compared with it, byte by byte, which costs a fiftieth of reading, masking and hashing it.
/// Only what has no secret in it is remembered, and only until there is a secret more.
///
/// Bounded: `limit` bytes, of each not more than a sixteenth of that; `alike` that look the same at a glance.
/// What is beyond is read like the first.
final class EffectiveMemory: Sendable {
    /// Shorter ones are read as quickly as found.
    static let shortest = 512
    static let limit = 16 << 20
    private static let alike = 4

    /// What two different contents seldom have in common.
    private struct Glance: Hashable {
        let count: Int
        let sample: Int
    }

    private struct State {
        var generation: UInt64 = 0
        var known: [Glance: [EffectiveReport]] = [:]
        var bytes = 0
    }

    private let state = Mutex(State())

    /// Bytes that are remembered.
    var bytes: Int { state.withLock { $0.bytes } }

    /// What was made of the same bytes before.
    ///
    /// - Parameters:
    ///   - said: An `EffectiveConfig` as it came.
    ///   - generation: Which secrets are known: what was remembered with fewer is not found.
    /// - Returns: `nil` for what has to be read.
    func find(_ said: Bytes, generation: UInt64) -> EffectiveReport? {
        guard said.count >= Self.shortest else { return nil }
        let glance = Self.glance(said)
        let candidates = state.withLock { state in
            state.generation == generation ? state.known[glance] : nil
        }
        return candidates?.first { Self.isSame($0.said, said) }
    }

    /// Remembers what was made of bytes in which no secret was found.
    func remember(_ report: EffectiveReport, generation: UInt64) {
        let count = report.said.count
        guard count >= Self.shortest, count <= Self.limit / 16 else { return }
        // A copy, so that it does not hold on to the whole message.
        let report = EffectiveReport(
            hash: report.hash, said: report.said.withUnsafeBytes { Bytes(copying: $0) })
        let glance = Self.glance(report.said)
        state.withLock { state in
            if state.generation != generation || state.bytes + count > Self.limit {
                state = State(generation: generation)
            }
            var list = state.known[glance] ?? []
            guard list.count < Self.alike, !list.contains(where: { Self.isSame($0.said, report.said) })
            else { return }
            list.append(report)
            state.known[glance] = list
            state.bytes += count
        }
    }

    private static func glance(_ bytes: Bytes) -> Glance {
        var hasher = Hasher()
        bytes.withUnsafeBytes { memory in
            // 256 bytes from everywhere in it.
            let step = max((memory.count - 16) / 16, 1)
            for index in 0..<16 {
                let start = min(index * step, memory.count - 16)
                hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: memory[start..<(start + 16)]))
            }
        }
        return Glance(count: bytes.count, sample: hasher.finalize())
    }

    private static func isSame(_ left: Bytes, _ right: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return true }
                return memcmp(first, second, left.count) == 0
            }
        }
    }
}
