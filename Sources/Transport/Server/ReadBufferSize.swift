/// How much a connection may read at a time.
///
/// The larger the buffer, the less work a large body is; but each connection keeps its buffers (two of them,
/// mostly), they are not made of `Bytes`, and with hundreds of connections they are more than all telemetry.
enum ReadBufferSize {
    private static let largest = 256 << 10
    private static let smallest = 16 << 10
    // All buffers together take about an eighth of the memory, until there are so many connections that each
    // has the smallest: shares that shrink with the number of connections add up to its logarithm.
    private static let share = 64

    /// The most bytes that the newest of `connections` reads at a time; `limit` is the most memory that the
    /// process should use, in bytes, or `Int.max`.
    static func maximum(connections: Int, limit: Int) -> Int {
        max(smallest, min(largest, limit / share / max(connections, 1)))
    }
}
