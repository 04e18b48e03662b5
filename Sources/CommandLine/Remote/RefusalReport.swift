internal import Glibc
internal import Settings

/// Tells why a command has not done what it was asked to.
enum RefusalReport {
    /// Writes it: for programs the answer itself to standard output, for people everything to standard error.
    static func tell(
        _ failure: RemoteFailure, _ format: OutputFormat, _ document: AdminDocument?,
        _ subject: RemoteSubject = .collector
    ) {
        switch failure {
        case .unreachable(let message):
            Report.write("error: \(message)\n\(subject.whereToLook)\n")
        case .unexpected(let message): Report.write("error: \(message)\n")
        case .refused(let answer):
            guard format == .text else { return answer.write() }
            guard let title = answer.tree["title"]?.text else {
                Report.write("error: the \(subject.name) answered with status \(answer.status)\n")
                return
            }
            let found = answer.tree.elements("errors").map { diagnostic(from: $0, document) }
            Report.write("error: \(PlainText.line(title)): \(answer.tree.shown("detail"))\n")
            Report.print(found, texts: texts(document))
            guard answer.status == 401 else { return }
            Report.write("\(subject.howToBeKnown)\n")
        }
    }

    /// Warnings and errors that came with an answer, with the lines of the local file.
    static func tell(_ diagnostics: [Tree], _ document: AdminDocument?) {
        Report.print(diagnostics.map { diagnostic(from: $0, document) }, texts: texts(document))
    }

    /// A diagnostic of the collector, about the local file where it is about what was sent.
    static func diagnostic(from tree: Tree, _ document: AdminDocument?) -> Diagnostic {
        let path = JSONPointer.path(of: tree["pointer"]?.text ?? "") ?? []
        return Diagnostic(
            Diagnostic.Severity(rawValue: tree.shown("severity")) ?? .error,
            at: position(tree, path, document), path: path.map { PlainText.line($0) },
            tree.shown("message"), suggestion: suggestion(tree["hint"]?.text))
    }

    private static func position(_ tree: Tree, _ path: [String], _ document: AdminDocument?) -> Position? {
        let (line, column) = (tree.count("line"), max(tree.count("column"), 1))
        guard let document, let source = document.source, source.kind == .file else {
            guard line > 0, let name = tree["source"]?.text, name != "body" else { return nil }
            return Position(ConfigurationSource(.remote, PlainText.line(name)), line: line, column: column)
        }
        guard line > 0 else {
            // What has no place of its own is shown where the local file has it.
            guard !path.isEmpty, let local = try? Tree(yaml: document.text, source: source) else {
                return nil
            }
            return local[path].map { $0.position }.flatMap { $0.line > 0 ? $0 : nil }
        }
        guard tree["source"]?.text == "body" else {
            return Position(
                ConfigurationSource(.remote, tree.shown("source")), line: line, column: column)
        }
        return Position(source, line: line, column: column)
    }

    private static func texts(_ document: AdminDocument?) -> [ConfigurationSource: String] {
        guard let document, let source = document.source, source.kind == .file else { return [:] }
        return [source: document.text]
    }

    /// The word in `did you mean 'x'?`.
    private static func suggestion(_ hint: String?) -> String? {
        guard let hint, let first = hint.firstIndex(of: "'"), let last = hint.lastIndex(of: "'"), first < last
        else { return nil }
        return PlainText.line(String(hint[hint.index(after: first)..<last]))
    }
}
