public import Pipeline

/// The exporters of the standard distribution.
public let standardExporters: [any Exporter.Type] = [
    DebugExporter.self,
    FileExporter.self,
    FluentForwardExporter.self,
    NopExporter.self,
    OTLPGRPCExporter.self,
    OTLPHTTPExporter.self,
    PrometheusExporter.self,
    RemoteWriteExporter.self,
    ZipkinExporter.self,
]
