internal import Pipeline
internal import Wire

/// How a service should sample its traces, and some of its operations in another way (jaeger-idl,
/// `sampling.proto`).
struct SamplingStrategy: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// A share of the traces, 0 to 1.
        case probabilistic(Double)
        /// Traces per second.
        case rateLimiting(Int32)
    }

    /// Strategies of single operations.
    struct Operations: Sendable, Equatable {
        struct Entry: Sendable, Equatable {
            let operation: String
            let probability: Double
        }

        /// The share for operations without an entry.
        var defaultProbability: Double
        var entries: [Entry] = []
    }

    /// What Jaeger's collector answers where nothing is configured.
    static let defaultProbability = 0.001

    var kind = Kind.probabilistic(defaultProbability)
    var operations: Operations?

    /// The share of the traces, where it is one.
    var probability: Double? {
        if case .probabilistic(let share) = kind { share } else { nil }
    }

    /// The answer over HTTP, where types are numbers, as clients of Thrift 0.9.2 want them, or names.
    func json(hasNumbers: Bool) -> String {
        var parts: [String] = []
        switch kind {
        case .probabilistic(let share):
            parts.append("\"strategyType\":" + (hasNumbers ? "0" : "\"PROBABILISTIC\""))
            parts.append("\"probabilisticSampling\":{\"samplingRate\":\(share)}")
        case .rateLimiting(let limit):
            parts.append("\"strategyType\":" + (hasNumbers ? "1" : "\"RATE_LIMITING\""))
            parts.append("\"rateLimitingSampling\":{\"maxTracesPerSecond\":\(limit)}")
        }
        if let operations {
            let entries = operations.entries.map { entry in
                "{\"operation\":\(JSONText.quoted(entry.operation)),"
                    + "\"probabilisticSampling\":{\"samplingRate\":\(entry.probability)}}"
            }
            parts.append(
                "\"operationSampling\":{\"defaultSamplingProbability\":\(operations.defaultProbability),"
                    + "\"defaultLowerBoundTracesPerSecond\":0,"
                    + "\"perOperationStrategies\":[\(entries.joined(separator: ","))]}")
        }
        return "{\(parts.joined(separator: ","))}"
    }

    /// The answer over gRPC, a `SamplingStrategyResponse`.
    var protobuf: Bytes {
        var writer = Writer()
        switch kind {
        case .probabilistic(let share):
            let mark = writer.begin(2)
            writer.write(double: share, 1)
            writer.end(mark)
        case .rateLimiting(let limit):
            writer.write(varint: 1, 1)
            let mark = writer.begin(3)
            writer.write(signed: Int64(limit), 1)
            writer.end(mark)
        }
        if let operations {
            let mark = writer.begin(4)
            writer.write(double: operations.defaultProbability, 1)
            for entry in operations.entries {
                let mark = writer.begin(3)
                writer.write(string: entry.operation, 1)
                let share = writer.begin(2)
                writer.write(double: entry.probability, 1)
                writer.end(share)
                writer.end(mark)
            }
            writer.end(mark)
        }
        return writer.finish()
    }
}

/// The strategies of all services, from the JSON that Jaeger's collector reads.
struct SamplingStrategies: Sendable, Equatable {
    /// Why a file cannot be used.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// For services that are not named.
    private(set) var fallback = SamplingStrategy()
    private(set) var services: [String: SamplingStrategy] = [:]

    /// What a service should do.
    func strategy(of service: String) -> SamplingStrategy { services[service] ?? fallback }

    /// Reads a file.
    init(parsing text: Bytes) throws(Failure) {
        let root: JSONValue
        do throws(JSONParser.Failure) {
            root = try JSONParser.parse(text.array, limit: text.count)
        } catch {
            throw Failure(reason: error.reason)
        }
        guard case .object = root else { throw Failure(reason: "it is not an object") }
        if let value = root["default_strategy"], value != .null {
            fallback = try Self.strategy(value, "default_strategy")
        }
        guard let list = root["service_strategies"], list != .null else { return }
        guard case .array(let values) = list else {
            throw Failure(reason: "service_strategies is not a list")
        }
        for (index, value) in values.enumerated() {
            let place = "service_strategies[\(index)]"
            guard let service = value["service"]?.text else {
                throw Failure(reason: "\(place) has no service")
            }
            services[service] = merged(try Self.strategy(value, place))
        }
    }

    /// Adds what the default says of operations that a service does not name, as Jaeger's collector does.
    private func merged(_ strategy: SamplingStrategy) -> SamplingStrategy {
        guard var defaults = fallback.operations else { return strategy }
        var strategy = strategy
        if let own = strategy.operations {
            let named = Set(own.entries.map { $0.operation })
            strategy.operations?.entries += defaults.entries.filter { !named.contains($0.operation) }
        } else if let share = strategy.probability {
            defaults.defaultProbability = share
            strategy.operations = defaults
        }
        return strategy
    }

    private static func strategy(_ value: JSONValue, _ place: String) throws(Failure) -> SamplingStrategy {
        var strategy = SamplingStrategy(kind: try kind(value, place))
        guard let list = value["operation_strategies"], list != .null else { return strategy }
        guard case .array(let values) = list else {
            throw Failure(reason: "\(place).operation_strategies is not a list")
        }
        guard !values.isEmpty else { return strategy }
        let share = strategy.probability ?? SamplingStrategy.defaultProbability
        var operations = SamplingStrategy.Operations(defaultProbability: share)
        for (index, value) in values.enumerated() {
            let place = "\(place).operation_strategies[\(index)]"
            guard let operation = value["operation"]?.text else {
                throw Failure(reason: "\(place) has no operation")
            }
            guard case .probabilistic(let share) = try kind(value, place) else {
                throw Failure(reason: "\(place) is not probabilistic, as those of operations have to be")
            }
            operations.entries.append(.init(operation: operation, probability: share))
        }
        strategy.operations = operations
        return strategy
    }

    private static func kind(
        _ value: JSONValue, _ place: String
    ) throws(Failure) -> SamplingStrategy.Kind {
        guard case .object = value else { throw Failure(reason: "\(place) is not an object") }
        guard case .number(let text)? = value["param"], let param = Double(text) else {
            throw Failure(reason: "\(place) has no number param")
        }
        switch value["type"]?.text {
        case "probabilistic":
            guard (0...1).contains(param) else {
                throw Failure(reason: "\(place).param is \(text); a probability is from 0 to 1")
            }
            return .probabilistic(param)
        case "ratelimiting":
            guard param >= 0, param <= Double(Int32.max) else {
                throw Failure(reason: "\(place).param is \(text); it has to be from 0 to \(Int32.max)")
            }
            return .rateLimiting(Int32(param))
        default: throw Failure(reason: "\(place).type is neither probabilistic nor ratelimiting")
        }
    }
}
