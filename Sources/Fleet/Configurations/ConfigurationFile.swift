public import FleetModel
internal import OpAMP

/// One file of a configuration.
public struct ConfigurationFile: Sendable, Hashable {
    /// Empty for the only file of a configuration.
    public var name: String
    /// `text/yaml` unless said otherwise.
    public var contentType: String
    /// What the file is for, as OpAMP's `role`; empty for the configuration itself.
    public var role: String
    public var body: [UInt8]

    public init(name: String = "", contentType: String = "text/yaml", role: String = "", body: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.role = role
        self.body = body
    }

    /// The only file of a configuration, in YAML.
    public init(yaml text: String) { self.init(body: Array(text.utf8)) }

    /// The body as text; `nil` when it is not UTF-8.
    public var text: String? { String(validating: body, as: UTF8.self) }

    /// Whether it is YAML or JSON: what is read, checked and filled in; other files go as they are.
    public var isStructured: Bool {
        let type = contentType.split(separator: ";").first ?? ""
        return ["text/yaml", "application/yaml", "text/x-yaml", "application/x-yaml", "application/json", ""]
            .contains(type.lowercased())
    }

    /// What messages call it.
    var label: String { name.isEmpty ? "configuration" : name }
}

/// The bytes that stand for a set of files wherever it is hashed or kept; see `canonicalBytes` of OpAMP.
public enum CanonicalFiles {
    /// The files as bytes; the SHA-256 of these is the `config_hash` of offers.
    public static func encode(_ files: [ConfigurationFile]) -> [UInt8] { offered(files).canonicalBytes }

    /// The files as they are offered.
    static func offered(_ files: [ConfigurationFile]) -> AgentConfigMap {
        AgentConfigMap(
            Dictionary(
                files.map { file in
                    (
                        file.name,
                        AgentConfigObject(
                            body: file.body, contentType: file.contentType, role: file.role)
                    )
                }
            ) { first, _ in first })
    }

    /// The files that `encode` made these bytes of; `nil` when it made no such bytes.
    public static func decode(_ bytes: [UInt8]) -> [ConfigurationFile]? {
        var rest = bytes[...]
        var files: [ConfigurationFile] = []
        while !rest.isEmpty {
            guard let name = take(&rest), let type = take(&rest), let body = take(&rest) else { return nil }
            var file = ConfigurationFile(
                name: String(decoding: name, as: UTF8.self),
                contentType: String(decoding: type, as: UTF8.self), body: Array(body))
            if rest.count >= 8, rest.prefix(8).allSatisfy({ $0 == 0xFF }) {
                rest = rest.dropFirst(8)
                guard let role = take(&rest) else { return nil }
                file.role = String(decoding: role, as: UTF8.self)
            }
            files.append(file)
        }
        return files
    }

    /// The `config_hash` of a set of files.
    public static func hash(_ files: [ConfigurationFile]) -> ContentHash { ContentHash(of: encode(files)) }

    private static func take(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.count >= 8 else { return nil }
        let length = rest.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(8)
        guard let count = Int(exactly: length), count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
