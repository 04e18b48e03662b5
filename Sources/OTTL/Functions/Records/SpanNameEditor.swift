internal import Telemetry
internal import Wire

/// set_semconv_span_name: the name that the semantic conventions give a span.
enum SpanNameEditor {
    static let all: [Function] = [setSemconvSpanName]

    /// The versions of the semantic conventions that are known.
    private static let versions = (lowest: [1, 37, 0], highest: [1, 43, 0])

    private static let setSemconvSpanName = Function(
        editor: "set_semconv_span_name",
        [
            Parameter("semconv_version", .literalString),
            Parameter("original_span_name_attribute", .literalString, isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        try check(version: try arguments.literal(0))
        let original = try arguments.optional(1) == nil ? nil : arguments.literal(1)
        if let original, original.isEmpty { throw FunctionError("it must not be empty", parameter: 1) }
        let key = original.map { AttributeKey($0) }
        return { frame throws(EvaluationError) in
            let span = frame.draft
            guard let name = SpanConventions(span: span).name else { return }
            let before = span.data(5)
            guard !before.isEqual(to: Bytes(utf8: name)) else { return }
            try span.set(5, .text(name))
            if let key { try span.set(attribute: key, .string(before)) }
        }
    }.documented(
        "Names a span as the semantic conventions for HTTP, RPC, messaging and databases do, which keeps "
            + "names few; the name that it had goes to an attribute if one is given.",
        example: #"set_semconv_span_name("1.43.0", "original_span_name")"#)

    private static func check(version text: String) throws(FunctionError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parts.compactMap { $0 }
        guard numbers.count == 3, parts.count == 3 else {
            throw FunctionError("'\(text)' is no version such as 1.43.0", parameter: 0)
        }
        guard !numbers.lexicographicallyPrecedes(versions.lowest),
            !versions.highest.lexicographicallyPrecedes(numbers)
        else {
            throw FunctionError(
                "the version of the conventions has to be from 1.37.0 to 1.43.0", parameter: 0)
        }
    }
}

/// What the semantic conventions call a span, by its kind and attributes; older names of attributes count.
struct SpanConventions {
    let span: Draft

    private static let method = Keys("http.request.method", "http.method")
    private static let route = Keys("http.route")
    private static let template = Keys("url.template")
    private static let rpcSystem = Keys("rpc.system.name", "rpc.system")
    private static let rpcMethod = Keys("rpc.method", "rpc.grpc.method")
    private static let rpcService = Keys("rpc.service", "rpc.grpc.service")
    private static let dbSystem = Keys("db.system.name", "db.system")
    private static let dbSummary = Keys("db.query.summary")
    private static let dbOperation = Keys("db.operation.name", "db.operation")
    private static let dbNamespace = Keys("db.namespace", "db.name")
    private static let dbCollection = Keys("db.collection.name")
    private static let dbProcedure = Keys("db.stored_procedure.name")
    private static let serverAddress = Keys("server.address")
    private static let serverPort = Keys("server.port")
    private static let messagingSystem = Keys("messaging.system")
    private static let messagingOperation = Keys("messaging.operation.name", "messaging.operation")
    private static let messagingTemplate = Keys("messaging.destination.template")
    private static let messagingName = Keys("messaging.destination.name", "messaging.destination")
    private static let temporary: AttributeKey = "messaging.destination.temporary"
    private static let anonymous: AttributeKey = "messaging.destination.anonymous"

    /// An attribute and the name that it had before.
    private struct Keys: Sendable {
        let keys: [AttributeKey]

        init(_ names: String...) { keys = names.map { AttributeKey($0) } }
    }

    private func text(_ keys: Keys) -> String? {
        for key in keys.keys {
            if let value = span.attribute(key) { return value.text }
        }
        return nil
    }

    /// The name; `nil` where no convention gives one.
    var name: String? {
        switch span.unsigned(6) {
        case 2: http(Self.route) ?? rpc ?? messaging
        case 3: http(Self.template) ?? rpc ?? database ?? messaging
        case 4, 5: messaging
        default: nil
        }
    }

    private func http(_ target: Keys) -> String? {
        guard let method = text(Self.method), !method.isEmpty else { return nil }
        return text(target).map { "\(method) \($0)" } ?? method
    }

    private var rpc: String? {
        guard let system = text(Self.rpcSystem) else { return nil }
        switch (text(Self.rpcService), text(Self.rpcMethod)) {
        case (let service?, let method?): return "\(service)/\(method)"
        case (nil, let method?): return method
        case (let service?, nil): return "\(service)/*"
        case (nil, nil): return system
        }
    }

    private var database: String? {
        guard let system = text(Self.dbSystem) else { return nil }
        if let summary = text(Self.dbSummary) { return summary }
        let parts = [text(Self.dbOperation), databaseTarget].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? system : parts.joined(separator: " ")
    }

    private var databaseTarget: String? {
        let namespace = text(Self.dbNamespace) ?? ""
        if let inside = text(Self.dbCollection) ?? text(Self.dbProcedure) {
            return namespace.isEmpty ? inside : "\(namespace).\(inside)"
        }
        return namespace.isEmpty ? server : namespace
    }

    private var server: String? {
        text(Self.serverAddress).map { address in
            text(Self.serverPort).map { "\(address):\($0)" } ?? address
        }
    }

    private var messaging: String? {
        guard let system = text(Self.messagingSystem) else { return nil }
        let parts = [text(Self.messagingOperation), destination].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? system : parts.joined(separator: " ")
    }

    private var destination: String? {
        if case .bool(true)? = span.sharedValue(Self.temporary) { return "(temporary)" }
        if case .bool(true)? = span.sharedValue(Self.anonymous) { return "(anonymous)" }
        return text(Self.messagingTemplate) ?? text(Self.messagingName) ?? server
    }
}
