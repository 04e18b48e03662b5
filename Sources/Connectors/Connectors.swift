public import Pipeline

/// The connectors of the standard distribution.
public let standardConnectors: [any Connector.Type] = [
    ForwardConnector.self,
    RoutingConnector.self,
]
