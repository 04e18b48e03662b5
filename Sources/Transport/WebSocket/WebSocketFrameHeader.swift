internal import NIOCore

/// The first bytes of a frame (RFC 6455 section 5.2).
struct WebSocketFrameHeader: Equatable {
    /// What a frame is.
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue >= 0x8 }
    }

    /// The most bytes that a header has.
    static let maximumLength = 14
    /// The most bytes that a control frame carries.
    static let maximumControlPayload = 125

    var opcode: Opcode
    /// Whether the message ends with this frame.
    var isFinal: Bool
    /// The bytes of the payload.
    var length: Int
    /// The key in the order of its bytes in memory; `nil` when the payload is not masked.
    var mask: UInt32?

    /// Appends the header.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger((isFinal ? 0x80 : 0) | opcode.rawValue)
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        switch length {
        case ...125: buffer.writeInteger(maskBit | UInt8(length))
        case ...0xFFFF:
            buffer.writeInteger(maskBit | 126)
            buffer.writeInteger(UInt16(length))
        default:
            buffer.writeInteger(maskBit | 127)
            buffer.writeInteger(UInt64(length))
        }
        if let mask { _ = withUnsafeBytes(of: mask) { buffer.writeBytes($0) } }
    }
}

/// Collects the bytes of a header, which may arrive one by one, and reads it.
struct WebSocketHeaderBytes {
    private var bytes = InlineArray<14, UInt8>(repeating: 0)
    private var count = 0

    /// Takes bytes from `input` until the header is complete; `nil` when more are needed.
    ///
    /// - Throws: code 1002 for what no frame begins with.
    mutating func next(
        _ input: inout UnsafeRawBufferPointer, expectsMask: Bool
    ) throws(WebSocketFailure) -> WebSocketFrameHeader? {
        while count < needed {
            guard let byte = input.first else { return nil }
            input = UnsafeRawBufferPointer(rebasing: input.dropFirst())
            bytes[count] = byte
            count += 1
            if count == 2 { try checkStart(expectsMask: expectsMask) }
        }
        defer { count = 0 }
        return try header()
    }

    /// Whether a header has begun and is not complete.
    var isPartial: Bool { count > 0 }

    private var needed: Int {
        guard count >= 2 else { return 2 }
        let mask = bytes[1] & 0x80 == 0 ? 0 : 4
        switch bytes[1] & 0x7F {
        case 126: return 4 + mask
        case 127: return 10 + mask
        default: return 2 + mask
        }
    }

    private func checkStart(expectsMask: Bool) throws(WebSocketFailure) {
        guard bytes[0] & 0x70 == 0 else { throw .protocolError("a reserved bit is set") }
        guard let opcode = WebSocketFrameHeader.Opcode(rawValue: bytes[0] & 0x0F) else {
            throw .protocolError("the opcode \(bytes[0] & 0x0F) is reserved")
        }
        guard (bytes[1] & 0x80 != 0) == expectsMask else {
            throw .protocolError(expectsMask ? "a client has to mask its frames" : "a server must not mask")
        }
        guard opcode.isControl else { return }
        guard bytes[0] & 0x80 != 0 else { throw .protocolError("a control frame is divided") }
        guard bytes[1] & 0x7F <= WebSocketFrameHeader.maximumControlPayload else {
            throw .protocolError("a control frame has more than 125 bytes")
        }
    }

    private func header() throws(WebSocketFailure) -> WebSocketFrameHeader? {
        var length = UInt64(bytes[1] & 0x7F)
        var position = 2
        if length >= 126 {
            let (size, smallest): (Int, UInt64) = length == 126 ? (2, 126) : (8, 1 << 16)
            length = 0
            for index in position..<position + size { length = length << 8 | UInt64(bytes[index]) }
            position += size
            guard length >= smallest, length <= UInt64(Int.max) else {
                throw .protocolError("a length is not written as it should be")
            }
        }
        var mask: UInt32?
        if bytes[1] & 0x80 != 0 {
            var key: UInt32 = 0
            for index in 0..<4 { key |= UInt32(bytes[position + index]) << (8 * UInt32(index)) }
            mask = UInt32(littleEndian: key)
        }
        // The opcode was looked at when the first two bytes were there.
        guard let opcode = WebSocketFrameHeader.Opcode(rawValue: bytes[0] & 0x0F) else { return nil }
        return WebSocketFrameHeader(
            opcode: opcode, isFinal: bytes[0] & 0x80 != 0, length: Int(length), mask: mask)
    }
}

/// Why a WebSocket cannot go on, as the other end is told.
struct WebSocketFailure: Error, Equatable {
    let code: UInt16
    let reason: String

    static func protocolError(_ reason: String) -> WebSocketFailure {
        WebSocketFailure(code: WebSocketCloseCode.protocolError, reason: reason)
    }
}
