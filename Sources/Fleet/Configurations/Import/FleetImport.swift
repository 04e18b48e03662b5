internal import FleetModel
internal import FleetStore
public import Settings

/// One thing that an import has done, or would do.
public struct ImportChange: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case configuration, group, value, plan
    }

    public enum Action: String, Sendable, Hashable, CaseIterable {
        case created, updated, unchanged, deleted
        /// It is gone from the files, and may not be deleted; `message` says why.
        case kept
    }

    public let kind: Kind
    public let name: String
    public let action: Action
    /// For configurations, the number of the revision with this content; 0 when it has none yet.
    public let revision: Int
    /// For people, such as what is worth knowing about the configuration.
    public let message: String
    /// What checks found, none of it an error.
    public let findings: [ConfigurationFinding]
}

/// Makes the fleet manager have what files say: the server's side of `apus fleet apply`.
///
/// Everything is checked before anything is written. Doing the same again does nothing. It is not one
/// transaction: when the store fails in between, what is left is done by doing it again.
public struct FleetImport: Sendable {
    private let library: ConfigurationLibrary
    private let groups: FleetGroups
    private let values: FleetValues
    private let store: FleetStore
    private let checkPlan: @Sendable (String, Tree) -> [Diagnostic]

    /// - Parameters:
    ///   - library: The configurations.
    ///   - checkPlan: What is wrong with a plan of this name.
    public init(
        _ library: ConfigurationLibrary,
        checkPlan: @escaping @Sendable (String, Tree) -> [Diagnostic] = { _, _ in [] }
    ) {
        self.library = library
        groups = library.groups
        values = library.values
        store = library.store
        self.checkPlan = checkPlan
    }

    /// Imports a manifest.
    ///
    /// - Parameters:
    ///   - manifest: What the files say.
    ///   - prune: Whether what came from the same set of files before and is not there any more is deleted;
    ///     configurations that agents ought to run are kept.
    ///   - dryRun: Whether only to say what would be done.
    ///   - user: Who does it.
    /// - Returns: What was done, in the order of the manifest, deletions last.
    /// - Throws: `LibraryError`; `.invalid` before anything was written.
    public func apply(
        _ manifest: FleetManifest, prune: Bool, dryRun: Bool, by user: FleetUser
    ) async throws(LibraryError) -> [ImportChange] {
        try check(manifest)
        var changes: [ImportChange] = []
        for item in manifest.configurations {
            changes.append(try await configuration(item, manifest.source, dryRun, user))
        }
        for group in manifest.groups { changes.append(try await self.group(group, dryRun)) }
        for value in manifest.values { changes.append(try await self.value(value, dryRun)) }
        for plan in manifest.plans { changes.append(try await self.plan(plan, manifest.source, dryRun)) }
        if prune { changes += try await pruned(manifest, dryRun) }
        return changes
    }

    // MARK: - Checking

    private func check(_ manifest: FleetManifest) throws(LibraryError) {
        var findings: [ConfigurationFinding] = []
        guard manifest.count <= FleetManifest.mostItems else {
            throw .full("a manifest has at most \(FleetManifest.mostItems) things")
        }
        func note(_ path: [String], _ found: [Diagnostic], rule: String = "structure") {
            findings += found.map { ConfigurationFinding(rule: rule, $0.below(path)) }
        }
        for (section, names) in [
            ("configurations", manifest.configurations.map(\.name)), ("groups", manifest.groups.map(\.name)),
            ("values", manifest.values.map(\.name)), ("plans", manifest.plans.map(\.name)),
        ] {
            var seen: Set<String> = []
            for name in names where !seen.insert(name).inserted {
                note([section, name], [Diagnostic("is there twice")])
            }
        }
        for item in manifest.configurations {
            if !FleetName.isName(item.name) {
                note(["configurations", item.name], [Diagnostic("the name \(FleetName.rule)")])
            }
            findings += library.check(item.draft).filter { $0.severity == .error }.map { finding in
                ConfigurationFinding(
                    rule: finding.rule, finding.diagnostic.below(["configurations", item.name]))
            }
        }
        for group in manifest.groups { note(["groups", group.name], group.problems) }
        for value in manifest.values {
            if let problem = FleetValue.problem(value.name, value.value) {
                note(["values", value.name], [Diagnostic(problem)])
            }
        }
        for plan in manifest.plans {
            let name = FleetName.isName(plan.name) ? [] : [Diagnostic("the name \(FleetName.rule)")]
            note(["plans", plan.name], name + checkPlan(plan.name, plan.spec))
        }
        guard !findings.hasErrors else { throw .invalid(findings) }
    }

    // MARK: - Doing

    private func configuration(
        _ item: FleetManifest.Configuration, _ source: String, _ dryRun: Bool, _ user: FleetUser
    ) async throws(LibraryError) -> ImportChange {
        let known = try await library.document(item.name)
        let number = try await library.number(of: item.draft.hash, in: item.name)
        var revision = number ?? 0
        var findings: [ConfigurationFinding] = []
        let isDescribed = known.map { $0.description == item.description && $0.source == source } ?? false
        if !dryRun {
            let added = try await library.add(
                item.draft, to: item.name,
                message: item.message.isEmpty ? "imported from \(source)" : item.message, by: user,
                source: source)
            (revision, findings) = (added.revision.reference.number, added.findings)
            if !isDescribed { try await library.describe(item.name, item.description, source: source) }
        } else {
            findings = library.check(item.draft)
        }
        let isSame = number != nil && isDescribed
        return ImportChange(
            kind: .configuration, name: item.name,
            action: known == nil ? .created : isSame ? .unchanged : .updated, revision: revision,
            message: "", findings: findings)
    }

    private func group(_ group: FleetGroup, _ dryRun: Bool) async throws(LibraryError) -> ImportChange {
        let known = groups.group(group.name)
        let action = Self.action(known?.group, group)
        if !dryRun, action != .unchanged { try await groups.put(group, over: known?.version ?? 0) }
        return Self.change(.group, group.name, action)
    }

    private func value(_ value: FleetValue, _ dryRun: Bool) async throws(LibraryError) -> ImportChange {
        let known = values.value(value.name)
        let action = Self.action(known?.value, value)
        if !dryRun, action != .unchanged { try await values.put(value, over: known?.version ?? 0) }
        return Self.change(.value, value.name, action)
    }

    private func plan(
        _ plan: FleetManifest.Plan, _ source: String, _ dryRun: Bool
    ) async throws(LibraryError) -> ImportChange {
        let known = try await library.reading { () async throws(StoreError) in
            try await self.store.document(.plan, plan.name)
        }
        let body = PlanDocument(spec: plan.spec, source: source).body
        let action = Self.action(known?.body.json(), body.json())
        if !dryRun, action != .unchanged {
            try await library.write(
                [.put(.plan, plan.name, body, expecting: .over(known?.version ?? 0))],
                "the plan '\(plan.name)'")
        }
        return Self.change(.plan, plan.name, action)
    }

    // MARK: - Pruning

    private func pruned(
        _ manifest: FleetManifest, _ dryRun: Bool
    ) async throws(LibraryError) -> [ImportChange] {
        let source = manifest.source
        var changes: [ImportChange] = []
        let names = Set(manifest.configurations.map(\.name))
        for name in try await self.names(of: .configuration, from: source) where !names.contains(name) {
            if library.isInUse(name) {
                changes.append(
                    Self.change(.configuration, name, .kept, "agents ought to run it; roll out another"))
                continue
            }
            if !dryRun { try await library.delete(name) }
            changes.append(Self.change(.configuration, name, .deleted))
        }
        let groupNames = Set(manifest.groups.map(\.name))
        for (group, version) in groups.list()
        where group.source == source && !groupNames.contains(group.name) {
            if !dryRun { try await groups.delete(group.name, version: version) }
            changes.append(Self.change(.group, group.name, .deleted))
        }
        let valueNames = Set(manifest.values.map(\.name))
        for (value, version) in values.list()
        where value.source == source && !valueNames.contains(value.name) {
            if !dryRun { try await values.delete(value.name, version: version) }
            changes.append(Self.change(.value, value.name, .deleted))
        }
        let planNames = Set(manifest.plans.map(\.name))
        for name in try await self.names(of: .plan, from: source) where !planNames.contains(name) {
            if !dryRun {
                try await library.write([.delete(.plan, name, expecting: .any)], "the plan '\(name)'")
            }
            changes.append(Self.change(.plan, name, .deleted))
        }
        return changes
    }

    /// The documents that were imported from a set of files.
    private func names(of kind: DocumentKind, from source: String) async throws(LibraryError) -> [String] {
        var names: [String] = []
        var last: String?
        while true {
            let after = last
            let page = try await library.reading { () async throws(StoreError) in
                try await self.store.documents(kind, after: after, limit: 1000)
            }
            names += page.filter { document in
                let fields = DocumentFields(document.body)
                return fields.text("source") == source && !fields.flag("deleted")
            }.map(\.id)
            last = page.last?.id
            guard page.count == 1000 else { return names }
        }
    }

    private static func action<Value: Equatable>(_ known: Value?, _ wanted: Value) -> ImportChange.Action {
        known == nil ? .created : known == wanted ? .unchanged : .updated
    }

    private static func change(
        _ kind: ImportChange.Kind, _ name: String, _ action: ImportChange.Action, _ message: String = ""
    ) -> ImportChange {
        ImportChange(kind: kind, name: name, action: action, revision: 0, message: message, findings: [])
    }
}

extension Diagnostic {
    /// The same, for something that stands at a path of a larger document.
    fileprivate func below(_ path: [String]) -> Diagnostic {
        Diagnostic(severity, at: position, path: path + self.path, message, suggestion: suggestion)
    }

    fileprivate init(_ message: String) { self.init(at: nil, message) }
}
