public import Pipeline

/// The extensions of the standard distribution.
public let standardExtensions: [any Extension.Type] = [
    FileStorage.self,
    HealthCheck.self,
    HealthCheckV2.self,
    MemoryLimiterExtension.self,
    ZPages.self,
]
