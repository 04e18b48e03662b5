import OTLPOracle
import SwiftProtobuf
import Telemetry
import Wire

/// A random message of any signal, as the oracle sees it.
struct OracleMessage {
    let signal: Signal
    let message: any SwiftProtobuf.Message

    /// The message that belongs to `seed`.
    init(_ signal: Signal, seed: UInt64, size: Int = 12, depth: Int = 4, unknownFields: Bool = false) {
        var random = RandomTelemetry(seed: seed, size: size, depth: depth, unknownFields: unknownFields)
        self.signal = signal
        switch signal {
        case .traces: message = random.traces()
        case .metrics: message = random.metrics()
        case .logs: message = random.logs()
        case .profiles: message = random.profiles()
        }
    }

    /// Decodes what Apus made, with the oracle.
    init(_ signal: Signal, decoding bytes: [UInt8], keepUnknown: Bool = true) throws {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = !keepUnknown
        // Apus bounds the depth of values, not of messages: its deepest value is within this.
        options.messageDepthLimit = 400
        self.signal = signal
        message = try Self.type(of: signal).init(
            serializedBytes: bytes, extensions: nil, partial: false, options: options)
    }

    /// Decodes JSON with the oracle, which follows proto3's mapping: identifiers in base64.
    init(_ signal: Signal, decodingJSON json: String) throws {
        self.signal = signal
        message = try Self.type(of: signal).init(jsonString: json)
    }

    /// The message in wire form, fields in the order of their numbers.
    var wire: [UInt8] { get throws { try message.serializedBytes() } }

    /// The message as proto3 JSON, with enums as integers.
    var json: String {
        get throws {
            var options = JSONEncodingOptions()
            options.alwaysPrintEnumsAsInts = true
            return try message.jsonString(options: options)
        }
    }

    /// How many spans, data points, records or samples there are.
    var itemCount: Int {
        switch message {
        case let data as OTLP.TracesData:
            data.resourceSpans.flatMap(\.scopeSpans).reduce(0) { $0 + $1.spans.count }
        case let data as OTLP.LogsData:
            data.resourceLogs.flatMap(\.scopeLogs).reduce(0) { $0 + $1.logRecords.count }
        case let data as OTLP.MetricsData:
            data.resourceMetrics.flatMap(\.scopeMetrics).flatMap(\.metrics).reduce(0) { $0 + $1.pointCount }
        case let data as OTLP.ProfilesData:
            data.resourceProfiles.flatMap(\.scopeProfiles).flatMap(\.profiles).reduce(0) {
                $0 + $1.samples.count
            }
        default: 0
        }
    }

    private static func type(of signal: Signal) -> any SwiftProtobuf.Message.Type {
        switch signal {
        case .traces: OTLP.TracesData.self
        case .metrics: OTLP.MetricsData.self
        case .logs: OTLP.LogsData.self
        case .profiles: OTLP.ProfilesData.self
        }
    }
}

extension OTLP.Metric {
    /// How many data points of whatever kind the metric has.
    var pointCount: Int {
        switch data {
        case .gauge(let gauge): gauge.dataPoints.count
        case .sum(let sum): sum.dataPoints.count
        case .histogram(let histogram): histogram.dataPoints.count
        case .exponentialHistogram(let histogram): histogram.dataPoints.count
        case .summary(let summary): summary.dataPoints.count
        case nil: 0
        }
    }
}
