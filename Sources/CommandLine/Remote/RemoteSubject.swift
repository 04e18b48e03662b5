internal import Control

/// What commands speak to over HTTP.
enum RemoteSubject: Sendable {
    /// The admin API of one collector.
    case collector
    /// The API of a fleet manager.
    case fleet

    /// As in messages.
    var name: String {
        switch self {
        case .collector: "collector"
        case .fleet: "fleet manager"
        }
    }

    /// The port where it listens unless it is told otherwise.
    var port: Int {
        switch self {
        case .collector: AdminOptions.standardPort
        case .fleet: 4321
        }
    }

    /// As in messages about addresses.
    var interface: String {
        switch self {
        case .collector: "an admin API"
        case .fleet: "a fleet manager"
        }
    }

    /// The variable of the environment that has the token.
    var tokenVariable: String {
        switch self {
        case .collector: "APUS_TOKEN"
        case .fleet: "APUS_FLEET_TOKEN"
        }
    }

    /// Where the token of the user is who runs it, if it is where it usually is; `nil` where no token is
    /// needed.
    var tokenFile: String? {
        switch self {
        case .collector: nil
        case .fleet: FleetServeOptions.place(nil).path + "/admin.token"
        }
    }

    /// What to try when nobody answers.
    var whereToLook: String {
        switch self {
        case .collector: "Does it run? --admin says where its admin API is."
        case .fleet: "Does it run? --address (or $APUS_FLEET_ADDRESS) says where it is."
        }
    }

    /// What to do when it does not know who asks.
    var howToBeKnown: String {
        switch self {
        case .collector:
            "Give one with --token-file or $APUS_TOKEN, or ask over the collector's unix socket."
        case .fleet: "Give one with --token-file or $APUS_FLEET_TOKEN."
        }
    }
}
