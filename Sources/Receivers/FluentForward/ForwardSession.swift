internal import Formats
internal import Logging
internal import NIOCore
internal import Pipeline
internal import Telemetry
internal import Transport
internal import Wire

/// One connection of a client: handshake, messages, acknowledgements.
///
/// `@unchecked Sendable` is sound because everything happens on the loop of the connection: that is where
/// the connection calls, and answers of pipelines are brought there first.
final class ForwardSession: StreamHandler, @unchecked Sendable {
    private enum State {
        case handshake(ForwardGreeting)
        case open
        case ended
    }

    private let connection: StreamConnection
    private let service: ForwardService
    private var state = State.open
    /// Whether what it sends is taken for events.
    private var isTrusted = false
    private var scanner: MessagePackScanner
    private var translator = ForwardTranslator()
    /// Messages that have arrived and have not been dealt with.
    private var reader = MessagePackReader(.empty)
    /// Bytes of the connection before those that `reader` reads.
    private var bytesBefore = 0
    private var unit: ForwardUnit?
    /// The piece of the unit that is offered next.
    private var piece = 0
    private var pending: [PendingReceipt] = []
    private var retry: Scheduled<Void>?
    /// How often there was no memory for the message that comes next.
    private var tries = 0
    private var origin: Origin?

    /// The time until refused events are offered again, when nobody says how long it should be.
    private static let retryDelay = Duration.seconds(1)
    private static let retryDelays = Duration.milliseconds(10)...Duration.seconds(30)

    init(_ connection: StreamConnection, _ service: ForwardService) {
        self.connection = connection
        self.service = service
        scanner = MessagePackScanner(limit: service.limit)
        service.meters.opened.add(1)
    }

    // MARK: - The connection

    func opened() {
        guard let door = service.door else { return trust() }
        let greeting = ForwardGreeting(door)
        state = .handshake(greeting)
        scanner.limit = ForwardHandshake.limit
        connection.write(greeting.hello.encoded())
    }

    func wholeMessages(in bytes: RawSpan) -> Int {
        do throws(MessagePackError) {
            let count = try scanner.wholeValues(in: bytes)
            scanner.took(count)
            return count
        } catch {
            forgetBytes()
            fail(error.explanation, at: bytesBefore, error.offset)
            return 0
        }
    }

    func received(_ messages: Bytes) {
        forgetBytes()
        reader = MessagePackReader(messages)
        if case .handshake(let greeting) = state { take(greeting) } else { goOn() }
    }

    func closed(unread: Bytes) {
        state = .ended
        retry?.cancel()
        service.meters.closed.add(1)
        guard isTrusted else { return }
        var lost = 0
        if let unit, pending.isEmpty, !unit.isAcknowledged {
            lost = unit.pieces[piece...].reduce(0) { $0 + $1.itemCount }
        }
        let further = Self.bytesNobodyRepeats(reader) + Self.bytesNobodyRepeats(MessagePackReader(unread))
        guard lost + further > 0 else { return }
        log(
            .warning, "events were lost: the connection ended before there was room for them",
            ["events": "\(lost)", "further_bytes": "\(further)"])
    }

    /// The bytes that are left, unless the client wants an acknowledgement of the next message: then it sends
    /// again what gets none.
    private static func bytesNobodyRepeats(_ reader: MessagePackReader) -> Int {
        guard let message = nextMessage(reader), message.chunk == nil else { return 0 }
        return reader.end - reader.position
    }

    /// The message that comes next; `nil` when it is not whole, or cannot be read.
    private static func nextMessage(_ reader: MessagePackReader) -> ForwardMessage? {
        var reader = reader
        while !reader.isAtEnd {
            do throws(ForwardFault) {
                if let message = try ForwardMessage.read(&reader) { return message }
            } catch {
                return nil
            }
        }
        return nil
    }

    /// Lets go of bytes that nobody looks at any more.
    private func forgetBytes() {
        bytesBefore += reader.bytes.count
        reader = MessagePackReader(.empty)
    }

    // MARK: - The handshake

    private func trust() {
        isTrusted = true
        connection.established()
    }

    private func take(_ greeting: ForwardGreeting) {
        let start = reader.position
        guard (try? reader.skip(depth: 8)) != nil else {
            return fail("PING expected, but another message came", at: bytesBefore, start)
        }
        switch greeting.answer(reader.bytes[start..<reader.position]) {
        case .accepted(let pong, let username):
            state = .open
            scanner.limit = service.limit
            if let username {
                origin = Origin(peer: connection.peer, attributes: ["username": username])
            }
            trust()
            connection.write(pong.encoded())
            goOn()
        case .refused(let pong):
            service.meters.unauthenticated.add(1)
            log(.warning, "a client was refused", ["reason": "\(pong.reason)"])
            // Whoever guesses has to wait for the answer.
            let delay = greeting.door.failedTries.note(connection.peer) ?? .zero
            schedule(after: min(delay, Self.retryDelays.upperBound)) {
                self.end(saying: pong.encoded())
            }
        case .unreadable(let reason):
            fail(reason, at: bytesBefore, start)
        }
    }

    // MARK: - Events

    /// Deals with what has arrived, unit by unit, until one has to wait or nothing is left.
    private func goOn() {
        while case .open = state {
            if unit == nil {
                guard !reader.isAtEnd else {
                    // The bytes are not kept while nothing comes.
                    forgetBytes()
                    return connection.resume()
                }
                guard service.memory.admitsRequest() else { return waitForMemory(Self.retryDelay) }
                let next = ForwardUnit(&reader, &translator, service, origin: origin)
                if next.lacksMemory, next.isEmpty {
                    guard tries < service.patience.count else {
                        leaveOutMessage()
                        continue
                    }
                    tries += 1
                    return waitForMemory(service.patience[tries - 1])
                }
                tries = 0
                unit = next
                piece = 0
                // Nor while the pipeline has what was made of them.
                if reader.isAtEnd, next.fault == nil { forgetBytes() }
            }
            guard offer() else { return }
        }
    }

    /// Offers the rest of the unit to the pipeline; false when the answer is still to come.
    private func offer() -> Bool {
        guard let unit else { return true }
        while piece < unit.pieces.count {
            do throws(Rejection) {
                guard let outlet = service.outlet else { throw .never(reason: "no pipeline takes logs") }
                let receipt = try outlet.send(unit.pieces[piece], on: connection.lane)
                if case .pending(let answer) = receipt { pending.append(answer) }
            } catch {
                guard settle(error) else { return false }
            }
            piece += 1
        }
        guard case .pending(let receipt) = Receipt.all(pending) else { return finish(nil) }
        if let answer = receipt.answer { return finish(answer) }
        receipt.whenResolved { answer in
            self.connection.onLoop {
                guard case .open = self.state else { return }
                if self.finish(answer) { self.goOn() }
            }
        }
        return false
    }

    /// The pipeline has answered for the unit; false when that has to wait.
    private func finish(_ answer: PendingReceipt.Answer) -> Bool {
        pending = []
        if let answer {
            // Which of the pieces were refused is not known; twice is better than never.
            piece = 0
            guard settle(answer) else { return false }
        }
        guard let unit else { return true }
        self.unit = nil
        if !unit.chunks.isEmpty { connection.write(unit.acknowledgements) }
        guard let (fault, start) = unit.fault else { return true }
        fail(fault.reason, at: bytesBefore + start, fault.offset)
        return false
    }

    /// What follows from a refusal; whether it is done with.
    private func settle(_ refusal: Rejection) -> Bool {
        switch refusal {
        case .never(let reason, _):
            // There is no word for it in the protocol, and a client that hears nothing sends again for ever.
            log(.warning, "the pipeline refused events for good", ["reason": "\(reason)"])
            return true
        case .later(let reason, let delay):
            if unit?.isAcknowledged == true {
                log(.debug, "a client has to send again", ["reason": "\(reason)"])
                end()
                return false
            }
            let delay = delay ?? Self.retryDelay
            schedule(after: min(max(delay, Self.retryDelays.lowerBound), Self.retryDelays.upperBound)) {
                self.goOn()
            }
            return false
        }
    }

    /// There is no memory for the next message: a client that sends again may do that, another has to wait.
    private func waitForMemory(_ delay: Duration) {
        service.memory.countRefusal()
        if Self.nextMessage(reader)?.chunk != nil { return end() }
        schedule(after: delay) { self.goOn() }
    }

    /// Goes on behind a message for which there was never memory: each try costs as much as there is room.
    private func leaveOutMessage() {
        tries = 0
        let start = reader.position
        while !reader.isAtEnd {
            do throws(ForwardFault) { if try ForwardMessage.read(&reader) != nil { break } } catch { break }
        }
        service.meters.failures.add(1)
        log(
            .warning, "the events of a message were lost: there was never memory for what it becomes",
            [
                "message_at": "\(bytesBefore + start)", "message_bytes": "\(reader.position - start)",
                "advice": "raise the limit of memory_limiter, or have clients send smaller messages",
            ])
    }

    // MARK: - Ends

    private func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) {
        guard delay > .zero else { return action() }
        retry = connection.loop.scheduleTask(in: TimeAmount(delay)) {
            if case .ended = self.state { return }
            action()
        }
    }

    /// Ends the connection over a message that cannot be read.
    private func fail(_ reason: String, at start: Int, _ offset: Int) {
        service.meters.failures.add(1)
        service.meters.invalid.add(1)
        log(
            .warning, "a message cannot be read, so its connection is closed",
            ["reason": "\(reason)", "message_at": "\(start)", "byte": "\(offset)"])
        // Nothing behind it can be told from what it is part of.
        forgetBytes()
        end()
    }

    private func end(saying words: Bytes? = nil) {
        state = .ended
        unit = nil
        if let words { connection.write(words) }
        connection.finish()
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) {
        service.logger.log(
            level: level, message, metadata: metadata.merging(["peer": "\(connection.peer)"]) { $1 })
    }
}
