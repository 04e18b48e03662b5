public import Pipeline

/// The processors of the standard distribution.
public let standardProcessors: [any Holder.Type] = [
    AttributesProcessor.self,
    BatchProcessor.self,
    CumulativeToDelta.self,
    FilterProcessor.self,
    GroupByAttrsProcessor.self,
    MemoryLimiter.self,
    ProbabilisticSampler.self,
    RedactionProcessor.self,
    ResourceDetection.self,
    ResourceProcessor.self,
    SpanProcessor.self,
    TailSampling.self,
    TransformProcessor.self,
]
