public import Telemetry
internal import Wire

/// Writes traces as spans of Zipkin, version 2.
public struct ZipkinEncoder: Sendable {
    /// How spans are written.
    public enum Form: Sendable {
        case json, protobuf
    }

    private let form: Form
    private let defaultServiceName: String

    /// - Parameters:
    ///   - form: how spans are written.
    ///   - defaultServiceName: the name of services whose resource has none.
    public init(as form: Form, defaultServiceName: String) {
        self.form = form
        self.defaultServiceName = defaultServiceName
    }

    /// Writes the spans of a batch of traces as lists, each when it is asked for.
    ///
    /// - Parameters:
    ///   - batch: the traces; other signals have no spans.
    ///   - limit: the most bytes of a list. The tags of resource and scope are in each of their spans, so all
    ///     lists together may be much larger than the batch.
    /// - Returns: the lists, of which nothing is written yet.
    public func lists(of batch: Batch, limit: Int) -> ZipkinLists {
        ZipkinLists(
            ZipkinSpans(batch, defaultServiceName: defaultServiceName, limit: limit), as: form,
            limit: limit, capacity: min(batch.byteCount * (form == .json ? 2 : 1), limit) + 256)
    }
}
