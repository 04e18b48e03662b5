/// What went through a collector since its process began, in items.
public struct CollectorFlow: Sendable, Equatable {
    /// The counters of everything, or of one pipeline; all but `queued` only grow.
    public struct Counters: Sendable, Equatable {
        /// Items that receivers took.
        public var accepted: UInt64 = 0
        /// Items that destinations took, each destination by itself.
        public var delivered: UInt64 = 0
        /// Items that processors left out on purpose.
        public var filtered: UInt64 = 0
        /// Items that were given up.
        public var dropped: UInt64 = 0
        /// Items that receivers refused.
        public var refused: UInt64 = 0
        /// Items of exports that have failed for good.
        public var exportFailures: UInt64 = 0
        /// Items that wait in queues now.
        public var queued: UInt64 = 0

        public init() {}
    }

    public var total: Counters
    /// Each pipeline, in the order of their ids.
    public var pipelines: [(id: PipelineID, counters: Counters)]

    public init(total: Counters = Counters(), pipelines: [(id: PipelineID, counters: Counters)] = []) {
        self.total = total
        self.pipelines = pipelines
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.total == right.total && left.pipelines.elementsEqual(right.pipelines) { $0 == $1 }
    }
}
