import OTLPOracle
import SwiftProtobuf

extension OTLP.MetricsData {
    /// One gauge with one point of the given value.
    static func gauge(_ value: Double) -> Self {
        .with { data in
            data.resourceMetrics = [
                .with { resource in
                    resource.scopeMetrics = [
                        .with { scope in
                            scope.metrics = [.with { $0.gauge.dataPoints = [.with { $0.asDouble = value }] }]
                        }
                    ]
                }
            ]
        }
    }
}

extension SwiftProtobuf.Message {
    /// The message in wire form.
    var wireForm: [UInt8] { get throws { try serializedBytes() } }
}
