public import Wire

/// The way back to the caller of one gRPC call; takes one outcome, from any thread.
///
/// A reply that goes away without one sends `.internal`.
public final class GRPCReply: Sendable {
    private let responder: Responder

    init(responder: Responder) {
        self.responder = responder
    }

    /// Answers with a message (not yet framed, not compressed).
    public func succeed(_ message: Bytes) { responder.send(GRPCResponse.success(message)) }

    /// Answers with a failure.
    public func fail(_ status: GRPCStatus) { responder.send(GRPCResponse.failure(status)) }
}
