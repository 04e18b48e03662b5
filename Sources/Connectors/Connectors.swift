public import Pipeline

/// The connectors of the standard distribution.
public let standardConnectors: [any Connector.Type] = [
    CountConnector.self,
    FailoverConnector.self,
    ForwardConnector.self,
    RoutingConnector.self,
    ServiceGraphConnector.self,
    SpanMetricsConnector.self,
]
