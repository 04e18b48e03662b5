public import Pipeline

/// The extensions of the standard distribution.
public let standardExtensions: [any Extension.Type] = [
    HealthCheck.self,
    MemoryLimiterExtension.self,
]
