internal import Wire

/// A message of the protocol: how one of its fields is taken, and how all are written.
protocol WireMessage: Sendable, Hashable {
    /// As the schema calls it, for errors.
    static var messageName: StaticString { get }

    init()

    /// Takes one field; those it does not know are left alone.
    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError)
    /// Writes all fields that do not hold their default.
    func write(to writer: inout Writer)
}

extension WireMessage {
    /// The message in protobuf.
    func wireBytes(capacity: Int = 256) -> Bytes {
        var writer = Writer(capacity: capacity)
        write(to: &writer)
        return writer.finish()
    }
}
