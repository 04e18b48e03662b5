public import Settings
internal import Telemetry

extension PipelineID: SettingValue {
    public static var kind: String { "a pipeline, such as traces/backend" }
    public static var schema: Tree { .table(["type": .text("string")]) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if let id = tree.text.flatMap({ PipelineID(parsing: $0) }) { return id }
        let signals = Signal.allCases.map { $0.rawValue }
        let type = tree.text?.split(separator: "/").first.map { String($0) } ?? ""
        reader.mismatch(tree, expected: kind, suggestion: Spelling.nearest(to: type, among: signals))
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(description) }
}
