public import Telemetry

/// What a statement runs on: the telemetry under the rewriter, and what statements remember of it.
///
/// A frame belongs to one lane. It is made once for a draft and begins anew for each message that the
/// draft turns to.
public final class Frame {
    /// The telemetry of the statement's context.
    public let draft: Draft
    /// What it is in, outwards: of a span event its span, then the scope, then the resource.
    let outer: Draft
    let second: Draft
    let third: Draft
    /// The time and the sender, as statements see them.
    public let surroundings: Surroundings
    // Exclusive access is left unchecked: a frame belongs to one lane and nothing calls out while it
    // modifies a property.

    /// The map `cache`: statements put down here what later ones use, for the same piece of telemetry.
    @exclusivity(unchecked) public var cache = Cache()
    /// The value that a converter is applied to which was handed over by name.
    @exclusivity(unchecked) var operand = Value.null
    /// The arguments of the lambdas that run.
    @exclusivity(unchecked) var locals: [Value] = []

    public init(_ draft: Draft, _ surroundings: Surroundings) {
        self.draft = draft
        outer = draft.parent ?? draft
        second = outer.parent ?? outer
        third = second.parent ?? second
        self.surroundings = surroundings
    }

    /// Forgets what statements remembered of the message before.
    public func begin() {
        if !cache.map.isEmpty { cache = Cache() }
    }

    /// The draft that is `steps` further out.
    @inline(__always)
    func draft(_ steps: UInt8) -> Draft {
        switch steps {
        case 0: draft
        case 1: outer
        case 2: second
        default: third
        }
    }
}

/// What statements see of the world outside of the telemetry.
public struct Surroundings: Sendable {
    /// Nanoseconds since 1970.
    public let now: @Sendable () -> Int64
    /// 64 random bits.
    public let random: @Sendable () -> UInt64
    /// Who sent the telemetry; `nil` when nobody knows.
    public var origin: Origin?

    public init(
        now: @escaping @Sendable () -> Int64, random: @escaping @Sendable () -> UInt64 = Self.systemRandom,
        origin: Origin? = nil
    ) {
        self.now = now
        self.random = random
        self.origin = origin
    }

    /// Bits from the random generator of the system.
    @Sendable public static func systemRandom() -> UInt64 { .random(in: .min ... .max) }
}

/// Gives the value of an expression.
public typealias Getter = @Sendable (Frame) throws(EvaluationError) -> Value
/// Puts a value where an expression points at.
public typealias Setter = @Sendable (Frame, Value) throws(EvaluationError) -> Void
/// Carries out an editor.
public typealias Action = @Sendable (Frame) throws(EvaluationError) -> Void
/// Whether something holds.
public typealias Test = @Sendable (Frame) throws(EvaluationError) -> Bool
