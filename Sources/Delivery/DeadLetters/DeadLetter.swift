public import Telemetry

/// A batch that could not be delivered and never will be unasked, and its story.
public struct DeadLetter: Sendable, Equatable {
    /// Names the letter for as long as it exists: `<exporter>/<signal>/<segment>-<index>`.
    public let id: String
    /// When it was given up, in nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let signal: Signal
    /// The exporter whose other side refused it, such as `otlp/2`.
    public let exporter: String
    /// The pipeline it came from, such as `traces/backend`; empty when it came from several.
    public let pipeline: String
    /// Why it was given up, at most a few thousand characters.
    public let reason: String
    /// How often it was sent.
    public let attempts: Int
    /// Spans, data points, log records or profile samples in it.
    public let itemCount: Int
    /// Bytes of telemetry in it.
    public let byteCount: Int
    /// Address of the sender; empty when there is none or there are several.
    public let peer: String
}
