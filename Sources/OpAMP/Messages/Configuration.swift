internal import Wire

/// A named part of a configuration: a file, a section, or something that goes with them.
public struct AgentConfigObject: Sendable, Hashable {
    public var body: [UInt8] = []
    /// A MIME type, such as `text/yaml`; may be empty.
    public var contentType = ""
    /// What the agent is to do with it, in words of its own; may be empty.
    public var role = ""

    public init() {}

    public init(body: [UInt8], contentType: String = "", role: String = "") {
        self.body = body
        self.contentType = contentType
        self.role = role
    }
}

/// A configuration: its parts by name, which may be empty.
public struct AgentConfigMap: Sendable, Hashable {
    public var objects: [String: AgentConfigObject] = [:]

    public init() {}

    public init(_ objects: [String: AgentConfigObject]) { self.objects = objects }
}

/// What an agent runs.
public struct EffectiveConfig: Sendable, Hashable {
    public var config: AgentConfigMap?

    public init() {}

    public init(_ config: AgentConfigMap?) { self.config = config }
}

/// What a server wants an agent to run.
public struct AgentRemoteConfig: Sendable, Hashable {
    public var config: AgentConfigMap?
    /// Names the configuration; made by the server, and nothing but equality means anything to the agent.
    public var hash: [UInt8] = []

    public init() {}

    public init(_ config: AgentConfigMap?, hash: [UInt8]) {
        self.config = config
        self.hash = hash
    }
}

/// What became of the configuration that a server wanted.
public struct RemoteConfigStatus: Sendable, Hashable {
    public enum Status: UInt64, Sendable, Hashable, CaseIterable {
        /// Nothing has been said, or something of a later version of the protocol.
        case unset = 0
        case applied, applying, failed
    }

    /// The hash of the configuration that was received last; empty when there was none.
    public var lastHash: [UInt8] = []
    public var status = Status.unset
    /// Why it failed.
    public var errorMessage = ""

    public init() {}

    public init(lastHash: [UInt8], status: Status, errorMessage: String = "") {
        self.lastHash = lastHash
        self.status = status
        self.errorMessage = errorMessage
    }
}

extension AgentConfigObject: WireMessage {
    static let messageName: StaticString = "AgentConfigObject"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: body = try decoder.bytes(field, "body")
        case 2: contentType = try decoder.text(field, "content_type")
        case 3: role = try decoder.text(field, "role")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(body, 1)
        writer.put(contentType, 2)
        writer.put(role, 3)
    }
}

extension AgentConfigMap: WireMessage {
    static let messageName: StaticString = "AgentConfigMap"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        guard field.number == 1 else { return }
        try decoder.countEntry(field)
        try decoder.entry(field, "config_map", into: &objects)
    }

    func write(to writer: inout Writer) { writer.put(objects, 1) }
}

extension EffectiveConfig: WireMessage {
    static let messageName: StaticString = "EffectiveConfig"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        if field.number == 1 { try decoder.message(field, "config_map", into: &config) }
    }

    func write(to writer: inout Writer) { writer.put(config, 1) }
}

extension AgentRemoteConfig: WireMessage {
    static let messageName: StaticString = "AgentRemoteConfig"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: try decoder.message(field, "config", into: &config)
        case 2: hash = try decoder.bytes(field, "config_hash")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(config, 1)
        writer.put(hash, 2)
    }
}

extension RemoteConfigStatus.Status: WireEnumeration {
    static var unrecognized: Self { .unset }
}

extension RemoteConfigStatus: WireMessage {
    static let messageName: StaticString = "RemoteConfigStatus"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: lastHash = try decoder.bytes(field, "last_remote_config_hash")
        case 2: status = try field.enumeration("status")
        case 3: errorMessage = try decoder.text(field, "error_message")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(lastHash, 1)
        writer.put(status, 2)
        writer.put(errorMessage, 3)
    }
}
