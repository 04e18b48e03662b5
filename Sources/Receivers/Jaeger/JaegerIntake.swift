internal import Formats
internal import Logging
internal import Pipeline
internal import Telemetry

/// The way from spans that came over one protocol into the pipelines.
struct JaegerIntake: Sendable {
    private let outlet: Outlet?
    private let keepsMetadata: Bool
    private let invalid: Counter
    let transport: String
    let logger: Logger

    init(_ session: ReceiverSession, transport: String, _ context: Context, keepsMetadata: Bool = false) {
        outlet = session.outlet(for: .traces, transport: transport)
        self.keepsMetadata = keepsMetadata
        self.transport = transport
        logger = context.logger
        invalid = context.metrics.counter(
            "apus_receiver_invalid_requests", "Requests that were not valid telemetry.",
            labels: [("receiver", context.id.description), ("transport", transport)])
    }

    /// Takes note of a message that could not be read.
    func noteInvalid(_ reason: String, from peer: String) {
        invalid.add(1)
        logger.warning(
            "a message cannot be read",
            metadata: ["transport": "\(transport)", "reason": "\(reason)", "peer": "\(peer)"])
    }

    /// What is known of spans when they have been handed on.
    enum Handover {
        /// Why they were refused, or that they were not.
        case answered(Rejection?)
        /// The pipeline answers later.
        case pending(PendingReceipt)
    }

    /// Hands spans on, on the event loop of the sender's lane.
    func hand(_ batch: consuming Batch, from sender: OTLPIntake.Sender) -> Handover {
        guard let outlet else { return .answered(.never(reason: "no pipeline takes traces")) }
        if keepsMetadata || !sender.principal.attributes.isEmpty {
            batch.origin = sender.origin(withMetadata: keepsMetadata)
        }
        do throws(Rejection) {
            return switch try outlet.send(batch, on: sender.lane) {
            case .accepted: .answered(nil)
            case .pending(let receipt): .pending(receipt)
            }
        } catch {
            return .answered(judged(error))
        }
    }

    /// Hands spans on as well; calls `answer` once, in this call or when the pipeline knows, with why they
    /// were refused.
    func send(
        _ batch: consuming Batch, from sender: OTLPIntake.Sender,
        answer: @escaping @Sendable (Rejection?) -> Void
    ) {
        switch hand(batch, from: sender) {
        case .answered(let refusal): answer(refusal)
        case .pending(let receipt): receipt.whenResolved { answer(judged($0)) }
        }
    }

    /// What a refusal is to the sender.
    func judged(_ refusal: Rejection?) -> Rejection? { TracesIntake.judged(refusal, logger) }
}
