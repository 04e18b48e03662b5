internal import NIOPosix
public import Pipeline
public import Telemetry

/// Writes telemetry to a file, one message per batch, in the formats of otelcol's exporter of that name.
///
/// Lanes encode and compress; one thread of the exporter's own writes, so a slow disk keeps no lane waiting.
/// There is no queue: a sender has its answer when the message is in the buffer of the file, which goes to
/// the operating system at `flush_interval`, when 64 KiB are full, and at the end. What a disk refuses stays
/// in the buffer and is tried again; meanwhile new batches are refused with "try again", so nothing that was
/// accepted gets lost while the process runs.
public struct FileExporter: Exporter {
    public static let name = "file"
    public static let summary = "Writes telemetry to a file as JSON lines or length-prefixed protobuf."

    /// No queue and no retries of our own: the sender keeps what the disk refuses.
    public let delivery: DeliverySettings

    private let encoding: FileEncoding
    private let writer: FileWriter

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        var delivery = DeliverySettings(timeout: .zero)
        delivery.sendingQueue.enabled = false
        delivery.retry.enabled = false
        self.delivery = delivery
        encoding = try FileEncoding(configuration)
        writer = FileWriter(configuration, context: context)
    }

    public func open() async throws(ComponentError) { try await writer.open() }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        guard batch.itemCount > 0 else { return .delivered }
        try await writer.append(try encoding.record(batch))
        return .delivered
    }

    public func close() async { await writer.close() }
}
