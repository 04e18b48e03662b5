public import Pipeline

/// The connectors of the standard distribution.
public let standardConnectors: [any Connector.Type] = [
    FailoverConnector.self,
    ForwardConnector.self,
    RoutingConnector.self,
    ServiceGraphConnector.self,
    SpanMetricsConnector.self,
]
