public import Settings

/// The configuration of a component that has no keys.
public struct NoSettings: Settings {
    public static let fields: [Field<Self>] = []

    public init() {}
}
