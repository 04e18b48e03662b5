internal import Pipeline
internal import Prometheus
internal import Telemetry
internal import Transport
internal import Wire

/// The way of a request into the pipelines.
struct RemoteWriteIntake: Sendable {
    /// What became of a request.
    enum Outcome: Sendable {
        /// The pipelines have what is valid of it.
        case taken(RemoteWriteResult)
        /// Nothing of it can be taken.
        case unreadable(RemoteWriteError)
        case refused(Rejection)
    }

    private let outlet: Outlet?
    private let settings: RemoteWriteSettings
    private let remembered = RemoteWriteMemory()
    private let keepsMetadata: Bool
    private let invalidRequests: Counter
    private let invalidSamples: Counter
    private let unsupported: Counter
    private let lostExemplars: Counter

    init(_ session: ReceiverSession, _ server: HTTPServerSettings, _ context: Context) {
        outlet = session.outlet(for: .metrics, transport: "http")
        keepsMetadata = server.includeMetadata
        var settings = RemoteWriteSettings()
        settings.outputLimit = 4 * server.maxBodyBytes
        settings.scopeVersion = ScrapeJob.version(context.userAgent)
        self.settings = settings
        let labels: Metrics.Labels = [("receiver", context.id.description)]
        func dropped(_ reason: String) -> Counter {
            context.metrics.counter(
                "apus_receiver_dropped_samples", "Samples that were not passed on, by reason.",
                labels: labels + [("reason", reason)])
        }
        invalidSamples = dropped("invalid")
        unsupported = dropped("gauge_histogram")
        lostExemplars = dropped("exemplar_without_sample")
        invalidRequests = context.metrics.counter(
            "apus_receiver_invalid_requests", "Requests that were not valid telemetry.",
            labels: labels + [("transport", "http")])
    }

    /// Reads a body and hands it on; calls `answer` once, in this call or when the pipeline knows.
    ///
    /// Runs on the event loop of the lane of `sender`.
    func take(
        _ body: Bytes, _ version: RemoteWriteVersion, from sender: OTLPIntake.Sender, room: () -> Int,
        answer: @escaping @Sendable (Outcome) -> Void
    ) {
        guard let outlet else { return answer(.refused(.never(reason: "no pipeline takes metrics"))) }
        let result: RemoteWriteResult
        do throws(RemoteWriteError) {
            result = try RemoteWriteTranslator(settings, remembered).translate(body, version, room: room)
        } catch {
            if error.kind != .noRoom { invalidRequests.add(1) }
            return answer(.unreadable(error))
        }
        let needsOrigin = keepsMetadata || !sender.principal.attributes.isEmpty
        let origin = needsOrigin ? sender.origin(withMetadata: keepsMetadata) : nil
        var receipts: [PendingReceipt] = []
        do throws(Rejection) {
            for var batch in result.batches {
                batch.origin = origin
                if case .pending(let receipt) = try outlet.send(batch, on: sender.lane) {
                    receipts.append(receipt)
                }
            }
        } catch {
            return answer(.refused(error))
        }
        guard case .pending(let receipt) = Receipt.all(receipts) else {
            count(result)
            return answer(.taken(result))
        }
        receipt.whenResolved { refusal in
            if let refusal { return answer(.refused(refusal)) }
            count(result)
            answer(.taken(result))
        }
    }

    /// Counts what is not passed on; what is refused as a whole is sent again.
    private func count(_ result: RemoteWriteResult) {
        if result.invalid > 0 { invalidSamples.add(result.invalid) }
        if result.unsupported > 0 { unsupported.add(result.unsupported) }
        if result.lostExemplars > 0 { lostExemplars.add(result.lostExemplars) }
        if result.fault != nil { invalidRequests.add(1) }
    }
}
