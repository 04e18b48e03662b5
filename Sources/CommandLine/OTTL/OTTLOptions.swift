internal import ArgumentParser
internal import OTTL

/// Statements or conditions and their context, shared by the commands about them.
struct OTTLOptions: ParsableArguments {
    @Option(
        help: "What they are about: resource, scope, span, spanevent, metric, datapoint or log.",
        transform: { try OTTLOptions.choice($0) })
    var context: OTTLContext?

    @Flag(name: .customLong("condition"), help: "They are conditions, not statements.")
    var areConditions = false

    @Flag(help: "Print JSON.")
    var json = false

    @ArgumentParser.Argument(help: "The statements, each in quotes of its own.")
    var statements: [String]

    func validate() throws {
        if statements.isEmpty { throw ValidationError("give a statement") }
    }

    /// What they may use in a context: what the processor `transform` or `filter` has.
    func functions(_ context: OTTLContext) -> FunctionSet {
        areConditions ? .filter(in: context) : .transform(in: context)
    }

    /// The context that was asked for, or what the paths say; `nil` when they say none.
    func inferredContext() throws(OTTLError) -> OTTLContext? {
        if let context { return context }
        if areConditions {
            return try ContextInference.context(ofConditions: statements, functions: functions)
        }
        return try ContextInference.context(ofStatements: statements, functions: functions)
    }

    /// What is wrong with each of the statements in a context.
    func mistakes(in context: OTTLContext) -> [OTTLError?] {
        statements.map { text in
            do throws(OTTLError) {
                if areConditions {
                    _ = try Condition(parsing: text, context: context, functions: functions(context))
                } else {
                    _ = try Statement(parsing: text, context: context, functions: functions(context))
                }
                return nil
            } catch {
                return error
            }
        }
    }

    /// What is wrong with the grammar of each of the statements, where their context is not known.
    func mistakesOfGrammar() -> [OTTLError?] {
        statements.map { text in
            do throws(OTTLError) {
                if areConditions {
                    _ = try ContextInference.context(ofConditions: [text], functions: functions)
                } else {
                    _ = try ContextInference.context(ofStatements: [text], functions: functions)
                }
                return nil
            } catch {
                return error
            }
        }
    }

    /// One of the words of an enumeration.
    static func choice<Choice: RawRepresentable & CaseIterable>(_ text: String) throws -> Choice
    where Choice.RawValue == String {
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map { $0.rawValue }.joined(separator: ", ")
        throw ValidationError("'\(text)' is none of \(names)")
    }
}
