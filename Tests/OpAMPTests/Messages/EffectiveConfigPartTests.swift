import OpAMP
import Testing
import Wire

/// Finding the largest part of a message without reading it.
@Suite struct EffectiveConfigPartTests {
    private func message(_ body: String?) -> AgentToServer {
        var message = AgentToServer(instanceUID: InstanceUID(high: 1, low: 2))
        message.sequenceNumber = 7
        message.capabilities = .reportsStatus
        message.remoteConfigStatus = RemoteConfigStatus(lastHash: [1, 2], status: .applied)
        if let body {
            message.effectiveConfig = EffectiveConfig(
                AgentConfigMap(["": AgentConfigObject(body: Array(body.utf8), contentType: "text/yaml")]))
        }
        return message
    }

    @Test(arguments: ["", "a", String(repeating: "receivers: ", count: 2000)])
    func `a message is its effective configuration and the rest of it`(body: String) throws {
        let whole = message(body)
        let bytes = whole.encoded()
        let part = try #require(EffectiveConfigPart(in: bytes))
        #expect(try EffectiveConfig(decoding: bytes[part.content]) == whole.effectiveConfig)
        #expect(try AgentToServer(decoding: part.rest(of: bytes)) == message(nil))
        #expect(part.field.count + part.rest(of: bytes).count == bytes.count)
        #expect(whole.effectiveConfig?.encoded().array == bytes[part.content].array)
    }

    @Test func `what has none, has it twice or is no message has no such part`() {
        let bytes = message("x").encoded()
        #expect(EffectiveConfigPart(in: message(nil).encoded()) == nil)
        #expect(EffectiveConfigPart(in: Bytes(bytes.array + bytes.array)) == nil)
        #expect(EffectiveConfigPart(in: bytes[0..<(bytes.count - 1)]) == nil)
        // The field as a number.
        #expect(EffectiveConfigPart(in: Bytes([0x30, 0x01])) == nil)
        #expect(EffectiveConfigPart(in: .empty) == nil)
    }
}
