internal import Engine
internal import Pipeline
public import Settings

/// What a change may contain that does not come from this machine's administrator.
///
/// It is read from a file of this machine once, when the process starts, and no change can reach it. Without
/// a file the defaults of `PolicySettings` hold: any component and any endpoint, but only environment
/// variables and files that the active configuration names already, no provider but `env`, and no
/// connection whose other end goes unchecked. Link-local addresses and the admin API's own are never
/// allowed. What the active configuration says at the same place is not judged again.
public struct Policy: Sendable {
    let settings: PolicySettings
    /// Where the file is, for messages; `nil` without one.
    let file: String?

    /// The defaults, without a file.
    public init() {
        settings = PolicySettings()
        file = nil
    }

    /// Reads a policy; throws everything that is wrong with it.
    public init(yaml: String, file: String) throws(InvalidSettings) {
        settings = try PolicySettings.decode(yaml: yaml, name: file)
        self.file = file
    }

    /// Reads the policy of a file.
    public static func load(_ path: String) async throws(InvalidSettings) -> Policy {
        let fetched: Fetched
        do throws(ProviderError) {
            fetched = try await FileProvider().fetch(path)
        } catch {
            throw InvalidSettings([Diagnostic(.error, "\(error)")])
        }
        return try Policy(yaml: fetched.text, file: path)
    }
}
