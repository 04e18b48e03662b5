/// What is wrong with a message, and at which of its bytes.
struct ForwardFault: Error, Equatable, CustomStringConvertible {
    let reason: String
    /// Index from the beginning of the message, or of what it holds where that is packed.
    let offset: Int

    var description: String { "\(reason) at byte \(offset)" }
}
