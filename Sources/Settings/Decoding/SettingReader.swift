/// Reads trees into values and collects every mistake on the way.
public struct SettingReader: Sendable {
    /// Everything found so far, in the order of reading.
    public private(set) var diagnostics: [Diagnostic] = []
    /// The keys and indices that lead to what is being read.
    public private(set) var path: [String]
    /// Where the key of what is being read was written.
    public private(set) var keyPosition: Position?
    /// What was written where a secret belongs, texts and their lines.
    public private(set) var secrets: Set<String> = []
    /// Whether what is being read may be a secret; asked only when there is something to tell.
    private var mayBeSecret: @Sendable () -> Bool = { false }

    /// A reader at a path, such as `["receivers", "otlp"]`.
    public init(at path: [String] = [], keyPosition: Position? = nil) {
        self.path = path
        self.keyPosition = keyPosition
    }

    /// Reports something that makes the configuration unusable.
    public mutating func error(_ message: String, at position: Position?, suggestion: String? = nil) {
        report(Diagnostic(at: position, path: path, message, suggestion: suggestion))
    }

    /// Reports something that the author should know.
    public mutating func warning(_ message: String, at position: Position?) {
        report(Diagnostic(.warning, at: position, path: path, message))
    }

    /// Takes over something found elsewhere.
    public mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// Reports that a value is not what is expected, and quotes it unless it may be a secret: because it
    /// came from outside the file, or stands where secrets belong.
    public mutating func mismatch(_ tree: Tree, expected: String, suggestion: String? = nil) {
        var found = tree.kind
        if mayBeSecret() {
            noteSecrets(in: tree)
        } else if let scalar = tree.scalar, !scalar.isNull, tree.originalText == nil,
            scalar.style != .composed
        {
            let quotes = scalar.style == .quoted ? "the text " : ""
            found = scalar.text.unicodeScalars.count <= 60 ? "\(quotes)'\(scalar.text)'" : "a long text"
        }
        error("must be \(expected), not \(found)", at: tree.position, suggestion: suggestion)
    }

    /// Reports a value that lacks something; what it has may be a secret all the same.
    mutating func unusable(_ tree: Tree, _ message: String) {
        if mayBeSecret() { noteSecrets(in: tree) }
        error(message, at: tree.position)
    }

    /// Reports a key that does not exist, and guesses which was meant.
    public mutating func unknownKey(_ entry: Tree.Entry, among known: [String]) {
        if mayBeSecret() { noteSecrets(in: entry.value) }
        report(
            Diagnostic(
                at: entry.keyPosition, path: path + [entry.key], "unknown key '\(entry.key)'",
                suggestion: Spelling.nearest(to: entry.key, among: known)))
    }

    /// Takes note of everything that is written in `tree`, so that it is not shown with a diagnostic.
    mutating func noteSecrets(in tree: Tree) {
        for former in tree.overridden { noteSecrets(in: former) }
        switch tree.content {
        case .scalar(let scalar):
            guard !scalar.text.isEmpty, tree.originalText == nil else { return }
            secrets.insert(scalar.text)
            for line in scalar.text.split(whereSeparator: \.isNewline) { secrets.insert(String(line)) }
        case .list(let elements): for element in elements { noteSecrets(in: element) }
        case .table(let entries): for entry in entries { noteSecrets(in: entry.value) }
        }
    }

    /// Reads something of which `mayBeSecret` says whether it may be a secret.
    mutating func holding<Result>(
        _ mayBeSecret: @escaping @Sendable () -> Bool, _ body: (inout SettingReader) -> Result
    ) -> Result {
        let outer = self.mayBeSecret
        self.mayBeSecret = mayBeSecret
        defer { self.mayBeSecret = outer }
        return body(&self)
    }

    /// Reads a value at the present path; `nil` when it is wrong, or null and null leaves the default.
    public mutating func read<Value: SettingValue>(
        _ type: Value.Type, _ tree: Tree, over existing: Value? = nil
    ) -> Value? {
        if tree.isNull, tree.originalText == nil, case .absent = Value.nullMeaning { return nil }
        return Value.read(tree, over: existing, with: &self)
    }

    /// Does something one step further down the path.
    public mutating func within<Result>(
        _ step: String, keyPosition: Position, _ body: (inout SettingReader) -> Result
    ) -> Result {
        let outer = self.keyPosition
        path.append(step)
        self.keyPosition = keyPosition
        defer {
            path.removeLast()
            self.keyPosition = outer
        }
        return body(&self)
    }

    /// Whether an error was reported at the present path or one step below it.
    var hasErrorHere: Bool {
        diagnostics.contains {
            $0.severity == .error && $0.path.count <= path.count + 1 && $0.path.starts(with: path)
        }
    }

    /// Whether an error was reported at a path or below it.
    func hasError(under path: [String]) -> Bool {
        diagnostics.contains { $0.severity == .error && $0.path.starts(with: path) }
    }
}
