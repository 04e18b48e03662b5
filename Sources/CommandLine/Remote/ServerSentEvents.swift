internal import Transport

/// One event of a `text/event-stream`.
struct ServerSentEvent: Sendable, Equatable {
    var kind = "message"
    var data = ""
}

/// Reads a `text/event-stream` piece by piece (HTML Living Standard section 9.2.6).
///
/// A line and the data of an event have `limit` bytes at most; a stream with more is refused.
struct ServerSentEventParser {
    /// The largest line and the largest event.
    static let limit = 32 << 20

    private var line: [UInt8] = []
    private var event = ServerSentEvent()
    private var hasData = false

    /// The events that end in `bytes`.
    mutating func take(_ bytes: [UInt8]) throws(TransportError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for part in bytes.split(maxSplits: .max, omittingEmptySubsequences: false, whereSeparator: isEnd)
            .enumerated()
        {
            if part.offset > 0, let event = endLine() { events.append(event) }
            guard line.count + part.element.count <= Self.limit, event.data.utf8.count <= Self.limit else {
                throw TransportError(.tooLarge, "an event is larger than \(Self.limit >> 20) MiB")
            }
            line += part.element
        }
        return events
    }

    private func isEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") }

    /// Understands the line that is complete; an empty one ends the event.
    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else {
            defer { (event, hasData) = (ServerSentEvent(), false) }
            return hasData ? event : nil
        }
        let text = String(decoding: line, as: UTF8.self)
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        var value = text[colon...].dropFirst()
        if value.first == " " { value = value.dropFirst() }
        switch text[..<colon] {
        case "event": event.kind = String(value)
        case "data":
            event.data += (hasData ? "\n" : "") + value
            hasData = true
        default: break
        }
        return nil
    }
}
