public import Engine
public import Settings

/// The choice of what a process starts with; see `BootRule`.
public struct Boot: Sendable {
    /// One configuration that can be used, and why it is tried.
    public struct Candidate: Sendable {
        public let configuration: CollectorConfiguration
        /// Warnings and notes about it.
        public let diagnostics: [Diagnostic]
        /// The texts of the sources, to show the lines that messages are about.
        public let texts: [ConfigurationSource: String]
        /// In one sentence, for the log.
        public let description: String
        let choice: BootRule.Choice
        let reading: ConfigurationReader.Reading
        /// What the sources say, when they have been read.
        let base: RevisionID?
    }

    let reader: ConfigurationReader
    let isNamed: Bool
    private(set) var store: RevisionStore
    /// What has been done about what the last process left, and what could not be read.
    public private(set) var notes: [String]
    /// What is wrong with the sources, when they were tried.
    public private(set) var diagnostics: [Diagnostic] = []
    public private(set) var texts: [ConfigurationSource: String] = [:]
    private let rule: BootRule
    private var choices: [BootRule.Choice]

    /// - Parameters:
    ///   - reader: The sources of the command line.
    ///   - directory: Where revisions are kept; without one they end with the process.
    ///   - isNamed: Whether the directory was named, so that a wrong source does not end the process.
    /// - Throws: When the directory cannot be used at all.
    public init(
        _ reader: ConfigurationReader, in directory: StateDirectory?, isNamed: Bool
    ) throws(StateFailure) {
        self.reader = reader
        self.isNamed = isNamed && directory != nil
        if let directory {
            store = try RevisionStore(in: directory.path)
        } else {
            store = RevisionStore()
        }
        notes = store.damages
        rule = BootRule(
            sources: reader.commandLine, isNamed: self.isNamed, revisions: store.revisions)
        choices = []
        var settled: [String] = []
        try store.update { [rule] in settled = rule.settle(&$0) }
        notes += settled
        choices = rule.choices(store.history)
    }

    /// The next configuration that can be used; `nil` when there is none.
    public mutating func next() async -> Candidate? {
        while !choices.isEmpty {
            let choice = choices.removeFirst()
            switch choice.kind {
            case .idle: return idle(choice)
            case .revision(let number):
                if let candidate = await revision(number, choice) { return candidate }
            case .sources:
                if let candidate = await sources(choice) { return candidate }
            }
        }
        return nil
    }

    private mutating func sources(_ choice: BootRule.Choice) async -> Candidate? {
        let raw = await reader.readSources()
        let reading = await reader.read(raw.tree, decodes: !raw.diagnostics.hasErrors)
        let found = raw.diagnostics + reading.diagnostics
        let all = raw.texts.merging(reading.texts) { first, _ in first }
        let id = RevisionID(of: raw.tree)
        guard let configuration = reading.configuration, !found.hasErrors else {
            diagnostics = found
            texts = all
            notes.append("what the command line names cannot be used")
            return nil
        }
        if rule.hasFailed(id, store.history) {
            notes.append(
                "the sources still say what ended the process again and again (revision \(id)); "
                    + "change them, or reload with SIGHUP to try again")
            return nil
        }
        return Candidate(
            configuration: configuration, diagnostics: found, texts: all,
            description: "the sources of the command line", choice: choice, reading: reading, base: id)
    }

    private mutating func revision(_ number: Int, _ choice: BootRule.Choice) async -> Candidate? {
        guard let revision = store.revisions[number] else { return nil }
        let reading = await reader.read(revision.document)
        guard let configuration = reading.configuration, !reading.diagnostics.hasErrors else {
            let reasons = reading.diagnostics.filter { $0.severity == .error }.map { "\($0)" }
            notes.append(
                "revision \(revision.id) cannot be used any more: \(reasons.joined(separator: "; "))")
            return nil
        }
        if revision.isLayered, let base = revision.base, !reader.sources.isEmpty {
            let raw = await reader.readSources()
            if !raw.diagnostics.hasErrors, RevisionID(of: raw.tree) != base {
                notes.append(
                    "the sources have changed since revision \(revision.id) was made over them; the revision "
                        + "is used, and SIGHUP takes the sources instead")
            }
        }
        return Candidate(
            configuration: configuration, diagnostics: reading.diagnostics, texts: [:],
            description: "revision \(revision.id): \(choice.reason)", choice: choice, reading: reading,
            base: revision.base)
    }

    private func idle(_ choice: BootRule.Choice) -> Candidate {
        let reading = ConfigurationReader.Reading(
            raw: .empty, expanded: .empty, configuration: .idle, diagnostics: [], texts: [:])
        return Candidate(
            configuration: .idle, diagnostics: [], texts: [:],
            description: "an empty configuration: \(choice.reason)", choice: choice, reading: reading,
            base: nil)
    }
}
