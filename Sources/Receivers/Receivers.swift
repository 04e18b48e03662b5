public import Pipeline

/// The receivers of the standard distribution.
public let standardReceivers: [any Receiver.Type] = [
    FluentForwardReceiver.self,
    HostMetricsReceiver.self,
    JaegerReceiver.self,
    NopReceiver.self,
    OTLPReceiver.self,
    PrometheusReceiver.self,
    RemoteWriteReceiver.self,
    ZipkinReceiver.self,
]
