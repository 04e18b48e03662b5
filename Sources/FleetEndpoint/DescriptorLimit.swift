internal import Glibc

/// How many files and sockets the process may have open.
public enum DescriptorLimit {
    /// What is needed beside the connections of agents.
    public static let spare = 4096 + FleetEndpointConfiguration.spareConnections

    /// How many agents can connect when `limit` files may be open: more would find nobody who answers.
    static func connections(of limit: Int) -> Int { max(limit - min(spare, limit / 4), 0) }

    /// The limit that holds now.
    public static var current: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the limit so that `connections` agents can connect, as far as the system allows.
    ///
    /// Only a privileged process may go beyond the hard limit. Call it once, before listening.
    ///
    /// - Returns: the limit that holds now.
    @discardableResult
    public static func raise(for connections: Int) -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        let wanted = rlim_t(max(connections, 0) + spare)
        guard limit.rlim_cur < wanted else { return current }
        var raised = rlimit(rlim_cur: wanted, rlim_max: max(limit.rlim_max, wanted))
        if setrlimit(resource, &raised) != 0 {
            raised = rlimit(rlim_cur: min(wanted, limit.rlim_max), rlim_max: limit.rlim_max)
            setrlimit(resource, &raised)
        }
        return current
    }
}
