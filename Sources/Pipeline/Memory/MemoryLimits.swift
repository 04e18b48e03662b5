/// Where refusing begins and where reading ends, in bytes.
public struct MemoryLimits: Equatable, Sendable {
    /// From here on requests are refused.
    public let soft: Int
    /// From here on nothing more is read; never less than `soft`.
    public let hard: Int

    /// A spike of 0 stands for a fifth of the hard limit.
    public init(hard: Int, spike: Int) {
        self.hard = hard
        soft = hard - (spike == 0 ? hard / 5 : spike)
    }
}
