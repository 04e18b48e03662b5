public import Pipeline

/// Receives nothing: for pipelines that are fed by a connector, and for trying things out.
public struct NopReceiver: Receiver {
    public static let name = "nop"
    public static let summary = "Receives nothing; for trying out a configuration."

    public init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}

    public func run(_ session: ReceiverSession) async throws(ComponentError) {
        session.ready()
        _ = await session.stopRequested()
    }
}
