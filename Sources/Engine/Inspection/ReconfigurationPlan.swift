public import Pipeline

/// What a change of the configuration means for each component and pipeline, before anything is touched.
public struct ReconfigurationPlan: Sendable, Equatable {
    /// What happens to something.
    public enum Action: String, Sendable, CaseIterable {
        /// Nothing: the same object goes on, with its sockets, connections and buffers.
        case keep
        /// A new object takes over what the old one has: its sockets, or the content of its queue.
        case adopt
        /// A new object takes the place of the old one, which finishes its work first.
        case replace
        case add
        case remove
    }

    /// One component.
    public struct Step: Sendable, Equatable {
        public let kind: ComponentKind
        public let id: ComponentID
        /// For processors, which exist once in each pipeline; `nil` for all others.
        public let pipeline: PipelineID?
        public let action: Action
        /// What it costs, in one sentence for people.
        public let cost: String
    }

    /// One pipeline.
    public struct Route: Sendable, Equatable {
        public let pipeline: PipelineID
        /// `keep` or `replace` for its way through processors to exporters, `add` or `remove`.
        public let action: Action
    }

    public let steps: [Step]
    public let routes: [Route]
    /// What of the change takes effect only when the process starts again, such as
    /// `service::telemetry::logs::encoding`.
    public let afterRestart: [String]

    public init(steps: [Step], routes: [Route], afterRestart: [String] = []) {
        self.steps = steps
        self.routes = routes
        self.afterRestart = afterRestart
    }

    /// Whether everything stays as it is.
    public var isEmpty: Bool {
        steps.allSatisfy { $0.action == .keep } && routes.allSatisfy { $0.action == .keep }
            && afterRestart.isEmpty
    }
}

/// A change of the configuration that has taken place; what is gone may still drain.
public struct Reconfiguration: Sendable {
    public let plan: ReconfigurationPlan
    /// From the order to the moment at which telemetry flowed through the new graph.
    public let swapped: Duration
}
