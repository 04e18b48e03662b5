internal import Logging
internal import NIOCore

/// What all connections of a server have in common.
final class ServerContext: Sendable {
    let configuration: ServerConfiguration
    let application: any ServerApplication
    /// What runs on connections that do not speak HTTP; `nil` where they do.
    let streams: (any StreamApplication)?
    let logger: Logger
    let statistics: ServerStatistics
    let budget: BodyBudget
    /// `nil` where addresses are not counted.
    let strangers: Strangers?
    let rules: ConnectionKeeper.Rules

    init(
        configuration: ServerConfiguration, application: any ServerApplication,
        streams: (any StreamApplication)? = nil, logger: Logger, statistics: ServerStatistics
    ) {
        self.configuration = configuration
        self.application = application
        self.streams = streams
        self.logger = logger
        self.statistics = statistics
        strangers = configuration.maxStrangersPerAddress.map { Strangers(limit: $0) }
        budget = BodyBudget(limit: configuration.maxBufferedBytes, memory: configuration.memory)
        rules = ConnectionKeeper.Rules(
            idle: configuration.maxConnectionIdle.map { TimeAmount($0) },
            age: configuration.maxConnectionAge.map { TimeAmount($0) },
            ageGrace: configuration.maxConnectionAgeGrace.map { TimeAmount($0) },
            pingAfter: TimeAmount(configuration.keepaliveTime),
            pingTimeout: TimeAmount(configuration.keepaliveTimeout),
            pingMinTime: TimeAmount(configuration.keepaliveMinTime),
            permitsPingWithoutStream: configuration.keepalivePermitWithoutStream,
            // A gRPC client may connect long before its first call, so HTTP/2 has no limit for it.
            firstRequest: nil,
            read: configuration.readTimeout.map { TimeAmount($0) },
            write: configuration.writeTimeout.map { TimeAmount($0) })
    }

    /// What the application decides about a request, and the memory after it.
    func admit(_ head: ServerRequestHead) -> Admission {
        let admission = application.admit(head)
        if case .refuse = admission {} else { head.connection.ticket?.giveBack() }
        guard case .accept = admission, let memory = configuration.memory, !memory.admitsRequest() else {
            return admission
        }
        return .refuse(overloaded(head))
    }

    /// The answer to a request that there is no memory for.
    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        configuration.memory?.countRefusal()
        return application.overloaded(head)
    }
}
