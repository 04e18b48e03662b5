public import Pipeline

/// The receivers of the standard distribution.
public let standardReceivers: [any Receiver.Type] = [
    NopReceiver.self,
    OTLPReceiver.self,
]
