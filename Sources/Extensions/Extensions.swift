public import Pipeline

/// The extensions of the standard distribution.
public let standardExtensions: [any Extension.Type] = [
    BasicAuth.self,
    BearerTokenAuth.self,
    FileStorage.self,
    HeadersSetter.self,
    HealthCheck.self,
    HealthCheckV2.self,
    MemoryLimiterExtension.self,
    OAuth2Client.self,
    OpAMPAgent.self,
    ZPages.self,
]
