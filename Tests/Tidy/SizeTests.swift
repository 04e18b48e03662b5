import Testing

/// How large things may become before they have to be divided.
@Suite struct SizeTests {
    private static let linesOfFile = 400
    private static let linesOfFunction = 60
    private static let columns = 110

    @Test func `no file is longer than 400 lines`() {
        let findings = Repository.swiftFiles.filter { $0.lines.count - 1 > Self.linesOfFile }.map { file in
            file.finding(
                Self.linesOfFile,
                "\(file.lines.count - 1) lines; divide it by reason to change, such as Type+Aspect.swift")
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `no line is longer than 110 columns`() {
        let findings = Repository.swiftFiles.flatMap { file in
            file.lines.enumerated()
                .filter { $0.element.utf8.count > Self.columns && $0.element.count > Self.columns }
                .map { file.finding($0.offset, "\($0.element.count) columns; make format, or say less") }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `no function is longer than 60 lines`() {
        let findings = Repository.swiftFiles.flatMap { file in
            FunctionFinder(file).functions
                .filter { $0.lineCount > Self.linesOfFunction }
                .map { function in
                    file.finding(
                        function.start,
                        "\(function.name) has \(function.lineCount) lines; give its steps names of their own")
                }
        }
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test func `functions are found with their length`() throws {
        let lines = """
            struct S {
                func requirement()
                public init(
                    a: Int
                ) {
                    self.a = a
                }
                func one() { 1 }
                @Test func `in words`() async throws {
                    if a {
                        b()
                    }
                }
            }
            """
        let found = FunctionFinder(lines.split(separator: "\n", omittingEmptySubsequences: false)).functions
        #expect(found.map { $0.lineCount } == [5, 5])
        #expect(found.map { $0.start } == [2, 8])
    }
}

/// Finds functions by their indentation, which the formatter guarantees.
struct FunctionFinder {
    struct Function {
        let name: String
        /// Index of the first line.
        let start: Int
        let lineCount: Int
    }

    private let lines: [Substring]

    init(_ file: SourceFile) { lines = file.lines }

    init(_ lines: [Substring]) { self.lines = lines }

    var functions: [Function] { lines.indices.compactMap { function(at: $0) } }

    private func function(at start: Int) -> Function? {
        let words = lines[start].split(separator: " ").prefix(8)
        let isFunction = words.contains { word in
            word == "func" || word.hasPrefix("init(") || word.hasPrefix("init<")
                || word.hasPrefix("subscript(")
        }
        guard isFunction, words.first?.hasPrefix("//") == false, words.first != "return" else { return nil }
        let indentation = indentation(of: start)
        guard let opening = opening(from: start, indentation), lines[opening].hasSuffix("{") else {
            return nil
        }
        let closing = lines[(opening + 1)...].indices.first { index in
            self.indentation(of: index) == indentation && lines[index].drop { $0 == " " }.hasPrefix("}")
        }
        guard let closing else { return nil }
        return Function(name: words.joined(separator: " "), start: start, lineCount: closing - start + 1)
    }

    /// The line where the signature ends.
    private func opening(from start: Int, _ indentation: Int) -> Int? {
        for index in start..<lines.count {
            if lines[index].hasSuffix("{") { return index }
            guard index > start else {
                if lines[index].hasSuffix("}") || !lines[index].hasSuffix("(") && index + 1 == lines.count {
                    return nil
                }
                continue
            }
            let text = lines[index].drop { $0 == " " }
            if self.indentation(of: index) <= indentation, !text.hasPrefix(")") { return nil }
        }
        return nil
    }

    private func indentation(of index: Int) -> Int { lines[index].prefix { $0 == " " }.count }
}
