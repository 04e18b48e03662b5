import Formats
import Testing
import Wire

@Suite struct ForwardHandshakeTests {
    @Test func `messages are read as they were written`() throws {
        let hello = ForwardHello(nonce: [1, 2], passwordSalt: [3], keepsAlive: false)
        #expect(try ForwardHello(decoding: hello.encoded()) == hello)
        let ping = ForwardPing(
            hostname: "client", salt: [9, 200], sharedKeyDigest: "ab", username: "u", passwordDigest: "cd")
        #expect(try ForwardPing(decoding: ping.encoded()) == ping)
        let pong = ForwardPong(
            isAccepted: false, reason: "no", hostname: "server", sharedKeyDigest: "ef")
        #expect(try ForwardPong(decoding: pong.encoded()) == pong)
    }

    @Test func `a salt may come as a string that is not UTF-8, as older clients send it`() throws {
        let message = MessagePackValue.array([
            .text("PING"), .text("h"), .string([0xFF, 0xFE]), .text("d"), .text(""), .text(""),
        ])
        #expect(try ForwardPing(decoding: message.encoded()).salt == [0xFF, 0xFE])
    }

    // What Python's hashlib.sha512(b"salt" + b"client" + b"nonce" + b"secret").hexdigest() gives.
    @Test func `digests are those of the specification`() {
        let digest = ForwardDigest.sharedKey(
            salt: Array("salt".utf8), hostname: "client", nonce: Array("nonce".utf8), key: "secret")
        #expect(
            digest == "1be50de88fcdae1f5a9ec876b6dec05a03596b2d7d5659d9dbbdc6bc667ccbac"
                + "885295aee591cc7189d951779e7667fc849666b14de832ed73f8434db768409c")
        let password = ForwardDigest.password(
            salt: Array("auth".utf8), username: "user", password: "password")
        #expect(
            password == "82d658d975e9236cfa7f7d812b2b51567fd5c0e0ea0d89608720130391a2d043"
                + "0e41054e9cb0b174061ecc251ded5b60d92f86dc52d1968906bd1527e9f760d3")
    }

    @Test func `digests are compared as a whole`() {
        #expect(ForwardDigest.areEqual("abc", "abc"))
        #expect(!ForwardDigest.areEqual("abc", "abd"))
        #expect(!ForwardDigest.areEqual("abc", "ab"))
        #expect(!ForwardDigest.areEqual("", "a"))
    }

    @Test func `something else than the expected message is named`() {
        let other = MessagePackValue.array([.text("HELO"), .map([])]).encoded()
        let error = #expect(throws: ForwardError.self) { try ForwardPing(decoding: other) }
        #expect(error?.description == "PING expected, but another message came")
        #expect(throws: ForwardError.self) { try ForwardPing(decoding: Bytes([0xC1])) }
        let short = MessagePackValue.array([.text("PING"), .text("h")]).encoded()
        #expect(throws: ForwardError("PING has 2 elements instead of 6")) {
            try ForwardPing(decoding: short)
        }
        let large = MessagePackValue.array([.text("PING"), .binary(Array(repeating: 0, count: 20_000))])
        #expect(throws: ForwardError.self) { try ForwardPing(decoding: large.encoded()) }
    }

    @Test func `times are read from all formats`() {
        #expect(EventTime.nanoseconds(of: [0, 0, 0, 1, 0, 0, 0, 2]) == 1_000_000_002)
        #expect(EventTime.nanoseconds(of: [0, 0, 0, 1]) == nil)
        #expect(EventTime.nanoseconds(seconds: Int64(5000)) == 5_000_000_000_000)
        #expect(EventTime.nanoseconds(seconds: Int64(-1)) == 0)
        #expect(EventTime.nanoseconds(seconds: Int64.max) == 0)
        #expect(EventTime.nanoseconds(seconds: 1.5) == 1_500_000_000)
        for odd in [-1, Double.nan, .infinity, 1e300] { #expect(EventTime.nanoseconds(seconds: odd) == 0) }
        let time: UInt64 = 1_593_032_377_776_693_638
        #expect(EventTime.nanoseconds(of: EventTime.data(nanoseconds: time)) == time)
        #expect(EventTime.nanoseconds(of: EventTime.data(nanoseconds: .max)).map { $0 < .max } == true)
    }
}
