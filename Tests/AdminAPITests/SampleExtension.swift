import Pipeline
import Settings

/// A component for lists of components.
struct SampleExtension: Extension {
    struct Configuration: SettingGroup {
        var size = 1

        static var fields: [Field<Configuration>] { [Field("size", \.size, "How large it is.")] }
    }

    static let name = "sample"
    static let summary = "Does nothing."

    init(_ configuration: Configuration, in context: Context) throws(ComponentError) {}

    func run(_ session: ExtensionSession) async throws(ComponentError) {}
}
