public import Pipeline

/// The receivers of the standard distribution.
public let standardReceivers: [any Receiver.Type] = [
    HostMetricsReceiver.self,
    NopReceiver.self,
    OTLPReceiver.self,
    PrometheusReceiver.self,
]
