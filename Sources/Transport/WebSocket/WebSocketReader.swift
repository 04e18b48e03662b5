internal import Wire

/// Puts messages together from the bytes of a connection.
///
/// A pure state machine: bytes in, events out, failures with the code to close with. Memory follows what has
/// arrived, never what a header claims; between messages there is none.
struct WebSocketReader: ~Copyable {
    /// What the other end said.
    enum Event {
        case message(Bytes, isBinary: Bool)
        case ping([UInt8])
        case pong
        /// Goodbye; without a code when the frame was empty.
        case close(UInt16?, String)
    }

    private let expectsMask: Bool
    private let limit: Int
    private var headerBytes = WebSocketHeaderBytes()
    private var frame: WebSocketFrameHeader?
    /// The bytes of the payload of `frame` that have arrived.
    private var arrived = 0
    private var builder: BytesBuilder?
    /// The bytes of an incomplete message that are being kept.
    private(set) var kept = 0
    private var control: [UInt8] = []
    /// What the message under way is; `nil` between messages.
    private var kind: WebSocketFrameHeader.Opcode?

    /// The first room that is made for a message that does not arrive at once.
    private static let firstRoom = 8 << 10

    /// - Parameters:
    ///   - expectsMask: whether the other end is a client.
    ///   - limit: the most bytes of a message.
    init(expectsMask: Bool, limit: Int) {
        self.expectsMask = expectsMask
        self.limit = limit
    }

    /// Whether a message or a frame has begun and is not complete.
    var isInside: Bool { kind != nil || frame != nil || headerBytes.isPartial }

    /// Takes bytes from `input` up to the end of the next event; `nil` when more are needed.
    mutating func next(_ input: inout UnsafeRawBufferPointer) throws(WebSocketFailure) -> Event? {
        while true {
            if frame == nil {
                guard let header = try headerBytes.next(&input, expectsMask: expectsMask) else { return nil }
                try begin(header)
            }
            guard let current = frame else { return nil }
            let piece = UnsafeRawBufferPointer(rebasing: input.prefix(current.length - arrived))
            input = UnsafeRawBufferPointer(rebasing: input.dropFirst(piece.count))
            take(piece, of: current)
            guard arrived == current.length else { return nil }
            frame = nil
            if current.opcode.isControl { return try controlEvent(current.opcode) }
            if current.isFinal { return try finish() }
        }
    }

    private mutating func begin(_ header: WebSocketFrameHeader) throws(WebSocketFailure) {
        if !header.opcode.isControl {
            switch (header.opcode, kind) {
            case (.continuation, nil): throw .protocolError("a message begins with a continuation")
            case (.continuation, _): break
            case (_, nil): kind = header.opcode
            default: throw .protocolError("a message begins inside another one")
            }
            guard header.length <= limit - kept else {
                throw WebSocketFailure(
                    code: WebSocketCloseCode.tooLarge, reason: "a message has more than \(limit) bytes")
            }
        }
        frame = header
        arrived = 0
    }

    private mutating func take(_ piece: UnsafeRawBufferPointer, of frame: WebSocketFrameHeader) {
        guard !piece.isEmpty else { return }
        let offset = arrived
        arrived += piece.count
        if frame.opcode.isControl {
            let start = control.count
            control.append(contentsOf: piece)
            guard let key = frame.mask else { return }
            control.withUnsafeMutableBytes { bytes in
                guard let target = bytes.baseAddress else { return }
                WebSocketMask.copy(piece, to: target + start, key: key, offset: offset)
            }
            return
        }
        if builder == nil {
            builder = BytesBuilder(capacity: min(frame.length, max(piece.count, Self.firstRoom)))
        }
        let key = frame.mask ?? 0
        builder?.appendInPlace(minimum: piece.count) { room in
            if let target = room.baseAddress {
                WebSocketMask.copy(piece, to: target, key: key, offset: offset)
            }
            return piece.count
        }
        kept += piece.count
    }

    private mutating func finish() throws(WebSocketFailure) -> Event {
        let isBinary = kind == .binary
        kind = nil
        kept = 0
        var message = Bytes.empty
        if let whole = builder.take() { message = whole.finish() }
        if !isBinary, message.withUnsafeBytes({ UTF8Check.firstInvalid($0) }) != nil {
            throw WebSocketFailure(code: WebSocketCloseCode.invalidData, reason: "a text is not UTF-8")
        }
        return .message(message, isBinary: isBinary)
    }

    private mutating func controlEvent(
        _ opcode: WebSocketFrameHeader.Opcode
    ) throws(WebSocketFailure) -> Event {
        let payload = control
        control = []
        switch opcode {
        case .ping: return .ping(payload)
        case .close: return try Self.close(payload)
        default: return .pong
        }
    }

    private static func close(_ payload: [UInt8]) throws(WebSocketFailure) -> Event {
        guard !payload.isEmpty else { return .close(nil, "") }
        guard payload.count >= 2 else { throw .protocolError("half a code to close with") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard isSendable(code) else { throw .protocolError("the code \(code) is not to be sent") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw WebSocketFailure(code: WebSocketCloseCode.invalidData, reason: "a reason is not UTF-8")
        }
        return .close(code, reason)
    }

    /// Whether a code may stand in a frame (RFC 6455 section 7.4).
    static func isSendable(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
