/// The kinds of frames (RFC 6455 section 5.2).
enum Opcode {
    static let continuation: UInt8 = 0
    static let text: UInt8 = 1
    static let binary: UInt8 = 2
    static let close: UInt8 = 8
    static let ping: UInt8 = 9
    static let pong: UInt8 = 10
}

/// A frame in a buffer.
struct Frame {
    let opcode: UInt8
    let isLast: Bool
    /// Where the payload is.
    let payload: Range<Int>

    enum Result {
        case frame(Frame)
        /// More has to come first.
        case incomplete
        /// Not what a server sends.
        case broken
    }

    /// Reads the frame that begins at `start`.
    static func read(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Result {
        guard bytes.count - start >= 2 else { return .incomplete }
        let first = bytes[start]
        guard first & 0x70 == 0, bytes[start + 1] & 0x80 == 0 else { return .broken }
        var length = Int(bytes[start + 1])
        var position = start + 2
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        if extra > 0 {
            guard bytes.count - position >= extra else { return .incomplete }
            length = bytes[position..<position + extra].reduce(0) { $0 << 8 | Int($1) }
            position += extra
        }
        guard length <= 64 << 20 else { return .broken }
        guard bytes.count - position >= length else { return .incomplete }
        return .frame(
            Frame(opcode: first & 15, isLast: first & 0x80 != 0, payload: position..<position + length))
    }

    /// Appends a masked frame, as clients send them.
    static func append(
        _ opcode: UInt8, _ payload: UnsafeRawBufferPointer, mask: UInt32, to output: inout [UInt8]
    ) {
        appendHead(opcode, payload.count, isMasked: true, to: &output)
        withUnsafeBytes(of: mask) { output.append(contentsOf: $0) }
        let start = output.count
        output.append(contentsOf: payload)
        // The mask goes over four bytes; two of it make a word.
        let wide = UInt64(mask) << 32 | UInt64(mask)
        output.withUnsafeMutableBytes { bytes in
            var position = start
            while position + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                bytes.storeBytes(of: word ^ wide, toByteOffset: position, as: UInt64.self)
                position += 8
            }
            while position < bytes.count {
                bytes[position] ^= UInt8(truncatingIfNeeded: mask >> UInt32((position - start) % 4 * 8))
                position += 1
            }
        }
    }

    static func appendHead(_ opcode: UInt8, _ length: Int, isMasked: Bool, to output: inout [UInt8]) {
        let masked: UInt8 = isMasked ? 0x80 : 0
        output.append(0x80 | opcode)
        if length < 126 {
            output.append(masked | UInt8(length))
        } else if length < 65536 {
            output.append(contentsOf: [masked | 126, UInt8(length >> 8), UInt8(length & 255)])
        } else {
            output.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
    }
}
