import OTLPOracle
import Pipeline
import PipelineTesting
import Processors
import Settings
import SwiftProtobuf
import Telemetry
import Wire

/// A processor with its configuration, and what it does to messages as the oracle sees them.
struct Processing: CustomStringConvertible, Sendable {
    let description: String
    /// The signals it does something to.
    let signals: [Signal]
    private let run: @Sendable (Batch) throws -> [Batch]
    /// The same on the oracle's objects; nothing where it is expected to leave everything as it is.
    let edit: @Sendable (inout OracleMessage) -> Void

    init<Step: Holder>(
        _ type: Step.Type, _ yaml: String, on signals: [Signal] = [.traces, .metrics, .logs],
        as edit: @escaping @Sendable (inout OracleMessage) -> Void = { _ in }
    ) {
        description = "\(Step.name): \(yaml.prefix(200))"
        self.signals = signals
        self.edit = edit
        run = { batch in
            var step = try StepHarness(Step.self, yaml: yaml)
            return try step.send(batch) + step.drain()
        }
    }

    /// The bytes of what comes out.
    func bytes(of batch: Batch) throws -> [UInt8] {
        try run(batch).flatMap { $0.contiguous().array }
    }

    /// Statements of the processor transform for one signal.
    static func transform(
        _ signal: Signal, _ statements: String..., more: String = "",
        as edit: @escaping @Sendable (inout OracleMessage) -> Void = { _ in }
    ) -> Processing {
        let key = signal == .traces ? "trace" : signal == .metrics ? "metric" : "log"
        let list = statements.map { "  - '\($0)'\n" }.joined()
        return Processing(
            TransformProcessor.self, "error_mode: propagate\n\(more)\n\(key)_statements:\n\(list)",
            on: [signal], as: edit)
    }
}

extension [OTLP.KeyValue] {
    /// Sets an attribute, the first of those with its key.
    mutating func put(_ key: String, _ value: OTLP.AnyValue) {
        let pair = OTLP.KeyValue.with {
            $0.key = key
            $0.value = value
        }
        if let index = firstIndex(where: { $0.key == key }) { self[index] = pair } else { append(pair) }
    }

    mutating func put(_ key: String, text: String) { put(key, .with { $0.stringValue = text }) }

    /// The value of the first attribute with a key.
    func value(_ key: String) -> OTLP.AnyValue? { first { $0.key == key }?.value }

    /// Takes out all attributes with a key.
    mutating func remove(_ key: String) { removeAll { $0.key == key } }
}
