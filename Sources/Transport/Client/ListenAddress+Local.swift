extension ListenAddress {
    /// Whether what is sent there never leaves the machine: a unix socket, or the loopback interface.
    ///
    /// A name other than `localhost` is not looked up and counts as another machine.
    public var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, let port): NoProxyList("").contains(host: host, port: port)
        }
    }
}
