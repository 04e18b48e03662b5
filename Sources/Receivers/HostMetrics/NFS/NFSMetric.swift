/// The metrics of the scraper nfs: of the client, and of the server, nfsd.
enum NFSMetric: String, HostMetricName {
    case clientNet = "system.nfs.net.count"
    case clientUDP = "system.nfs.net.udp.count"
    case clientTCP = "system.nfs.net.tcp.count"
    case clientConnections = "system.nfs.net.tcp.connection.count"
    case clientCalls = "system.nfs.rpc.count"
    case clientRetransmits = "system.nfs.rpc.retransmit.count"
    case clientRefreshes = "system.nfs.rpc.authrefresh.count"
    case clientProcedures = "system.nfs.procedure.count"
    case clientOperations = "system.nfs.operation.count"
    case cacheHits = "system.nfsd.repcache.hits"
    case cacheMisses = "system.nfsd.repcache.misses"
    case uncached = "system.nfsd.repcache.nocache"
    case staleHandles = "system.nfsd.fh.stale.count"
    case readBytes = "system.nfsd.io.read.count"
    case writtenBytes = "system.nfsd.io.write.count"
    case threads = "system.nfsd.thread.count"
    case serverNet = "system.nfsd.net.count"
    case serverUDP = "system.nfsd.net.udp.count"
    case serverTCP = "system.nfsd.net.tcp.count"
    case serverConnections = "system.nfsd.net.tcp.connection.count"
    case serverCalls = "system.nfsd.rpc.count"
    case badCalls = "system.nfsd.rpc.bad.count"
    case badFormats = "system.nfsd.rpc.badfmt.count"
    case badAuthentications = "system.nfsd.rpc.badauth.count"
    case badClients = "system.nfsd.rpc.badclient.count"
    case serverProcedures = "system.nfsd.procedure.count"
    case serverOperations = "system.nfsd.operation.count"

    var definition: HostMetric {
        let (unit, what) = text
        let attributes: [HostMetric.Attribute] =
            switch self {
            case .clientProcedures, .serverProcedures: ["rpc.onc.version", "rpc.onc.procedure.name"]
            case .clientOperations, .serverOperations: ["rpc.onc.version", "rpc.nfs.operation.name"]
            default: []
            }
        return HostMetric(.gauge, unit, "Reports the \(what)", attributes)
    }

    private var text: (unit: String, what: String) {
        switch self {
        case .clientNet: ("{request}", "count of kernel NFS client network requests handled")
        case .clientUDP: ("{datagram}", "count of kernel NFS client UDP datagrams handled")
        case .clientTCP: ("{segment}", "count of kernel NFS client TCP segments handled")
        case .clientConnections: ("{connection}", "count of kernel NFS client TCP connections accepted")
        case .clientCalls: ("{request}", "count of kernel NFS client RPCs handled")
        case .clientRetransmits: ("{retransmit}", "count of kernel NFS client RPC retransmits")
        case .clientRefreshes: ("{authrefresh}", "count of kernel NFS client RPC authentication refreshes")
        case .clientProcedures: ("{procedure}", "count of kernel NFS client procedures")
        case .clientOperations: ("{procedure}", "count of kernel NFSv4+ client operations")
        case .cacheHits: ("{hit}", "kernel NFS server request reply cache hit count")
        case .cacheMisses: ("{miss}", "kernel NFS server request reply cache miss count")
        case .uncached: ("{miss}", "count of kernel NFS server request replies that are uncacheable")
        case .staleHandles: ("{fh}", "count of kernel NFS server stale file handles")
        case .readBytes: ("By", "count of kernel NFS server bytes returned to read requests")
        case .writtenBytes: ("By", "count of kernel NFS server bytes passed to write requests")
        case .threads: ("{thread}", "count of kernel NFS server available threads")
        case .serverNet: ("{request}", "count of kernel NFS server network requests handled")
        case .serverUDP: ("{datagram}", "count of kernel NFS server UDP datagrams handled")
        case .serverTCP: ("{segment}", "count of kernel NFS server TCP segments handled")
        case .serverConnections: ("{connection}", "count of kernel NFS server TCP connections accepted")
        case .serverCalls: ("{request}", "count of kernel NFS server RPCs handled")
        case .badCalls: ("{request}", "total count of kernel NFS server bad RPCs")
        case .badFormats: ("{request}", "total count of kernel NFS server badly formatted RPCs")
        case .badAuthentications: ("{request}", "total count of kernel NFS server badly authenticated RPCs")
        case .badClients: ("{request}", "total count of kernel NFS server unauthorized client RPCs")
        case .serverProcedures: ("{procedure}", "count of kernel NFS client procedures")
        case .serverOperations: ("{operation}", "count of kernel NFSv4+ server operations")
        }
    }
}
