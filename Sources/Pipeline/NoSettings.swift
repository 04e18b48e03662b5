public import Settings

/// The configuration of a component that has no keys.
public struct NoSettings: SettingGroup {
    public static let fields: [Field<Self>] = []

    public init() {}
}
