public import Pipeline
internal import Settings
public import Telemetry
public import Transport

/// Sets header fields of what exporters send (otelcol's headers_setter), such as the tenant of the sender.
///
/// It acts on the fields that the exporter's `headers` set. Differences from otelcol: a value that is not to
/// be found leaves the field alone instead of making it empty, and a default also stands in for
/// `from_attribute`.
public struct HeadersSetter: ClientAuthenticator {
    public static let name = "headers_setter"
    public static let summary = "Sets header fields of what exporters send."

    /// Where a value comes from.
    private enum Source: Sendable {
        case nothing
        case fixed(Secret)
        case file(SecretFile)
        case metadata(String)
        case attribute(String)
    }

    private struct Rule: Sendable {
        let action: Action
        let name: String
        let source: Source
        let fallback: Secret?
    }

    private let rules: [Rule]
    private let next: ClientAuthentication?
    private let context: Context

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.context = context
        var rules: [Rule] = []
        for (index, header) in configuration.headers.enumerated() {
            rules.append(
                Rule(
                    action: header.action, name: header.key.lowercased(),
                    source: try Self.source(of: header, "headers.\(index)"), fallback: header.defaultValue))
        }
        self.rules = rules
        if let id = configuration.additionalAuth {
            next = try ClientAuthentication(id, key: "additional_auth", in: context)
        } else {
            next = nil
        }
    }

    private static func source(of header: Header, _ key: String) throws(ComponentError) -> Source {
        if header.action == .delete { return .nothing }
        if let value = header.value { return .fixed(value) }
        if let path = header.valueFile { return .file(try SecretFile(path, key: "\(key).value_file")) }
        if let name = header.fromContext { return .metadata(name.lowercased()) }
        return header.fromAttribute.map { .attribute($0) } ?? .nothing
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        let files = rules.compactMap { if case .file(let file) = $0.source { file } else { nil } }
        await SecretFile.watch(files, in: context, during: session)
    }

    /// Values of this extension are names of tenants more often than secrets.
    public var setsSecrets: Bool { next?.setsSecrets ?? false }

    public func authorize(
        _ fields: HTTPFields, for origin: Origin?
    ) async throws(ExportFailure) -> HTTPFields {
        var fields = fields
        for rule in rules {
            if rule.action == .delete {
                fields.remove(rule.name)
                continue
            }
            guard let value = try value(of: rule, origin) ?? rule.fallback?.reveal() else { continue }
            switch rule.action {
            case .insert where fields.contains(rule.name): break
            case .update where !fields.contains(rule.name): break
            default: fields[rule.name] = value
            }
        }
        return try await next?.authorize(fields, for: origin) ?? fields
    }

    public func wasRefused(_ fields: HTTPFields) -> Bool { next?.wasRefused(fields) ?? false }

    private func value(of rule: Rule, _ origin: Origin?) throws(ExportFailure) -> String? {
        switch rule.source {
        case .nothing: return nil
        case .fixed(let value): return value.reveal()
        case .file(let file): return file.line
        case .attribute(let name): return origin?.attributes[name]
        case .metadata(let name):
            let values = origin?.metadata[name] ?? []
            guard values.count < 2 else {
                throw .permanent(
                    reason: "the request had \(name) \(values.count) times, so it does not say what "
                        + "\(rule.name) has to be")
            }
            return values.first
        }
    }
}
