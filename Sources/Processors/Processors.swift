public import Pipeline

/// The processors of the standard distribution.
public let standardProcessors: [any Holder.Type] = [
    BatchProcessor.self,
    MemoryLimiter.self,
]
