internal import OpAMP
internal import Wire

/// Parts of messages that are the same for all agents, made once.
struct GatewayFragments: Sendable {
    /// What the manager can do.
    static let capabilities: ServerCapabilities = [
        .acceptsStatus, .offersRemoteConfig, .acceptsEffectiveConfig, .offersConnectionSettings,
        .acceptsConnectionSettingsRequest, .offersPackages, .acceptsPackagesStatus,
    ]

    /// What the manager can do, with its custom messages.
    let introduction: Bytes
    let restart: Bytes
    private let flags: [Bytes]

    init() {
        var introduction = ServerToAgent()
        introduction.capabilities = Self.capabilities
        introduction.customCapabilities = CustomCapabilities([
            ConfigMessage.capability, FlowReport.capability,
        ])
        self.introduction = introduction.encodedFragment()
        var restart = ServerToAgent()
        restart.command = .restart
        self.restart = restart.encodedFragment()
        flags = (UInt64(0)...3).map { value in
            var message = ServerToAgent()
            message.flags = ServerToAgentFlags(rawValue: value)
            return message.encodedFragment()
        }
    }

    /// The field with flags; `nil` for none.
    func flags(_ value: ServerToAgentFlags) -> Bytes? {
        value.isEmpty ? nil : flags[Int(value.rawValue & 3)]
    }
}
