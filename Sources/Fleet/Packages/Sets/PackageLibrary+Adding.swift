internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Pipeline
internal import Settings
internal import Synchronization
internal import Transport

/// Making versions of sets.
extension PackageLibrary {
    /// The longest name or version of a package, in UTF-8 bytes.
    public static let longestName = 128

    /// Makes the next version of a set, signed; the first one makes the set.
    ///
    /// - Parameters:
    ///   - packages: What is in it.
    ///   - name: The set.
    ///   - message: Why, for people.
    ///   - user: Who makes it.
    ///   - latest: The number of the newest version that the author knows; `nil` for any.
    /// - Returns: The version, and whether it is new: what is the newest already is not made again.
    /// - Throws: `.invalid` with every reason, `.conflict` when there is a newer one, `.full`.
    public func add(
        _ packages: [PackageDraft], to name: String, message: String, by user: FleetUser,
        expectingLatest latest: Int? = nil
    ) async throws(LibraryError) -> (set: PackageSet, isNew: Bool) {
        let signed = try await check(packages, name: name)
        let head = try await reading { () async throws(StoreError) in
            try await store.document(.packageSet, PackageSetSummary.id(name))
        }
        let known = head.flatMap { PackageSetSummary($0)?.latest } ?? 0
        guard latest == nil || latest == known else {
            throw .conflict("the set '\(name)' has version \(known), and it")
        }
        if known > 0 {
            let newest = try await set(name, known)
            // Signatures of one key may differ and say the same.
            if newest.packages.map(\.withoutSignatures) == signed.map(\.withoutSignatures) {
                return (newest, false)
            }
        } else {
            let others = try await sets(after: nil, limit: Self.mostSets)
            guard others.count < Self.mostSets else {
                throw .full("there are \(Self.mostSets) sets of packages; delete some")
            }
        }
        let last = known > 0 ? known : try await lastNumber(ofDeleted: name)
        guard last < Self.mostNumbers else {
            throw .full("the set has \(Self.mostNumbers) versions; begin another")
        }
        let set = PackageSet(
            name: name, number: last + 1, packages: signed, message: message, author: user.name,
            owner: user.owner, created: clock.unixNanoseconds)
        do throws(StoreError) {
            try await store.write([
                .put(.packageSet, "v/" + PackageSet.id(name, set.number), set.body, expecting: .absent),
                .put(
                    .packageSet, PackageSetSummary.id(name), PackageSetSummary.body(set),
                    expecting: head.map { .version($0.version) } ?? .absent),
            ])
        } catch {
            throw LibraryError(error, "the set '\(name)'")
        }
        caches.withLock { $0.sets.put(set.reference, set, cost: set.cost) }
        return (set, true)
    }

    private func lastNumber(ofDeleted name: String) async throws(LibraryError) -> Int {
        let grave = try await reading { () async throws(StoreError) in
            try await store.document(.packageSet, Self.grave(name))
        }
        return grave?.body["latest"]?.text.flatMap { Int($0) } ?? 0
    }

    /// What a draft would become; nothing is kept.
    ///
    /// - Throws: `.invalid` with everything that is wrong.
    public func check(
        _ packages: [PackageDraft], name: String
    ) async throws(LibraryError) -> [FleetPackage] {
        let looked = packages.prefix(PackageSet.mostPackages)
        let present = await files.present(
            Set(
                looked.flatMap { package in
                    package.artefacts.prefix(FleetPackage.mostArtefacts).filter { $0.url == nil }.map(\.hash)
                }))
        var problems = DraftProblems()
        if !FleetName.isName(name) { problems.add(["name"], FleetName.rule) }
        if packages.isEmpty { problems.add(["packages"], "there is no package") }
        if packages.count > PackageSet.mostPackages {
            problems.add(["packages"], "has more than \(PackageSet.mostPackages) packages")
        }
        var names: Set<String> = []
        var signed: [FleetPackage] = []
        for (index, package) in looked.enumerated() {
            let path = ["packages", "\(index)"]
            if !names.insert(package.name).inserted { problems.add(path + ["name"], "is there twice") }
            signed.append(sign(package, path, present, &problems))
        }
        guard problems.findings.isEmpty else { throw .invalid(problems.findings) }
        return signed
    }

    private func sign(
        _ package: PackageDraft, _ path: [String], _ present: Set<ContentHash>,
        _ problems: inout DraftProblems
    ) -> FleetPackage {
        for (key, text) in [("name", package.name), ("version", package.version)] {
            let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            guard text.utf8.count <= Self.longestName, isPlain else {
                problems.add(
                    path + [key], "has more than \(Self.longestName) bytes, or a control character")
                continue
            }
        }
        if package.version.isEmpty { problems.add(path + ["version"], "is empty") }
        if package.artefacts.isEmpty { problems.add(path + ["artefacts"], "there is no file for anybody") }
        if package.artefacts.count > FleetPackage.mostArtefacts {
            problems.add(path + ["artefacts"], "has more than \(FleetPackage.mostArtefacts) files")
        }
        var artefacts: [PackageArtefact] = []
        for (index, draft) in package.artefacts.prefix(FleetPackage.mostArtefacts).enumerated() {
            let place = path + ["artefacts", "\(index)"]
            if let problem = problem(with: draft, present) {
                problems.add(place + [problem.key], problem.text)
            }
            let statement = PackageStatement(
                name: package.name, type: package.kind.word, version: package.version, hash: draft.hash)
            do throws(PackageUnsigned) {
                let signature = try trust.signature(draft.signature, of: statement)
                artefacts.append(
                    PackageArtefact(
                        match: draft.match, url: draft.url, hash: draft.hash, signature: signature.bytes,
                        key: signature.key.id))
            } catch {
                problems.add(place + ["signature"], error.reason)
            }
        }
        return FleetPackage(
            name: package.name, kind: package.kind, version: package.version, artefacts: artefacts)
    }

    private func problem(
        with artefact: PackageDraft.Artefact, _ present: Set<ContentHash>
    ) -> (key: String, text: String)? {
        guard let url = artefact.url else {
            guard present.contains(artefact.hash) else {
                return ("sha256", "is no file that this manager has: upload it first, or name a url")
            }
            return downloadURL == nil
                ? ("url", "is missing: packages.download_url does not say where agents reach this manager")
                : nil
        }
        guard url.utf8.count <= 2048, let endpoint = WebhookAddress.endpoint(url) else {
            return ("url", "must be a URL such as https://downloads.example/agent.tar.gz, without a user")
        }
        guard endpoint.scheme == .https || endpoint.target.isLocal else {
            return ("url", "must begin with https://, except on this machine")
        }
        return nil
    }
}

extension FleetPackage {
    fileprivate var withoutSignatures: FleetPackage {
        FleetPackage(
            name: name, kind: kind, version: version,
            artefacts: artefacts.map {
                PackageArtefact(match: $0.match, url: $0.url, hash: $0.hash, signature: [], key: $0.key)
            })
    }
}

/// What is wrong with a draft.
private struct DraftProblems {
    private(set) var findings: [ConfigurationFinding] = []

    mutating func add(_ path: [String], _ text: String) {
        findings.append(ConfigurationFinding(rule: "structure", Diagnostic(path: path, text)))
    }
}
