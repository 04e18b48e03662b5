/// A configuration that somebody far away wants a collector to run, over what its own sources say.
public struct RemoteConfiguration: Sendable, Equatable {
    /// What the server calls it; opaque here.
    public var hash: [UInt8]
    /// The documents, in the order in which they are merged: the later one wins.
    ///
    /// None means that only the collector's own sources count.
    public var files: [RemoteFile]
    /// The extension that brought it, which must stay able to reach its server.
    public var carrier: ComponentID
    /// The server, for the audit log.
    public var server: String
    /// What it is a part of, such as the name of a rollout, for the audit log.
    public var occasion: String?
    /// The server confirms it itself, within this time; otherwise it counts as taken back.
    ///
    /// With `nil` the collector confirms it when it has looked at itself for a while and is content.
    public var confirmWithin: Duration?
    /// Whether a smaller share of delivered items is what the change is for.
    public var expectsDrop: Bool

    public init(
        hash: [UInt8], files: [RemoteFile], carrier: ComponentID, server: String, occasion: String? = nil,
        confirmWithin: Duration? = nil, expectsDrop: Bool = false
    ) {
        self.hash = hash
        self.files = files
        self.carrier = carrier
        self.server = server
        self.occasion = occasion
        self.confirmWithin = confirmWithin
        self.expectsDrop = expectsDrop
    }
}

/// One document of a remote configuration.
public struct RemoteFile: Sendable, Hashable {
    /// May be empty when there is only one.
    public var name: String
    /// Such as `text/yaml`; empty means YAML.
    public var contentType: String
    public var body: [UInt8]

    public init(name: String, contentType: String = "text/yaml", body: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.body = body
    }
}

/// What became of remote configurations.
public struct RemoteConfigurationState: Sendable, Equatable {
    /// How far one got.
    public enum Phase: String, Sendable, CaseIterable {
        /// There has not been any.
        case unset
        case applying, applied, failed
    }

    /// The configuration that was offered last; empty when there was none.
    public var hash: [UInt8]
    public var phase: Phase
    /// Why it failed, or was taken back; empty otherwise.
    public var message: String
    /// What was taken back and whose server may not know it yet; at most 4, the newest last.
    public var rollbacks: [RemoteRollback]

    public init(
        hash: [UInt8] = [], phase: Phase = .unset, message: String = "", rollbacks: [RemoteRollback] = []
    ) {
        self.hash = hash
        self.phase = phase
        self.message = message
        self.rollbacks = rollbacks
    }
}

/// A remote configuration that ran and does not run any more, without its server asking for that.
public struct RemoteRollback: Sendable, Hashable {
    /// What was taken back.
    public var from: [UInt8]
    /// What runs instead; empty when there is no remote configuration now.
    public var to: [UInt8]
    public var reason: String

    public init(from: [UInt8], to: [UInt8], reason: String) {
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// Something about a remote configuration, with its place in the document.
public struct RemoteDiagnostic: Sendable, Hashable {
    /// How bad it is.
    public enum Severity: String, Sendable, CaseIterable {
        case note, warning, error
    }

    public var severity: Severity
    /// The document, or the local file; empty when there is no such place.
    public var file: String
    /// From 1; 0 when there is no place.
    public var line: Int
    public var column: Int
    /// The value as a JSON Pointer (RFC 6901); empty for the whole.
    public var pointer: String
    public var message: String

    public init(
        severity: Severity, file: String = "", line: Int = 0, column: Int = 0, pointer: String = "",
        message: String
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.pointer = pointer
        self.message = message
    }
}
