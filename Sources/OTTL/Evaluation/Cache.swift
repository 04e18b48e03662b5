/// The map `cache`, in which statements put down what later ones use.
///
/// A cache that a group shares goes on from one piece of telemetry to the next, and statements may put
/// values into what is in it already. So it is bounded as a whole: it is counted anew each time that as much
/// was put into it as a value may have that is kept. That costs no more than putting it there did, and the
/// cache never has more than twice as much.
public struct Cache: Sendable {
    /// What is in it.
    public private(set) var map = ValueMap()
    /// Entries of the largest list or map that was put into it, or into which something was put, since it was
    /// empty.
    ///
    /// They are copied and compared each time, so whoever shares a cache begins anew when there are many.
    public private(set) var largestCount = 0
    /// Values and bytes of text that were put into it since it was counted.
    private var (values, size) = (0, 0)

    public init() {}

    /// Becomes `new`, which is what it was with some values and bytes of text more, in lists and maps of
    /// which the largest has so many entries.
    ///
    /// Throws, and begins anew, where it is too large as a whole.
    mutating func change(
        to new: ValueMap, adding values: Int, size: Int, largest count: Int
    ) throws(EvaluationError) {
        largestCount = max(largestCount, count)
        self.values += values
        self.size += size
        if self.values > FunctionLimits.values || self.size > FunctionLimits.keptSize {
            var bounds = ValueBounds()
            do throws(EvaluationError) {
                try bounds.check(.map(new))
            } catch {
                self = Cache()
                throw .message("cache became too large as a whole and begins anew: \(error)")
            }
            (self.values, self.size) = (0, 0)
        }
        map = new
    }

    /// Becomes `new`, which was counted.
    mutating func replace(with new: ValueMap) {
        (map, values, size) = (new, 0, 0)
        if new.isEmpty { largestCount = 0 }
    }
}
