internal import Formats
internal import Logging
internal import NIOCore
internal import Pipeline
internal import Synchronization
internal import Telemetry
internal import Transport

/// What Jaeger's agent was: takes datagrams with calls of `emitBatch`.
///
/// Nobody hears what becomes of a datagram. Those that the pipeline lets wait are as many as there are
/// workers; those that come meanwhile wait in a queue, and what has no room there is dropped and counted.
final class JaegerAgent: Sendable {
    private struct State {
        var queue = CircularBuffer<DatagramServer.Datagram>()
        /// Datagrams that are being handled.
        var busy = 0
        /// Told when nothing is left.
        var idle: PendingReceipt?
    }

    private let settings: JaegerReceiver.UDPSettings
    private let encoding: ThriftEncoding
    private let intake: JaegerIntake
    private let memory: ReceiverMemory
    private let lane: Lane
    private let dropped: Counter
    private let processed: Counter
    private let refused: Counter
    private let state = Mutex(State())

    init(
        _ settings: JaegerReceiver.UDPSettings, _ encoding: ThriftEncoding, _ intake: JaegerIntake,
        _ context: Context, lane: Lane
    ) {
        self.settings = settings
        self.encoding = encoding
        self.intake = intake
        self.lane = lane
        memory = ReceiverMemory(context, transport: intake.transport)
        let labels = [("receiver", context.id.description), ("transport", intake.transport)]
        dropped = context.metrics.counter(
            "otelcol_jaeger_receiver_thrift_pkt_dropped", "Datagrams dropped because the queue was full.",
            labels: labels)
        processed = context.metrics.counter(
            "otelcol_jaeger_receiver_thrift_pkt_processed", "Datagrams whose spans were handed on.",
            labels: labels)
        refused = context.metrics.counter(
            "apus_receiver_refused_requests", "Requests refused before they were read, by reason.",
            labels: labels + [("reason", "queue_full")])
    }

    /// Takes a datagram; on the event loop of the lane.
    func receive(_ datagram: DatagramServer.Datagram) {
        guard !datagram.isCut else {
            let reason = "the datagram is larger than max_packet_size, \(settings.maxPacketSize) bytes"
            return intake.noteInvalid(reason, from: datagram.peer)
        }
        guard memory.admitsRequest() else { return memory.countRefusal() }
        let (begins, hasRoom) = state.withLock { state -> (Bool, Bool) in
            guard state.busy >= settings.workers else {
                state.busy += 1
                return (true, true)
            }
            guard state.queue.count < settings.queueSize else { return (false, false) }
            state.queue.append(datagram)
            return (false, true)
        }
        if begins { work(on: datagram) }
        guard !hasRoom else { return }
        dropped.add(1)
        refused.add(1)
    }

    /// Returns when everything that was taken has been handed on, or after `grace`; counts what is left.
    func drain(grace: Duration, _ clock: any PipelineClock) async {
        let idle = PendingReceipt()
        let isIdle = state.withLock { state in
            if state.busy > 0 { state.idle = idle }
            return state.busy == 0
        }
        guard !isIdle else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await idle.wait() }
            group.addTask { try? await clock.sleep(for: grace) }
            await group.next()
            group.cancelAll()
        }
        let left = state.withLock { state in
            defer { state.queue.removeAll() }
            return state.queue.count
        }
        dropped.add(left)
        refused.add(left)
    }

    /// Handles a datagram and those that wait behind it.
    private func work(on first: DatagramServer.Datagram) {
        var next: DatagramServer.Datagram? = first
        while let datagram = next {
            guard handle(datagram) else { return }
            next = finished()
        }
    }

    /// The datagram to handle after one that is done with.
    private func finished() -> DatagramServer.Datagram? {
        let (next, idle) = state.withLock { state -> (DatagramServer.Datagram?, PendingReceipt?) in
            if let next = state.queue.popFirst() { return (next, nil) }
            state.busy -= 1
            return (nil, state.busy == 0 ? state.idle.take() : nil)
        }
        idle?.resolve(nil)
        return next
    }

    /// Hands the spans of a datagram on; false when that takes longer than this call.
    private func handle(_ datagram: DatagramServer.Datagram) -> Bool {
        let batch: Batch
        do throws(JaegerError) {
            let limit = TracesIntake.outputLimit(settings.maxPacketSize)
            batch = try JaegerThrift.datagram(datagram.bytes, encoding, limit: limit)
        } catch {
            intake.noteInvalid(error.description, from: datagram.peer)
            return true
        }
        let sender = OTLPIntake.Sender(
            peer: datagram.peer, lane: lane.index, fields: [:], principal: .anonymous)
        switch intake.hand(batch, from: sender) {
        case .answered(let refusal):
            note(refusal, datagram.peer)
            return true
        case .pending(let receipt):
            receipt.whenResolved { [self] answer in
                note(intake.judged(answer), datagram.peer)
                lane.eventLoop.execute { if let next = self.finished() { self.work(on: next) } }
            }
            return false
        }
    }

    private func note(_ refusal: Rejection?, _ peer: String) {
        guard let refusal else { return processed.add(1) }
        intake.logger.warning(
            "the pipeline refused spans, and nobody sends them again",
            metadata: [
                "transport": "\(intake.transport)", "reason": "\(refusal.reason)", "peer": "\(peer)",
            ])
    }
}
