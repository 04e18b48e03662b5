import OpAMP
import Testing
import Wire

@Suite struct LimitTests {
    private static let uid = InstanceUID(high: 1, low: 2)

    private func refusal(_ bytes: Bytes, _ limits: MessageLimits = .fromAgent) -> OpAMPError? {
        do throws(OpAMPError) {
            _ = try AgentToServer(decoding: bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private func message(_ change: (inout AgentToServer) -> Void) -> Bytes {
        var message = AgentToServer(instanceUID: Self.uid)
        change(&message)
        return message.encoded()
    }

    private func tree(depth: Int) -> ComponentHealth {
        ComponentHealth(healthy: true, components: depth > 1 ? ["inside": tree(depth: depth - 1)] : [:])
    }

    private func components(depth: Int) -> [String: ComponentDetails] {
        depth == 0 ? [:] : ["c": ComponentDetails(metadata: [], components: components(depth: depth - 1))]
    }

    private func nested(_ depth: Int) -> AnyValue { depth <= 1 ? .int(1) : .array([nested(depth - 1)]) }

    @Test(arguments: [0, 15, 17, 26])
    func `an id of another length than 16 bytes is refused`(length: Int) {
        var writer = Writer()
        writer.write(bytes: [UInt8](repeating: 1, count: length), 1)
        #expect(
            refusal(writer.finish())
                == OpAMPError(
                    .malformed, "AgentToServer.instance_uid has \(length) bytes instead of 16"))
    }

    @Test func `a message without an id is refused`() {
        #expect(refusal(.empty)?.description == "AgentToServer.instance_uid has 0 bytes instead of 16")
    }

    @Test func `a message of a server may leave out the id`() throws {
        var writer = Writer()
        writer.write(bytes: [UInt8](), 1)
        #expect(try ServerToAgent(decoding: writer.finish()) == ServerToAgent())
        #expect(try ServerToAgent(decoding: .empty) == ServerToAgent())
    }

    @Test func `text that is not UTF-8 is refused by its name`() {
        var writer = Writer()
        let mark = writer.begin(5)
        writer.write(bytes: [0x61, 0xFF], 3)
        writer.end(mark)
        #expect(
            refusal(writer.finish())
                == OpAMPError(.malformed, "ComponentHealth.last_error is not valid UTF-8"))
    }

    @Test func `a field of another wire type is refused by its name`() {
        var writer = Writer()
        writer.write(string: "7", 2)
        #expect(
            refusal(writer.finish())
                == OpAMPError(
                    .malformed, "AgentToServer.sequence_num has another wire type than it should have"))
    }

    @Test func `a message is as large as the limit and no larger`() {
        let bytes = message { $0.effectiveConfig = EffectiveConfig(AgentConfigMap()) }
        #expect(refusal(bytes, MessageLimits(messageBytes: bytes.count)) == nil)
        #expect(refusal(bytes, MessageLimits(messageBytes: bytes.count - 1))?.kind == .tooLarge)
    }

    @Test func `a tree of health has at most 8 levels`() {
        #expect(refusal(message { $0.health = tree(depth: 8) }) == nil)
        let error = refusal(message { $0.health = tree(depth: 9) })
        #expect(error == OpAMPError(.tooMany, "ComponentHealth has more than 8 levels of components"))
    }

    @Test func `a tree of health has at most 2,000 components`() {
        func wide(_ count: Int) -> ComponentHealth {
            let names = (1..<count).map { ("c\($0)", ComponentHealth(healthy: true)) }
            return ComponentHealth(healthy: true, components: Dictionary(uniqueKeysWithValues: names))
        }
        #expect(refusal(message { $0.health = wide(2_000) }) == nil)
        #expect(refusal(message { $0.health = wide(2_001) })?.kind == .tooMany)
    }

    @Test func `available components nest at most 8 levels`() {
        func bytes(_ depth: Int) -> Bytes {
            message {
                $0.availableComponents = AvailableComponents(components: components(depth: depth), hash: [])
            }
        }
        #expect(refusal(bytes(8)) == nil)
        #expect(refusal(bytes(9))?.kind == .tooMany)
    }

    @Test func `values nest at most 16 levels`() {
        func bytes(_ depth: Int) -> Bytes {
            message {
                $0.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("k", nested(depth))])
            }
        }
        #expect(refusal(bytes(16)) == nil)
        #expect(refusal(bytes(17))?.kind == .tooMany)
    }

    @Test func `attributes, elements and entries are counted over the whole message`() {
        var limits = MessageLimits()
        (limits.attributes, limits.elements, limits.entries) = (2, 2, 2)
        let pair = [KeyValue("a", "1"), KeyValue("b", "2")]
        let attributes = message {
            $0.agentDescription = AgentDescription(
                identifyingAttributes: pair, nonIdentifyingAttributes: [KeyValue("c", "3")])
        }
        #expect(refusal(attributes, limits)?.description == "AgentDescription has more than 2 attributes")
        let elements = message {
            $0.agentDescription = AgentDescription(
                identifyingAttributes: [KeyValue("a", .array([nil, nil, nil]))])
        }
        #expect(refusal(elements, limits)?.description == "ArrayValue has more than 2 array elements")
        let entries = message { $0.customCapabilities = CustomCapabilities(["a", "b", "c"]) }
        #expect(refusal(entries, limits)?.description == "CustomCapabilities has more than 2 entries")
        #expect(refusal(message { $0.customCapabilities = CustomCapabilities(["a", "b"]) }, limits) == nil)
    }
}
