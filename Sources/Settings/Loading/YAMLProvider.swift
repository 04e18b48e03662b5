/// `yaml:text`: configuration given in place, such as `yaml:processors::batch::timeout: 2s`.
public struct YAMLProvider: Provider {
    public let scheme = "yaml"

    public init() {}

    public func fetch(_ opaque: String) async throws(ProviderError) -> Fetched {
        Fetched(opaque, from: ConfigurationSource(.inline, opaque), nature: .configuration)
    }
}
