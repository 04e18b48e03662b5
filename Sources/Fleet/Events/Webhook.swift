public import Settings

/// A place that events are sent to.
public struct Webhook: SettingGroup, Hashable {
    public var url = ""
    /// The kinds of events, such as `rollout.state`, or `rollout.*` for all that begin like it; all without
    /// any.
    public var kinds: [String] = []
    public var isEnabled = true
    public var description = ""
    /// Signs what is sent; made by the manager when nobody gives one.
    public var secret: Secret = ""

    public init() {}

    public static var fields: [Field<Webhook>] {
        [
            Field(
                "url", \.url, "Where events are sent: https://…, or http:// on this machine.", required: true
            ) {
                WebhookAddress.problem(in: $0)
            },
            Field(
                "kinds", \.kinds, "The kinds of events, such as rollout.state or rollout.*; all without any."
            ) {
                problem(inKinds: $0)
            },
            Field("enabled", \.isEnabled, "Whether events are sent."),
            Field("description", \.description, "What it is for.") {
                $0.utf8.count <= 1024 ? nil : "has more than 1024 bytes"
            },
            Field("secret", \.secret, "Signs what is sent; made by the manager when it is left out.") {
                $0.isEmpty || (16...256).contains($0.reveal().utf8.count) ? nil : "must have 16 to 256 bytes"
            },
        ]
    }

    /// Whether events of a kind are sent.
    public func wants(_ kind: FleetEvent.Kind) -> Bool {
        guard isEnabled else { return false }
        if kinds.isEmpty { return true }
        return kinds.contains { wanted in
            wanted.hasSuffix("*") ? kind.rawValue.hasPrefix(wanted.dropLast()) : wanted == kind.rawValue
        }
    }

    private static func problem(inKinds kinds: [String]) -> String? {
        if kinds.count > 64 { return "has more than 64 entries" }
        let unknown = kinds.first { kind in
            !FleetEvent.Kind.allCases.contains { known in
                kind.hasSuffix("*") ? known.rawValue.hasPrefix(kind.dropLast()) : known.rawValue == kind
            }
        }
        return unknown.map { "has '\($0)', and there is no such kind of event" }
    }
}

/// One event on its way to one webhook, or what became of it.
public struct WebhookDelivery: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable {
        case delivered
        /// It was tried as often as it may be, or the answer said not to try again.
        case failed
        /// So many events waited that the oldest were left out.
        case dropped
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    /// The id of the event.
    public let event: UInt64
    /// The status of the last answer; `nil` when there was none.
    public let status: Int?
    public let attempts: Int
    public let outcome: Outcome
    /// What went wrong; empty when it was delivered.
    public let error: String
}
