internal import Formats
internal import Pipeline
internal import Telemetry
internal import Wire

/// Events that are handed on together: those of one message or of several.
struct ForwardUnit {
    /// The events, in pieces of a size that every exporter takes.
    var pieces: [Batch] = []
    /// The names of the chunks that the client wants to read in acknowledgements.
    var chunks: [Bytes] = []
    /// Whether the client wants an acknowledgement of each message, so that it sends again what gets none.
    var isAcknowledged = true
    /// What is wrong with the message that comes next, and where in the bytes that message begins.
    var fault: (fault: ForwardFault, start: Int)?
    /// Whether the message that comes next does not fit into the memory there is.
    var lacksMemory = false

    /// Whether there is neither something to hand on nor something to acknowledge.
    var isEmpty: Bool { pieces.isEmpty && chunks.isEmpty }

    /// The acknowledgements, one after another.
    var acknowledgements: Bytes {
        var writer = MessagePackWriter(capacity: 64 * chunks.count)
        for chunk in chunks {
            writer.beginMap(1)
            writer.write("ack")
            writer.write(raw: chunk)
        }
        return writer.finish()
    }
}

extension ForwardUnit {
    /// The most messages of a unit.
    private static let messageLimit = 4096

    /// Reads messages until there are enough, or until one cannot be read.
    ///
    /// - Parameters:
    ///   - reader: stands behind the last message that was read afterwards.
    ///   - translator: turns events into log records.
    ///   - service: the limits.
    ///   - origin: who sends them, where that is known.
    init(
        _ reader: inout MessagePackReader, _ translator: inout ForwardTranslator, _ service: ForwardService,
        origin: Origin?
    ) {
        var events = ForwardPieces()
        var count = 0
        while !reader.isAtEnd, count < Self.messageLimit, !events.isFull {
            guard take(&reader, &translator, service, into: &events) else { break }
            count += 1
        }
        pieces = events.finish()
        for index in pieces.indices { pieces[index].origin = origin }
    }

    /// Takes the next message; false when that is not possible.
    private mutating func take(
        _ reader: inout MessagePackReader, _ translator: inout ForwardTranslator, _ service: ForwardService,
        into events: inout ForwardPieces
    ) -> Bool {
        let start = reader.position
        let message: ForwardMessage
        do throws(ForwardFault) {
            guard let next = try ForwardMessage.read(&reader) else { return true }
            message = next
        } catch {
            fault = (error, start)
            return false
        }
        let memory = service.memory
        do throws(ForwardEntries.Failure) {
            let entries = try ForwardEntries(message, limit: service.limit) { memory.room }
            try events.append(
                entries, tag: message.tag, &translator, now: service.clock.unixNanoseconds,
                limit: service.limit)
        } catch {
            switch error {
            case .fault(let found): fault = (found, start)
            case .noRoom:
                lacksMemory = true
                reader.position = start
            }
            return false
        }
        if let chunk = message.chunk { chunks.append(chunk) } else { isAcknowledged = false }
        service.meters.parsed.add(1)
        return true
    }
}
