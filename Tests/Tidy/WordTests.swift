import Testing

/// Words that are not written here, and what is written instead.
@Suite struct WordTests {
    private struct Rule {
        let word: String
        let instead: String
        /// Where the word is allowed.
        var allowed: @Sendable (SourceFile) -> Bool = { _ in false }
        /// Whether the word may follow a letter or a point, as a name of something of ours would.
        var isWholeWord = true
    }

    private static let rules: [Rule] = [
        Rule(word: "fatalError(", instead: "throw an error, or use precondition for a promise of the caller"),
        Rule(word: "try!", instead: "let the function throw"),
        Rule(word: "as!", instead: "cast with as? and say what happens otherwise"),
        Rule(
            word: "print(", instead: "log with the logger of the context",
            allowed: { !$0.isSource || $0.target == "CommandLine" }),
        Rule(word: "EventLoopFuture", instead: "async functions, or a synchronous call on the lane") {
            ["Transport", "Engine", "TransportTests", "EngineTests"].contains($0.target)
        },
        Rule(word: "Thread.sleep", instead: "wait for the event, or use the clock of the context"),
        Rule(word: "Task.sleep", instead: "the clock of the context", allowed: { $0.target == "Pipeline" }),
        Rule(word: "DispatchQueue", instead: "a lane, a Mutex or an Atomic"),
        Rule(word: "NIOLock", instead: "Mutex of Synchronization", isWholeWord: false),
        Rule(
            word: "import Foundation", instead: "Glibc, or FoundationEssentials in Settings",
            allowed: { !$0.isSource }),
        Rule(word: "XCTest", instead: "Swift Testing"),
    ]

    @Test func `words with a better alternative are not used`() {
        let files = Repository.swiftFiles.filter { $0.target != "Tidy" }
        var findings: [String] = []
        for rule in Self.rules {
            for file in files where !rule.allowed(file) {
                for (index, line) in file.code where Self.contains(line, rule) {
                    findings.append(file.finding(index, "'\(rule.word)': instead, \(rule.instead)"))
                }
            }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `nothing is left to do`() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        let findings = Repository.swiftFiles.flatMap { file in
            file.lines.enumerated()
                .filter { _, line in words.contains { line.contains($0) } }
                .map { index, _ in file.finding(index, "do it, or write an issue; code is no notebook") }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `what the compiler cannot check is proved in a comment`() {
        let words = ["@unchecked Sendable", "nonisolated(unsafe)", "@preconcurrency"]
        var findings: [String] = []
        for file in Repository.swiftFiles where file.target != "Tidy" {
            for (index, line) in file.code {
                guard let word = words.first(where: { line.contains($0) }) else { continue }
                let around = file.lines[max(0, index - 8)...min(index + 3, file.lines.count - 1)]
                let comments = around.filter { $0.drop { $0 == " " }.hasPrefix("//") }
                guard !comments.contains(where: { $0.contains(word) }) else { continue }
                findings.append(
                    file.finding(
                        index, "say why it is sound, in a comment beside it that begins with `\(word)`"))
            }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `the place where somebody worked is not mentioned`() {
        let places = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]
        let findings = Repository.textFiles.flatMap { file in
            file.lines.enumerated()
                .filter { _, line in places.contains { line.contains($0) } }
                .map { index, _ in file.finding(index, "write paths from the root of the repository") }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `a word is found only where it stands for itself`() {
        let rule = Rule(word: "print(", instead: "")
        #expect(Self.contains("    print(x)", rule))
        #expect(Self.contains("{ print(x) }", rule))
        #expect(!Self.contains("    Report.print(x)", rule))
        #expect(!Self.contains("    blueprint(x)", rule))
        #expect(!Self.contains("    static func print(_ x: Int) {", rule))
        #expect(!Self.contains("    case print(Int)", rule))
    }

    private static func contains(_ line: Substring, _ rule: Rule) -> Bool {
        var rest = line[...]
        while let found = rest.firstRange(of: rule.word) {
            let before = line[..<found.lowerBound]
            let isName = ["func ", "case ", "."].contains { before.hasSuffix($0) }
            let follows = before.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
            let next = line[found.upperBound...].first
            let continues = rule.word.last?.isLetter == true && next?.isLetter == true
            if !rule.isWholeWord || !isName && !follows && !continues { return true }
            rest = line[found.upperBound...]
        }
        return false
    }
}
