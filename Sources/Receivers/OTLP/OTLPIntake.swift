internal import Pipeline
internal import Telemetry
internal import Transport
internal import Wire

/// The way from a request of one transport into the pipelines, the same for gRPC and HTTP.
struct OTLPIntake: Sendable {
    /// What became of a request.
    enum Outcome: Sendable {
        case accepted
        case partly(OTLPPartialSuccess)
        case invalid(InvalidTelemetry)
        case refused(Rejection)

        /// What the answer of a pipeline is to the client.
        init(_ refusal: Rejection?) {
            switch refusal {
            case nil: self = .accepted
            case .never(let reason, .some(let items)):
                self = .partly(OTLPPartialSuccess(rejectedItems: items, message: reason))
            case .some(let refusal): self = .refused(refusal)
            }
        }
    }

    private let outlets: [Signal: Outlet]
    private let keepsMetadata: Bool
    private let invalidRequests: Counter

    init(_ session: ReceiverSession, transport: String, _ context: Context, keepsMetadata: Bool) {
        var outlets: [Signal: Outlet] = [:]
        for signal in Signal.allCases { outlets[signal] = session.outlet(for: signal, transport: transport) }
        self.outlets = outlets
        self.keepsMetadata = keepsMetadata
        invalidRequests = context.metrics.counter(
            "apus_receiver_invalid_requests", "Requests that were not valid telemetry.",
            labels: [("receiver", context.id.description), ("transport", transport)])
    }

    /// Whether a pipeline takes the signal.
    func takes(_ signal: Signal) -> Bool { outlets[signal] != nil }

    /// Reads a body and hands it on; calls `answer` once, in this call or when the pipeline knows.
    ///
    /// Runs on the event loop of `lane`.
    func take(
        _ signal: Signal, _ body: Bytes, isJSON: Bool, from sender: Sender,
        answer: @escaping @Sendable (Outcome) -> Void
    ) {
        guard let outlet = outlets[signal] else {
            return answer(.refused(.never(reason: "no pipeline takes \(signal.rawValue)")))
        }
        var batch: Batch
        do throws(InvalidTelemetry) {
            // An empty request is a success in either encoding (OTLP 1.11, "Full Success").
            let isText = isJSON && !body.isEmpty
            batch = isText ? try OTLPJSON.read(body, as: signal) : try Batch(validating: body, as: signal)
        } catch {
            invalidRequests.add(1)
            return answer(.invalid(error))
        }
        if keepsMetadata || !sender.principal.attributes.isEmpty {
            batch.origin = sender.origin(withMetadata: keepsMetadata)
        }
        do throws(Rejection) {
            switch try outlet.send(batch, on: sender.lane) {
            case .accepted: answer(.accepted)
            case .pending(let receipt):
                receipt.whenResolved { answer(Outcome($0)) }
            }
        } catch {
            answer(.refused(error))
        }
    }

    /// Who sent a request, and on which lane it is handled.
    struct Sender {
        let peer: String
        let lane: Int
        let fields: HTTPFields
        /// Who that is, where somebody checks it.
        let principal: Principal

        /// The sender as processors see it.
        func origin(withMetadata keepsMetadata: Bool) -> Origin {
            var metadata: [String: [String]] = [:]
            if keepsMetadata {
                for (name, value) in fields { metadata[name, default: []].append(value) }
            }
            return Origin(peer: peer, metadata: metadata, attributes: principal.attributes)
        }
    }
}
