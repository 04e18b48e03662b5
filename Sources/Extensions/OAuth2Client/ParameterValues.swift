public import Settings

/// The values of one parameter of a request: a text, or a list of texts.
public struct ParameterValues: SettingValue, Sendable, Equatable {
    public var values: [Secret]

    public init(_ values: [Secret]) { self.values = values }

    public static var kind: String { "text, or a list of texts" }
    public static var schema: Tree {
        .table(["anyOf": .list([Secret.schema, .table(["type": .text("array"), "items": Secret.schema])])])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if tree.list != nil { return [Secret].read(tree, over: nil, with: &reader).map { Self($0) } }
        return Secret.read(tree, over: nil, with: &reader).map { Self([$0]) }
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        values.count == 1 ? values[0].tree(secrets) : values.tree(secrets)
    }
}
