@testable import Transport

/// Frames by hand.
enum RawHTTP2 {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8]
    {
        let length = payload.count
        var bytes: [UInt8] = [
            UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8),
            UInt8(truncatingIfNeeded: length), type, flags,
        ]
        withUnsafeBytes(of: stream.bigEndian) { bytes.append(contentsOf: $0) }
        return bytes + payload
    }

    /// The start of a connection with empty settings.
    static var opening: [UInt8] { preface + frame(4) }

    /// A HEADERS frame for `POST /`, by indexed fields only; flag 1 ends the stream.
    static func post(stream: UInt32, end: Bool = false) -> [UInt8] {
        frame(1, flags: end ? 5 : 4, stream: stream, [0x83, 0x84, 0x86, 0x41, 1, 0x61])
    }

    /// The error code of the GOAWAY frame in what a server said.
    static func goAwayCode(in bytes: [UInt8]) -> UInt32? {
        var rest = bytes[...]
        var code: UInt32?
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let payload = Array(rest.dropFirst(9).prefix(length))
            if head[3] == 7, payload.count >= 8 {
                code = payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
            }
            rest = rest.dropFirst(9 + length)
        }
        return code
    }
}
