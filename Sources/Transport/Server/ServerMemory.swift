/// What knows how much memory a server may use.
///
/// It is asked on every lane, for every request and every read, so its answers have to be quick.
public protocol ServerMemory: Sendable {
    /// Whether another request may come in; asked at the end of its headers.
    func admitsRequest() -> Bool
    /// Whether sockets may be read; `false` leaves everything that comes with the operating system, which
    /// makes the clients wait.
    var allowsReading: Bool { get }
    /// The most bytes that the process should use; `Int.max` when there is no limit.
    var limit: Int { get }
    /// The bytes that bodies may still take, 0 or more.
    var room: Int { get }
    /// Takes note of a request that is answered with `ServerApplication.overloaded(_:)`.
    func countRefusal()
}
