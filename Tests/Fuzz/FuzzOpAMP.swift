import OpAMP
import Wire

/// A message of an agent or of a server, as its first bit says, with the header of a frame.
///
/// What is read can be written, reads again, and is then written as it was; sessions of both sides survive
/// it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let frame = Bytes(copying: UnsafeRawBufferPointer(start: start + 1, count: count - 1))
    guard let payload = try? Framing.payload(of: frame) else { return 0 }
    if start[0] & 1 == 0 {
        checkAgent(payload)
    } else {
        checkServer(payload)
    }
    return 0
}

private func checkAgent(_ payload: Bytes) {
    guard let message = try? AgentToServer(decoding: payload) else { return }
    let written = message.encoded()
    guard let again = try? AgentToServer(decoding: written) else {
        preconditionFailure("a message that was written does not read")
    }
    precondition(again.encoded().array == written.array, "a message is written in two ways")
    var session = ServerSession()
    _ = session.receive(message)
    precondition(!session.receive(message).isNew, "the same message is new twice")
    if let custom = message.customMessage { _ = try? FlowReport(decoding: Bytes(custom.data)) }
}

private func checkServer(_ payload: Bytes) {
    let uid = InstanceUID(high: 1, low: 2)
    var session = ClientSession(
        settings: ClientSettings(servers: [.webSocket], capabilities: AgentCapabilities(rawValue: 0xFFFF)),
        uid: uid, report: AgentReport(), seed: 1)
    session.start(now: .zero)
    session.opened(now: .zero)
    session.received(payload, now: .seconds(1))
    session.tick(now: .seconds(100))
    _ = session.takeActions()

    guard let message = try? ServerToAgent(decoding: payload) else { return }
    let written = message.encoded()
    guard let again = try? ServerToAgent(decoding: written) else {
        preconditionFailure("a message that was written does not read")
    }
    precondition(again.encoded().array == written.array, "a message is written in two ways")
}
