import OpAMP
import Testing
import Wire

@Suite struct FramingTests {
    private static let message = AgentToServer(instanceUID: InstanceUID(high: 1, low: 2)).encoded().array

    @Test(
        arguments: [
            [0], [0x80, 0], [0x80, 0x80, 0], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
        ] as [[UInt8]])
    func `a header of zero is taken off however long it is`(header: [UInt8]) throws {
        #expect(try Framing.payload(of: Bytes(header + Self.message)).array == Self.message)
        #expect(try Framing.payload(of: Bytes(header)).isEmpty)
    }

    @Test func `a message without a header, as older ends send it, is taken as it is`() throws {
        #expect(try Framing.payload(of: Bytes(Self.message)).array == Self.message)
        // Field 16 begins with the same byte as a long header.
        let field16: [UInt8] = [0x80, 0x01, 0x07]
        #expect(try Framing.payload(of: Bytes(field16)).array == field16)
    }

    @Test(arguments: [[], [0x80], [0x80, 0x80], [UInt8](repeating: 0x80, count: 12)] as [[UInt8]])
    func `what has no end of its header is refused`(bytes: [UInt8]) {
        #expect(throws: OpAMPError.self) { try Framing.payload(of: Bytes(bytes)) }
    }

    @Test func `a header of another version is no message`() throws {
        let payload = try Framing.payload(of: Bytes([1] + Self.message))
        #expect(throws: OpAMPError.self) { try AgentToServer(decoding: payload) }
    }

    @Test func `a frame is the header and the message`() {
        #expect(Framing.framed(Bytes(Self.message)).array == Framing.header.array + Self.message)
    }

    @Test func `the opening alone acknowledges`() throws {
        let uid = InstanceUID(high: 0x0102_0304_0506_0708, low: 9)
        let payload = try Framing.payload(of: Framing.opening(for: uid))
        #expect(try ServerToAgent(decoding: payload) == ServerToAgent(instanceUID: uid))
    }
}
