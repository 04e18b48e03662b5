internal import Telemetry
internal import Wire

/// What is known of the sender of telemetry: paths that begin with `otelcol`, which can be read only.
enum SenderFields {
    static let sender: [String: FieldMaker] = [
        "client.addr": readOnly([.string, .null]) { $0.map { .text($0.peer) } ?? .null },
        "client.metadata": readOnly([.map, .null]) { origin in
            origin.map { map($0.metadata.mapValues { .list($0.map { .text($0) }) }) } ?? .null
        },
        "client.auth.attributes": readOnly([.map, .null]) { origin in
            origin.map { map($0.attributes.mapValues { .text($0) }) } ?? .null
        },
    ]

    /// The values of one name in the metadata: its only value, `nil` where there is none or are several.
    static func metadata(_ key: PathKey) -> Target {
        Target(
            kinds: [.string, .null], accepts: [],
            get: { frame throws(EvaluationError) in
                let name = try key.text(frame).string.lowercased()
                guard let values = frame.surroundings.origin?.metadata[name], values.count == 1 else {
                    return .null
                }
                return .text(values[0])
            }, set: refuse)
    }

    /// One of the values of a name in the metadata; `nil` where there are not so many.
    static func metadata(_ key: PathKey, at index: PathKey) -> Target {
        Target(
            kinds: [.string, .null], accepts: [],
            get: { frame throws(EvaluationError) in
                let name = try key.text(frame).string.lowercased()
                guard case .int(let index) = try index.value(frame) else {
                    throw .message("a list is indexed by an int")
                }
                let values = frame.surroundings.origin?.metadata[name] ?? []
                guard index >= 0, index < Int64(values.count) else { return .null }
                return .text(values[Int(index)])
            }, set: refuse)
    }

    /// One attribute of the authentication; empty where there is none.
    static func attribute(_ key: PathKey) -> Target {
        Target(
            kinds: .string, accepts: [],
            get: { frame throws(EvaluationError) in
                .text(frame.surroundings.origin?.attributes[try key.text(frame).string] ?? "")
            }, set: refuse)
    }

    private static let refuse: Setter = { _, _ throws(EvaluationError) in throw .message("it cannot be set") }

    private static func readOnly(
        _ kinds: ValueKinds, _ get: @escaping @Sendable (Origin?) -> Value
    ) -> FieldMaker {
        { _ in Target(kinds: kinds, accepts: [], get: { get($0.surroundings.origin) }, set: refuse) }
    }

    private static func map(_ values: [String: Value]) -> Value {
        .map(ValueMap(values.sorted { $0.key < $1.key }.map { .init(Bytes(utf8: $0.key), $0.value) }))
    }
}
