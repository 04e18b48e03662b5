internal import Formats
internal import Logging
internal import Pipeline
internal import Telemetry
internal import Transport
internal import Wire

/// The way from the body of a request into the pipelines.
struct ZipkinIntake: Sendable {
    /// What became of a request.
    enum Outcome: Sendable {
        case accepted
        case invalid(InvalidTelemetry)
        case refused(Rejection)
    }

    private struct Way: Sendable {
        let outlet: Outlet?
        let invalidRequests: Counter
    }

    private let ways: [ZipkinForm: Way]
    private let decoder: ZipkinDecoder
    /// The most bytes that the spans of a body may become.
    private let outputLimit: Int
    private let keepsMetadata: Bool
    private let clock: any PipelineClock
    private let logger: Logger

    init(
        _ session: ReceiverSession, _ context: Context, parsesStringTags: Bool, _ settings: HTTPServerSettings
    ) {
        var ways: [ZipkinForm: Way] = [:]
        for form in ZipkinForm.allCases {
            let transport = form.transport
            ways[form] = Way(
                outlet: session.outlet(for: .traces, transport: transport),
                invalidRequests: context.metrics.counter(
                    "apus_receiver_invalid_requests", "Requests that were not valid telemetry.",
                    labels: [("receiver", context.id.description), ("transport", transport)]))
        }
        self.ways = ways
        decoder = ZipkinDecoder(parsesStringTags: parsesStringTags)
        outputLimit = TracesIntake.outputLimit(settings.maxBodyBytes)
        keepsMetadata = settings.includeMetadata
        logger = context.logger
        clock = context.clock
    }

    /// Reads a body and hands it on; calls `answer` once, in this call or when the pipeline knows.
    ///
    /// Runs on the event loop of the sender's lane.
    func take(
        _ form: ZipkinForm, _ body: Bytes, from sender: OTLPIntake.Sender,
        answer: @escaping @Sendable (Outcome) -> Void
    ) {
        guard let way = ways[form], let outlet = way.outlet else {
            return answer(.refused(.never(reason: "no pipeline takes traces from this receiver")))
        }
        var batch: Batch
        do throws(InvalidTelemetry) {
            batch = try decoder.decode(body, as: form, limit: outputLimit, now: clock.unixNanoseconds)
        } catch {
            way.invalidRequests.add(1)
            return answer(.invalid(error))
        }
        guard batch.itemCount > 0 else { return answer(.accepted) }
        if keepsMetadata || !sender.principal.attributes.isEmpty {
            batch.origin = sender.origin(withMetadata: keepsMetadata)
        }
        do throws(Rejection) {
            switch try outlet.send(batch, on: sender.lane) {
            case .accepted: answer(.accepted)
            case .pending(let receipt):
                receipt.whenResolved { answer(judged($0)) }
            }
        } catch {
            answer(judged(error))
        }
    }

    private func judged(_ refusal: Rejection?) -> Outcome {
        TracesIntake.judged(refusal, logger).map { .refused($0) } ?? .accepted
    }
}

extension ZipkinForm {
    /// The label of that name on the metrics of the receiver, as otelcol has it.
    fileprivate var transport: String {
        switch self {
        case .jsonV1: "http_v1_json"
        case .json: "http_v2_json"
        case .protobuf: "http_v2_proto"
        case .thrift: "http_v1_thrift"
        }
    }
}
