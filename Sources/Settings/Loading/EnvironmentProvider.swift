import FoundationEssentials

/// `env:NAME` and `env:NAME:-default`: environment variables.
///
/// A variable that is not set is null, with a warning; one that is set to nothing is noted.
public struct EnvironmentProvider: Provider {
    public let scheme = "env"
    private let variables: [String: String]

    /// The variables of this process, as they are now.
    public init() { self.init(ProcessInfo.processInfo.environment) }

    public init(_ variables: [String: String]) { self.variables = variables }

    public func fetch(_ opaque: String) async throws(ProviderError) -> Fetched {
        let (name, fallback) = Self.split(opaque)
        guard Self.isName(name) else {
            throw ProviderError(
                "environment variable '\(name)' has an invalid name: letters, digits and _ only")
        }
        let source = ConfigurationSource(.environment, name)
        if let value = variables[name] {
            let remark: (Diagnostic.Severity, String)? =
                value.isEmpty ? (.note, "environment variable '\(name)' is empty") : nil
            return Fetched(value, from: source, nature: .value, remark: remark)
        }
        if let fallback { return Fetched(fallback, from: source, nature: .value) }
        return Fetched(
            "", from: source, nature: .value, remark: (.warning, "environment variable '\(name)' is not set"))
    }

    private static func split(_ opaque: String) -> (name: String, fallback: String?) {
        guard let range = opaque.firstRange(of: ":-") else { return (opaque, nil) }
        return (String(opaque[..<range.lowerBound]), String(opaque[range.upperBound...]))
    }

    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}
