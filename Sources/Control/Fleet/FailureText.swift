internal import Pipeline
internal import Settings

/// Why a change was not made, for somebody who cannot see this machine: one line for each mistake, with the
/// place in the document and the value as a JSON Pointer.
struct FailureText {
    /// The most mistakes that are told.
    static let most = 50
    /// The most bytes of one line.
    private static let lineLimit = 500

    let text: String

    init(_ failure: ChangeFailure) {
        let errors = failure.diagnostics.filter { $0.severity == .error }
        var lines = errors.prefix(Self.most).map { Self.line($0) }
        if errors.count > Self.most { lines.append("and \(errors.count - Self.most) more") }
        text = lines.isEmpty ? "the configuration cannot be used" : lines.joined(separator: "\n")
    }

    private static func line(_ diagnostic: Diagnostic) -> String {
        var parts: [String] = []
        if let position = diagnostic.position, position.line > 0 { parts.append("\(position)") }
        if !diagnostic.path.isEmpty { parts.append(diagnostic.pointer) }
        parts.append(diagnostic.text)
        return String(parts.joined(separator: ": ").prefix(lineLimit))
    }
}

extension Diagnostic {
    /// The message with what was probably meant.
    fileprivate var text: String { suggestion.map { "\(message) (did you mean '\($0)'?)" } ?? message }
}

extension RemoteDiagnostic {
    init(_ diagnostic: Diagnostic) {
        let place = diagnostic.position.flatMap { $0.line > 0 ? $0 : nil }
        self.init(
            severity: Severity(rawValue: diagnostic.severity.rawValue) ?? .error,
            file: place.map { "\($0.source)" } ?? "", line: place?.line ?? 0, column: place?.column ?? 0,
            pointer: diagnostic.pointer, message: diagnostic.text)
    }
}
