internal import ArgumentParser
internal import OTTL
internal import Settings

/// `apus ottl check`: whether statements are right.
struct OTTLCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say whether statements are right, and where they are not.")

    @OptionGroup var options: OTTLOptions

    func run() throws {
        let context = try? options.inferredContext()
        let mistakes = context.map { options.mistakes(in: $0) } ?? options.mistakesOfGrammar()
        let isWrong = mistakes.contains { $0 != nil }
        if options.json {
            print(Self.tree(options.statements, context, mistakes).json())
        } else {
            for (text, mistake) in zip(options.statements, mistakes) {
                print(mistake.map { OTTLText.shown($0, in: text) } ?? "right: \(text)")
            }
            if let context, !isWrong { print("context: \(context.rawValue)") }
        }
        if isWrong { throw ExitCode(ExitCodes.configuration) }
        guard context != nil else {
            Report.write(
                "error: no path says what they are about: write span.name for name, or give --context\n"
            )
            throw ExitCode(ExitCodes.configuration)
        }
    }

    private static func tree(
        _ statements: [String], _ context: OTTLContext?, _ mistakes: [OTTLError?]
    ) -> Tree {
        let list = zip(statements, mistakes).map { text, mistake in
            var entries = [Tree.Entry("text", .text(text)), .init("right", .bool(mistake == nil))]
            if let mistake { entries.append(.init("error", OTTLText.tree(of: mistake))) }
            return Tree(.table(entries))
        }
        return Tree(
            .table([
                .init("context", context.map { .text($0.rawValue) } ?? .null),
                .init("statements", Tree(.list(list))),
            ]))
    }
}
