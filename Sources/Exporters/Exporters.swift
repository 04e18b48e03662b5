public import Pipeline

/// The exporters of the standard distribution.
public let standardExporters: [any Exporter.Type] = [
    FileExporter.self,
    NopExporter.self,
]
