/// Trees written in code: defaults, schemas, samples.
extension Tree {
    /// Nothing.
    public static let null = Tree(.scalar(Scalar("null")))
    /// A table without keys.
    public static let empty = Tree(.table([]))

    /// Text, whatever it looks like.
    public static func text(_ text: String) -> Tree { Tree(.scalar(Scalar(text, style: .quoted))) }
    /// A whole number.
    public static func number(_ value: some BinaryInteger) -> Tree { Tree(.scalar(Scalar(String(value)))) }
    /// A number.
    public static func number(_ value: Double) -> Tree {
        let text =
            switch value {
            case .infinity: ".inf"
            case -.infinity: "-.inf"
            default: value.isNaN ? ".nan" : String(value)
            }
        return Tree(.scalar(Scalar(text)))
    }
    /// True or false.
    public static func bool(_ value: Bool) -> Tree { Tree(.scalar(Scalar(value ? "true" : "false"))) }
    /// A list.
    public static func list(_ elements: [Tree]) -> Tree { Tree(.list(elements)) }
    /// A table; keys stay in the order given.
    public static func table(_ entries: KeyValuePairs<String, Tree>) -> Tree {
        Tree(.table(entries.map { Entry($0.key, $0.value) }))
    }
}
