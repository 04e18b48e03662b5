/// How much one message may hold; what is beyond is refused while it is read.
public struct MessageLimits: Sendable, Hashable {
    /// Bytes of a message after decompression.
    public var messageBytes: Int
    /// Levels of a tree of health, the root included.
    public var healthDepth = 8
    /// Components in a tree of health, the root included.
    public var healthNodes = 2_000
    /// Levels of a tree of available components.
    public var componentDepth = 8
    /// Components in a tree of available components.
    public var componentNodes = 20_000
    /// Keys with values in a message: of descriptions, of health, of components, nested ones included.
    public var attributes = 50_000
    /// Levels of a value: 1 for a scalar, one more for each array or list around it.
    public var valueDepth = 16
    /// Elements of arrays of values, in a message.
    public var elements = 50_000
    /// Entries of all other maps and lists in a message: files, packages, headers, capabilities.
    public var entries = 4_096

    public init(messageBytes: Int = 4 << 20) { self.messageBytes = messageBytes }

    /// What a server takes from an agent: 4 MiB.
    public static let fromAgent = MessageLimits()
    /// What an agent takes from a server: 16 MiB.
    public static let fromServer = MessageLimits(messageBytes: 16 << 20)
    /// The most that may be configured for a message, and what the specification has agents send without
    /// being asked: 64 MiB.
    public static let maximumMessageBytes = 64 << 20
}
