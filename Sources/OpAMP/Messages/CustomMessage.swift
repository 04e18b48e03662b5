internal import Wire

/// What a side knows of custom messages.
public struct CustomCapabilities: Sendable, Hashable {
    /// Such as `io.apus.flow/v1`: a domain backwards, and a version.
    public var capabilities: [String] = []

    public init() {}

    public init(_ capabilities: [String]) { self.capabilities = capabilities }
}

/// A message that the protocol does not know; the two sides agree on it by its capability.
public struct CustomMessage: Sendable, Hashable {
    public var capability = ""
    public var type = ""
    public var data: [UInt8] = []

    public init() {}

    public init(capability: String, type: String, data: [UInt8]) {
        self.capability = capability
        self.type = type
        self.data = data
    }
}

extension CustomCapabilities: WireMessage {
    static let messageName: StaticString = "CustomCapabilities"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        guard field.number == 1 else { return }
        try decoder.countEntry(field)
        capabilities.append(try decoder.text(field, "capabilities"))
    }

    func write(to writer: inout Writer) {
        for capability in capabilities { writer.write(string: capability, 1) }
    }
}

extension CustomMessage: WireMessage {
    static let messageName: StaticString = "CustomMessage"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: capability = try decoder.text(field, "capability")
        case 2: type = try decoder.text(field, "type")
        case 3: data = try decoder.bytes(field, "data")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(capability, 1)
        writer.put(type, 2)
        writer.put(data, 3)
    }
}
