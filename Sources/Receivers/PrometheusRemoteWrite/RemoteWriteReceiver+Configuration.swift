public import Pipeline
public import Settings

extension RemoteWriteReceiver {
    /// The keys of the receiver.
    public struct Configuration: SettingGroup {
        public var server = HTTPServerSettings(endpoint: "localhost:9090")
        public var receiver = ReceiverSettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [Field(embedding: \.server), Field(embedding: \.receiver)]
        }
    }
}
