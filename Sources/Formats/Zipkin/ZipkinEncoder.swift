public import Telemetry
public import Wire

/// Writes traces as spans of Zipkin, version 2.
public struct ZipkinEncoder: Sendable {
    /// How spans are written.
    public enum Form: Sendable {
        case json, protobuf
    }

    /// What became of a batch.
    public struct Outcome: Sendable {
        /// A list of spans, also when there is none.
        public let body: Bytes
        /// Spans in the body.
        public let spanCount: Int
        /// Spans without a trace id or a span id, which are not in the body.
        public let rejectedCount: Int
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

    /// Writes all spans of a batch of traces as one list.
    public func encode(_ batch: Batch) -> Outcome {
        let counts: (spans: Int, rejected: Int)
        let body: Bytes
        switch form {
        case .json:
            var output = ZipkinJSONOutput(capacity: batch.byteCount * 2 + 256)
            counts = forEach(in: batch) { output.write($0) }
            body = output.finish()
        case .protobuf:
            var output = ZipkinProtobufOutput(capacity: batch.byteCount + 256)
            counts = forEach(in: batch) { output.write($0) }
            body = output.finish()
        }
        return Outcome(body: body, spanCount: counts.spans, rejectedCount: counts.rejected)
    }

    private func forEach(
        in batch: Batch, _ body: (ZipkinOutgoingSpan) -> Void
    ) -> (spans: Int, rejected: Int) {
        var counts = (spans: 0, rejected: 0)
        for group in batch.resourceSpans {
            let resource = ZipkinSurroundings(group.resource, defaultServiceName: defaultServiceName)
            for scope in group.scopes {
                let surroundings = resource.inside(scope.scope)
                for span in scope.records {
                    var maker = ZipkinSpanMaker(span, in: surroundings)
                    if let made = maker.make() {
                        counts.spans += 1
                        body(made)
                    } else {
                        counts.rejected += 1
                    }
                }
            }
        }
        return counts
    }
}
