import Testing
import Wire

@testable import Transport

@Suite struct WebSocketReaderTests {
    /// What a reader makes of bytes that arrive in pieces of a size.
    private static func read(
        _ bytes: [UInt8], expectsMask: Bool = true, limit: Int = 1000, piece: Int = .max
    ) throws(WebSocketFailure) -> [String] {
        var reader = WebSocketReader(expectsMask: expectsMask, limit: limit)
        var events: [String] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(piece))
            rest = rest.dropFirst(part.count)
            // The borrowed pointer stays inside; errors come out as a result.
            let result = part.withUnsafeBytes { pointer -> Result<[String], WebSocketFailure> in
                var input = pointer
                var found: [String] = []
                do throws(WebSocketFailure) {
                    while let event = try reader.next(&input) { found.append(describe(event)) }
                    return .success(found)
                } catch { return .failure(error) }
            }
            events += try result.get()
        }
        return events
    }

    private static func describe(_ event: WebSocketReader.Event) -> String {
        switch event {
        case .message(let message, let isBinary): (isBinary ? "binary " : "text ") + message.string
        case .ping(let payload): "ping " + String(decoding: payload, as: UTF8.self)
        case .pong: "pong"
        case .close(let code, let reason): "close \(code.map { "\($0)" } ?? "-") \(reason)"
        }
    }

    private static func failure(_ bytes: [UInt8], expectsMask: Bool = true) -> UInt16? {
        do throws(WebSocketFailure) {
            _ = try read(bytes, expectsMask: expectsMask)
            return nil
        } catch { return error.code }
    }

    @Test(arguments: [1, 2, 3, 7, Int.max]) func `messages are put together whatever the pieces`(
        piece: Int
    ) throws {
        let long = String(repeating: "abcdefghi", count: 90)
        let bytes =
            RawFrame.make(RawFrame.binary, "hello") + RawFrame.make(0x01, "Grüß") + RawFrame.make(0x00, "")
            + RawFrame.make(RawFrame.ping, "are you there") + RawFrame.make(0x80, " Gott")
            + RawFrame.make(RawFrame.pong, "x") + RawFrame.make(RawFrame.binary, long)
            + RawFrame.make(RawFrame.binary, "") + RawFrame.make(RawFrame.close, RawFrame.goodbye(1001))
            + RawFrame.make(RawFrame.close, [])
        let events = try Self.read(bytes, piece: piece)
        #expect(
            events == [
                "binary hello", "ping are you there", "text Grüß Gott", "pong", "binary " + long, "binary ",
                "close 1001 ", "close - ",
            ])
    }

    @Test func `a server's frames are not masked`() throws {
        let bytes = RawFrame.make(RawFrame.binary, Array("hello".utf8), mask: nil)
        #expect(try Self.read(bytes, expectsMask: false) == ["binary hello"])
    }

    @Test(
        arguments: [
            ("a reserved bit", [0xC2, 0x80, 1, 2, 3, 4]),
            ("a reserved opcode", [0x83, 0x80, 1, 2, 3, 4]),
            ("another reserved opcode", [0x8B, 0x80, 1, 2, 3, 4]),
            ("no mask", [0x82, 0x01, 0x41]),
            ("a divided ping", [0x09, 0x80, 1, 2, 3, 4]),
            ("a long ping", [0x89, 0xFE, 0, 126, 1, 2, 3, 4]),
            ("a continuation of nothing", RawFrame.make(0x80, "x")),
            ("a message in a message", RawFrame.make(0x02, "x") + RawFrame.make(RawFrame.binary, "y")),
            ("a length in too many bytes", [0x82, 0xFE, 0, 125, 1, 2, 3, 4]),
            ("a length in far too many bytes", [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4]),
            ("a negative length", [0x82, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
            ("half a code", RawFrame.make(RawFrame.close, [3])),
            ("a code that is not sent", RawFrame.make(RawFrame.close, RawFrame.goodbye(1006))),
            ("a code of nobody", RawFrame.make(RawFrame.close, RawFrame.goodbye(999))),
            ("a code that is too large", RawFrame.make(RawFrame.close, RawFrame.goodbye(5000))),
        ] as [(String, [UInt8])])
    func `what breaks the protocol is named with code 1002`(what: String, bytes: [UInt8]) {
        #expect(Self.failure(bytes) == WebSocketCloseCode.protocolError, "\(what)")
    }

    @Test func `a server that masks breaks the protocol`() {
        let bytes = RawFrame.make(RawFrame.binary, "x")
        #expect(Self.failure(bytes, expectsMask: false) == WebSocketCloseCode.protocolError)
    }

    @Test(arguments: [
        RawFrame.make(RawFrame.text, [0xC3]), RawFrame.make(RawFrame.text, [0xED, 0xA0, 0x80]),
        RawFrame.make(RawFrame.close, RawFrame.goodbye(1000) + [0xFF]),
    ])
    func `text that is not UTF-8 is named with code 1007`(bytes: [UInt8]) {
        #expect(Self.failure(bytes) == WebSocketCloseCode.invalidData)
    }

    @Test(arguments: [
        RawFrame.make(RawFrame.binary, [UInt8](repeating: 1, count: 1001)),
        RawFrame.make(0x02, [UInt8](repeating: 1, count: 600))
            + RawFrame.make(0x80, [UInt8](repeating: 1, count: 401)),
        // Only the header has to arrive.
        [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4],
    ])
    func `a message over the limit is named with code 1009`(bytes: [UInt8]) {
        #expect(Self.failure(bytes) == WebSocketCloseCode.tooLarge)
    }

    @Test func `a message of the limit passes`() throws {
        let bytes = RawFrame.make(RawFrame.binary, [UInt8](repeating: 65, count: 1000))
        #expect(try Self.read(bytes).first?.count == 1007)
    }

    /// What a reader makes of bytes up to the first failure.
    private static func outcome(_ bytes: [UInt8], piece: Int) -> [String] {
        var reader = WebSocketReader(expectsMask: true, limit: 300)
        var found: [String] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = Array(bytes[start..<min(start + piece, bytes.count)])
            let goesOn = part.withUnsafeBytes { pointer -> Bool in
                var input = pointer
                do throws(WebSocketFailure) {
                    while let event = try reader.next(&input) { found.append(describe(event)) }
                    return input.isEmpty
                } catch {
                    found.append("failed \(error.code)")
                    return false
                }
            }
            guard goesOn else { break }
        }
        return found + ["kept \(reader.kept)"]
    }

    @Test(arguments: 0..<8) func `damaged frames mean the same whatever the pieces`(seed: Int) {
        // A generator with a seed, so that a failure comes back.
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let firsts: [UInt8] = [0x82, 0x02, 0x80, 0x00, 0x81, 0x01, 0x89, 0x8A, 0x88]
        for _ in 0..<300 {
            var bytes: [UInt8] = []
            for _ in 0...random(6) {
                let payload = (0..<random(200)).map { _ in UInt8(random(256)) }
                bytes += RawFrame.make(firsts[random(firsts.count)], payload)
            }
            for _ in 0..<random(3) where !bytes.isEmpty { bytes[random(bytes.count)] = UInt8(random(256)) }
            let whole = Self.outcome(bytes, piece: bytes.count)
            for piece in [1, 2, 5, 64] { #expect(Self.outcome(bytes, piece: piece) == whole) }
        }
    }

    @Test func `the mask is right at every offset`() {
        let source = (0..<40).map { UInt8($0) }
        let key: UInt32 = 0x0403_0201
        for offset in 0..<9 {
            var target = [UInt8](repeating: 0, count: source.count)
            source.withUnsafeBytes { source in
                target.withUnsafeMutableBytes { target in
                    guard let start = target.baseAddress else { return }
                    WebSocketMask.copy(source, to: start, key: key, offset: offset)
                }
            }
            let wanted = source.enumerated().map { $0.element ^ UInt8(($0.offset + offset) % 4 + 1) }
            #expect(target == wanted)
        }
    }

    @Test func `the digest is that of the standard`() {
        #expect(
            WebSocketUpgrade.accept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        let digest = SHA1.digest(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        #expect(digest.prefix(4) == [0x84, 0x98, 0x3E, 0x44])
        #expect(SHA1.digest([]).prefix(4) == [0xDA, 0x39, 0xA3, 0xEE])
    }
}
