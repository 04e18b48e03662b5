import OpAMP
import Testing
import Wire

@Suite struct CodecTests {
    @Test func `every field of a foreign agent's message is read and written at its number`() throws {
        let message = try AgentToServer(decoding: ForeignMessages.agentToServer)
        #expect(message.encoded().array == ForeignMessages.agentToServer.array)
        #expect(message.instanceUID.description == "00010203-0405-0607-0809-0a0b0c0d0e0f")
        #expect(message.parts == .all)
        #expect(message.isDisconnect)
        #expect(message.packageStatuses?.packages["aé"]?.status == .downloading)
        #expect(message.connectionSettingsRequest?.certificateSigningRequest != nil)
    }

    @Test func `every field of a foreign server's message is read and written at its number`() throws {
        let message = try ServerToAgent(decoding: ForeignMessages.serverToAgent)
        #expect(message.encoded().array == ForeignMessages.serverToAgent.array)
        #expect(message.errorResponse?.kind == .unavailable)
        #expect(message.remoteConfig?.config?.objects["b"]?.role.isEmpty == false)
        #expect(message.connectionSettings?.opamp?.tls?.cipherSuites.count == 2)
        #expect(message.command == .restart)
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `what is written reads as it was`(seed: UInt64) throws {
        var random = RandomMessages(seed: seed)
        let fromAgent = random.agentToServer()
        #expect(try AgentToServer(decoding: fromAgent.encoded()) == fromAgent, "seed \(seed)")
        let fromServer = random.serverToAgent()
        #expect(try ServerToAgent(decoding: fromServer.encoded()) == fromServer, "seed \(seed)")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a message that is cut off or changed is refused or read, and then written as it was read`(
        seed: UInt64
    ) throws {
        var random = RandomMessages(seed: seed)
        let bytes = seed == 0 ? ForeignMessages.agentToServer.array : random.agentToServer().encoded().array
        for round in 0..<400 {
            var damaged = bytes
            if round.isMultiple(of: 2) {
                damaged.removeLast(Int(random.next() % UInt64(bytes.count)))
            } else {
                for _ in 0...random.next() % 3 {
                    damaged[Int(random.next() % UInt64(bytes.count))] = UInt8(
                        truncatingIfNeeded: random.next())
                }
            }
            let read: AgentToServer
            do throws(OpAMPError) { read = try AgentToServer(decoding: Bytes(damaged)) } catch { continue }
            let again = try AgentToServer(decoding: read.encoded())
            #expect(again.encoded().array == read.encoded().array, "seed \(seed), round \(round)")
        }
    }

    @Test func `an offer is the field of an agent's id before a part that all share`() throws {
        let uid = InstanceUID(high: 1, low: 2)
        var offer = ServerToAgent()
        offer.remoteConfig = AgentRemoteConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array("a: b".utf8))]), hash: [7])
        var custom = ServerToAgent()
        custom.customMessage = CustomMessage(capability: "io.apus.config/v1", type: "offer", data: [1])
        let chunks = [Framing.opening(for: uid), offer.encodedFragment(), custom.encodedFragment()]

        let message = try ServerToAgent(
            decoding: Framing.payload(of: Bytes(chunks.flatMap { $0.array })))
        offer.instanceUID = uid
        offer.customMessage = custom.customMessage
        #expect(message == offer)
    }

    @Test func `fields that are not known are stepped over`() throws {
        let known = AgentToServer(instanceUID: InstanceUID(high: 1, low: 2))
        var writer = Writer()
        writer.write(string: "of a later version", 900)
        writer.write(raw: known.encoded())
        writer.write(varint: 1, 901)
        #expect(try AgentToServer(decoding: writer.finish()) == known)
    }

    @Test func `numbers of a later version do not get another meaning`() throws {
        var writer = Writer()
        let status = writer.begin(7)
        writer.write(varint: 99, 2)
        writer.end(status)
        writer.write(raw: AgentToServer(instanceUID: InstanceUID(high: 1, low: 2)).encoded())
        #expect(try AgentToServer(decoding: writer.finish()).remoteConfigStatus?.status == .unset)

        var command = Writer()
        let mark = command.begin(9)
        command.write(varint: 5, 1)
        command.end(mark)
        #expect(try ServerToAgent(decoding: command.finish()).command == .unknown(5))
    }

    @Test func `parts of a message that come twice are put together`() throws {
        var first = AgentToServer(instanceUID: InstanceUID(high: 1, low: 2))
        first.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("a", "1")])
        var second = first
        second.agentDescription = AgentDescription(identifyingAttributes: [KeyValue("b", "2")])
        let both = Bytes(first.encoded().array + second.encoded().array)
        #expect(
            try AgentToServer(decoding: both).agentDescription?.identifyingAttributes
                == [KeyValue("a", "1"), KeyValue("b", "2")])
    }

    @Test func `configurations have the same canonical bytes only when they are the same`() {
        let body = Array("receivers:".utf8)
        let one = AgentConfigMap([
            "b": AgentConfigObject(body: body), "a": AgentConfigObject(body: [], contentType: "text/yaml"),
        ])
        let same = AgentConfigMap([
            "a": AgentConfigObject(body: [], contentType: "text/yaml"), "b": AgentConfigObject(body: body),
        ])
        #expect(one.canonicalBytes == same.canonicalBytes)
        let others = [
            AgentConfigMap(["b": AgentConfigObject(body: body)]),
            AgentConfigMap([
                "b": AgentConfigObject(body: body, contentType: "text/yaml"),
                "a": AgentConfigObject(body: []),
            ]),
            AgentConfigMap([
                "b": AgentConfigObject(body: body, role: "r"),
                "a": AgentConfigObject(body: [], contentType: "text/yaml"),
            ]),
        ]
        #expect(Set(([one] + others).map(\.canonicalBytes)).count == 4)
        // One file, written out: the lengths are 8 bytes each.
        let written = AgentConfigMap(["": AgentConfigObject(body: [9], contentType: "t")]).canonicalBytes
        #expect(
            written == [0, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1, 0x74]
                + [0, 0, 0, 0, 0, 0, 0, 1, 9])
    }
}
