public import FleetModel
public import OpAMP

/// Which agents a list has, and in what order.
public struct AgentQuery: Sendable, Hashable {
    /// What a list is sorted by; agents that are alike by it are sorted by their ids.
    public enum Order: Sendable, Hashable {
        case uid, name, lastSeen
    }

    /// The most agents of one page.
    public static let largestPage = 1000

    /// All of them have to choose the agent.
    public var selectors: [Selector] = []
    /// Text that its id, its name, a label or an attribute has in it; capital letters do not matter.
    public var search = ""
    public var isConnected: Bool?
    public var isHealthy: Bool?
    public var drift: DriftState?
    /// `service.version`.
    public var version: String?
    /// What it ought to run.
    public var revision: RevisionReference?
    /// What it runs.
    public var effective: ContentHash?
    public var order = Order.uid
    public var isDescending = false
    /// From 1 to `largestPage`.
    public var pageSize = 50
    /// What the page before gave; `nil` for the first.
    public var pageToken: String?

    /// Whether agents that wait to be let in are among them.
    public var includesWaiting = false

    public init() {}

    public init(selectors: [Selector]) { self.selectors = selectors }
}

/// Some of the agents of a list.
public struct AgentPage: Sendable, Hashable {
    public let agents: [AgentOverview]
    /// For the next page; `nil` on the last.
    public let next: String?
}

/// Why the inventory did not do what it was asked to.
public enum InventoryError: Error, Sendable, Hashable {
    /// There is no such agent.
    case unknownAgent(InstanceUID)
    /// The agent cannot be reached, or cannot do it.
    case impossible(String)
    /// Labels that are too many, too long, or no labels.
    case invalidLabels(String)
    /// The token of a page is not one that this list gave.
    case invalidPageToken
    /// The labels are not those that were expected.
    case conflict(InstanceUID)
}

extension InventoryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownAgent(let uid): "there is no agent \(uid)"
        case .impossible(let reason): reason
        case .invalidLabels(let reason): reason
        case .invalidPageToken: "the page token is not one of this list; begin without one"
        case .conflict(let uid): "the labels of agent \(uid) have been changed meanwhile"
        }
    }
}
