internal import Patterns

/// The reference page of a set of functions, in Markdown.
///
/// `apus schema --directory config/reference` writes it, and a test keeps it fresh.
public enum FunctionReference {
    /// The name of the page under `config/reference`.
    public static let pageName = "ottl-functions.md"

    /// The page for `functions`: editors, then converters, each in alphabetical order.
    public static func page(_ functions: FunctionSet = .standard) -> String {
        let all = functions.names.compactMap { functions[$0] }
        let editors = all.filter { $0.isEditor }
        let converters = all.filter { !$0.isEditor }
        return introduction + section("Editors", "They change telemetry; a statement has one.", editors)
            + section("Converters", "They give a value and change nothing.", converters)
            + FunctionSet.ofContexts.map { group($0.title, $0.processor, $0.functions) }.joined()
            + differences + grok
    }

    private static func group(_ title: String, _ processor: String, _ functions: [Function]) -> String {
        section(
            title, "The processor `\(processor)` has them beside those above.",
            functions.sorted { $0.name < $1.name })
    }

    private static let introduction = """
        # Functions of OTTL

        Printed from the code by `make reference`. They are for the statements and conditions of the
        processors `filter` and `transform`; `apus ottl` tries them out.

        Parameters with a question mark may be left out; every parameter may be named, as in
        `delimiter="|"`. A result has at most 4 MiB of text, parsers make at most 100,000 values, 60 of them
        inside of each other. A list or map that is put into telemetry or into `cache`, or goes from one
        step of `Reduce` to the next, has at most 100,000 values, 64 of them inside of each other, and
        16 MiB of text; all steps of one `Reduce` give at most 1,000,000 values, a KiB of text counting as
        one. What would need more is an error of that statement. A statement has at most 500 operators, and
        64 levels of nesting.


        """

    private static func section(_ title: String, _ text: String, _ functions: [Function]) -> String {
        "## \(title)\n\n\(text)\n\n" + functions.map(entry).joined()
    }

    private static func entry(_ function: Function) -> String {
        var text = "### \(function.name)\n\n\(function.summary)\n\n"
        for parameter in function.parameters {
            text += "- `\(parameter.name)\(parameter.isOptional ? "?" : "")`: \(parameter.kind.description)\n"
        }
        if !function.parameters.isEmpty { text += "\n" }
        if !function.isEditor { text += "Gives \(function.result.description).\n\n" }
        return text + "    \(function.example)\n\n"
    }

    private static let differences = """
        ## Where Apus differs from otelcol

        - Text is always UTF-8: `Substring` and `truncate_all` never cut a character, whatever
          `utf8_safe` says; `Decode` of what is no text is an error.
        - `Int` of a number that does not fit into 64 bits is nil.
        - `FormatTime` pads `%L`, `%f` and `%s` with zeros, as their documentation says.
        - `Time` knows the languages de, en, es, fr, it, nl and pt.
        - `Decode` knows base64, ASCII, UTF-8, UTF-16, ISO 8859-1 and -15, and Windows 1252.
        - `UserAgent` has a small table of its own; what it does not know is `Other`.
        - XML functions read documents of at most 1 MiB, 256 elements deep, and know the entities of XML only.
        - Globs have no separators: `*` stands for `/` too, as in otelcol, whose documentation says otherwise.
        - Regular expressions do not match bytes that are no UTF-8; names of groups may have dots and dashes.
        - Lambdas need no feature gate.


        """

    private static var grok: String {
        let names = GrokPatterns.names.joined(separator: ", ")
        return "## Patterns of ExtractGrokPatterns\n\nOthers can be defined in `pattern_definitions`: "
            + "\(names).\n"
    }
}

extension Parameter.Kind: CustomStringConvertible {
    /// The kind as users know it.
    public var description: String {
        switch self {
        case .value: "any value"
        case .string: "string"
        case .int: "int"
        case .bool: "bool"
        case .time: "time"
        case .duration: "duration"
        case .map: "map"
        case .list: "list"
        case .literalString: "string literal"
        case .literalInt: "int literal"
        case .literalBool: "bool literal"
        case .path: "path that can be set"
        case .mapPath: "path to a map"
        case .function: "name of a converter with one parameter"
        case .lambda(let count): "lambda with \(count) parameters"
        case .listOf(let kind): "list literal of: \(kind)"
        }
    }
}
