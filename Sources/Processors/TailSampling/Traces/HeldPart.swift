internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The memory of all requests of which something is held.
final class HeldMemory: Sendable {
    private let sum = Atomic<Int>(0)

    var bytes: Int { sum.load(ordering: .relaxed) }

    fileprivate func add(_ bytes: Int) { sum.wrappingAdd(bytes, ordering: .relaxed) }
}

/// One chunk of a request, counted for as long as something of it is held.
final class HeldRequest: Sendable {
    private let memory: HeldMemory
    private let bytes: Int

    init(_ index: SpanIndex, in memory: HeldMemory) {
        self.memory = memory
        bytes = index.memory
        memory.add(bytes)
    }

    deinit { memory.add(-bytes) }
}

/// The spans of one trace that came in one chunk, with who sent them and who waits for them.
struct HeldPart: Sendable {
    let portion: SpanPortion
    let request: HeldRequest
    let origin: Origin?
    /// In the order of the spans.
    let claims: [Claim]
}

extension [HeldPart] {
    var spanCount: Int { reduce(0) { $0 + $1.portion.spanCount } }

    /// Who waits for the spans, in their order.
    var claims: [Claim] { flatMap { $0.claims } }

    /// The sender of all of them, if they have one.
    var origin: Origin? {
        guard let first else { return nil }
        return allSatisfy { $0.origin === first.origin } ? first.origin : nil
    }

    /// The spans as a batch of their own.
    var batch: Batch {
        TraceSpans(map { $0.portion }).batch(origin: origin, claims: claims)
    }
}

/// Which claims are on which spans of a batch.
struct ClaimMap {
    private let claims: [Claim]

    /// Leaves out who only wants what each destination asks for: being held is as far as telemetry can be
    /// within the time that such a sender waits.
    init(_ batch: borrowing Batch) {
        claims = batch.claims
    }

    /// The claims on the spans of `portion`, whose chunk begins with span number `start` of the batch.
    func claims(on portion: SpanPortion, from start: Int) -> [Claim] {
        guard !claims.isEmpty else { return [] }
        if claims.count == 1, let only = claims.first {
            return Self.waits(only) ? [Claim(only.claimant, items: portion.spanCount)] : []
        }
        var counts: [Int] = Array(repeating: 0, count: claims.count)
        portion.forEachOrdinal { ordinal in
            var left = start + ordinal
            for (number, claim) in claims.enumerated() {
                if left < claim.items || number == claims.count - 1 {
                    counts[number] += 1
                    break
                }
                left -= claim.items
            }
        }
        return zip(claims, counts).compactMap { claim, count in
            count > 0 && Self.waits(claim) ? Claim(claim.claimant, items: count) : nil
        }
    }

    private static func waits(_ claim: Claim) -> Bool { claim.claimant.goal != .asDestinationAsks }
}
