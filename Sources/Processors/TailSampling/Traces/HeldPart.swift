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

    /// `claims` is how many claims its parts keep in lists of their own.
    init(_ index: SpanIndex, claims: Int = 0, in memory: HeldMemory) {
        self.memory = memory
        bytes = index.memory + index.traceCount * HeldPart.cost + claims * HeldClaim.cost
        memory.add(bytes)
    }

    deinit { memory.add(-bytes) }
}

/// The spans of one trace that came in one chunk, with who sent them and who waits for them.
struct HeldPart: Sendable {
    let portion: SpanPortion
    let request: HeldRequest
    let origin: Origin?
    let claims: [HeldClaim]

    /// Bytes that a part takes in the list of its trace, which may have grown by as much again.
    static let cost = 2 * MemoryLayout<HeldPart>.stride

    /// Tells whoever waits for the spans that they go no further.
    func miss(_ rejection: Rejection) {
        guard !claims.isEmpty else { return }
        var ordinals: [Int] = []
        portion.forEachOrdinal { ordinals.append($0) }
        claims.on(ordinals).miss(rejection)
    }
}

extension [HeldPart] {
    var spanCount: Int { reduce(0) { $0 + $1.portion.spanCount } }
}

/// What somebody waits for of a chunk.
struct HeldClaim: Sendable {
    let claimant: any Claimant
    /// The spans of the chunk, counted from 0, that may be the claimant's.
    let spans: Range<Int>

    /// Bytes that it takes, alone in a list.
    static let cost = MemoryLayout<HeldClaim>.stride + 32
}

extension [HeldClaim] {
    /// The claims on some spans of the chunk, which are given in order.
    func on(_ ordinals: [Int]) -> [Claim] {
        var result: [Claim] = []
        var covered = 0
        var first = 0
        for claim in sorted(by: { $0.spans.lowerBound < $1.spans.lowerBound }) {
            while first < ordinals.count, ordinals[first] < claim.spans.lowerBound { first += 1 }
            var end = first
            while end < ordinals.count, ordinals[end] < claim.spans.upperBound { end += 1 }
            guard first < end else { continue }
            // Claims stand in the order of the spans, so those that nobody waits for need a place.
            if first > covered { result.append(.ofNobody(items: first - covered)) }
            result.append(Claim(claim.claimant, items: end - first))
            covered = Swift.max(covered, end)
        }
        return result
    }
}

/// Several who wait for the same spans until they have got equally far.
///
/// Each hears at the end of what was missed, as far as it may be its own: nobody acts on it before, and who
/// is told of each trace for itself would be told once for every other claimant.
final class JoinedClaimant: Claimant {
    private struct Missed {
        var useless: (items: Int, reason: String)?
        var sensible: (items: Int, reason: String, after: Duration?)?
    }

    let goal: ClaimGoal
    private let claims: [Claim]
    private let missed = Mutex(Missed())

    /// `nil` when nobody waits.
    init?(_ claims: [Claim], _ goal: ClaimGoal) {
        guard !claims.isEmpty else { return nil }
        self.claims = claims
        self.goal = goal
    }

    deinit {
        let missed = missed.withLock { $0 }
        for claim in claims {
            if let (items, reason) = missed.useless {
                claim.claimant.missed(min(items, claim.items), reason: reason, retry: .useless)
            }
            if let (items, reason, delay) = missed.sensible {
                claim.claimant.missed(
                    min(items, claim.items), reason: reason, retry: .sensible(after: delay))
            }
        }
    }

    func missed(_ items: Int, reason: String, retry: ClaimRetry) {
        missed.withLock { missed in
            switch retry {
            case .useless:
                missed.useless = ((missed.useless?.items ?? 0) + items, missed.useless?.reason ?? reason)
            case .sensible(let delay):
                let (before, known) = (missed.sensible?.items ?? 0, missed.sensible?.after)
                missed.sensible = (before + items, reason, [known, delay].compactMap { $0 }.max())
            }
        }
    }
}

/// Which claims are on which spans of a batch.
struct ClaimMap {
    private let claims: [HeldClaim]
    private var next = 0

    /// Leaves out who only wants what each destination asks for: being held is as far as telemetry can be
    /// within the time that such a sender waits.
    init(_ batch: borrowing Batch) {
        let all = batch.claims
        guard all.count == 1 || batch.isClaimedExactly else {
            // Who removed spans has not said whose they were: then each may be everybody's. All who want the
            // same are one to us, or each of many chunks and traces would have a list of all of them.
            let spans = 0..<batch.itemCount
            claims = [ClaimGoal.safe, .delivered].compactMap { goal in
                JoinedClaimant(all.filter { $0.claimant.goal == goal }, goal).map {
                    HeldClaim(claimant: $0, spans: spans)
                }
            }
            return
        }
        var claims: [HeldClaim] = []
        var start = 0
        for claim in all {
            let spans = all.count == 1 ? 0..<batch.itemCount : start..<(start + claim.items)
            start += claim.items
            if claim.claimant.goal == .asDestinationAsks { continue }
            claims.append(HeldClaim(claimant: claim.claimant, spans: spans))
        }
        self.claims = claims
    }

    /// The claims on the next chunk of the batch, whose first span has number `start` in the batch.
    mutating func claims(from start: Int, count: Int) -> [HeldClaim] {
        while next < claims.count, claims[next].spans.upperBound <= start { next += 1 }
        var result: [HeldClaim] = []
        for claim in claims[next...] {
            guard claim.spans.lowerBound < start + count else { break }
            let spans = claim.spans.clamped(to: start..<(start + count))
            result.append(
                HeldClaim(
                    claimant: claim.claimant, spans: (spans.lowerBound - start)..<(spans.upperBound - start)))
        }
        return result
    }
}

extension SpanPortion {
    /// The claims of the chunk that are on spans of this portion.
    func own(_ claims: [HeldClaim]) -> [HeldClaim] {
        guard claims.count > 1 else { return claims }
        var ordinals: [Int] = []
        forEachOrdinal { ordinals.append($0) }
        return claims.filter { claim in ordinals.contains { claim.spans.contains($0) } }
    }
}
