internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// Packages as documents.
enum PackageTrees {
    static func tree(of summary: PackageSetSummary) -> Tree {
        .table([
            "name": .text(summary.name), "latest": .number(summary.latest),
            "reference": .text("\(PackageSet.prefix)\(summary.name)@\(summary.latest)"),
            "packages": Trees.texts(summary.packages), "author": .text(summary.author),
            "updated": Trees.time(summary.updated),
        ])
    }

    static func tree(of set: PackageSet) -> Tree {
        var entries: [Tree.Entry] = [
            .init("name", .text(set.name)), .init("number", .number(set.number)),
            .init("reference", .text("\(set.reference)")),
        ]
        entries.add("message", set.message)
        entries += [
            .init("author", .text(set.author)), .init("created", Trees.time(set.created)),
            .init("packages", .list(set.packages.map(tree))),
        ]
        return Tree(.table(entries))
    }

    static func tree(of package: FleetPackage) -> Tree {
        .table([
            "name": .text(package.name), "type": .text(package.kind.word), "version": .text(package.version),
            "artefacts": .list(package.artefacts.map(tree)),
        ])
    }

    private static func tree(of artefact: PackageArtefact) -> Tree {
        var entries: [Tree.Entry] = [.init("match", .text(artefact.match.description))]
        entries.add("url", artefact.url)
        entries += [
            .init("hosted", .bool(artefact.url == nil)), .init("sha256", .text(artefact.hash.description)),
            .init("signature", .text(Base64.encode(artefact.signature))), .init("key", .text(artefact.key)),
        ]
        return Tree(.table(entries))
    }

    static func tree(of file: PackageFiles.File) -> Tree {
        .table([
            "sha256": .text(file.hash.description), "size": .number(file.size),
            "received": .number(file.size), "time": Trees.time(file.time),
        ])
    }

    static func tree(of key: PackageKey, isOwn: Bool) -> Tree {
        .table([
            "id": .text(key.id), "public_key": .text(key.base64), "pem": .text(key.pem),
            "own": .bool(isOwn),
        ])
    }

    // MARK: - Of agents

    static func tree(of packages: AgentPackagesRecord) -> Tree {
        var entries: [Tree.Entry] = [.init("state", .text(packages.state.rawValue))]
        if let assignment = packages.assignment {
            entries.append(.init("set", .text("\(assignment.revision)")))
            entries.append(.init("rollout", .text(assignment.rollout)))
            entries.append(.init("hash", .text(assignment.hash.description)))
            entries.append(.init("assigned", Trees.time(assignment.time)))
        }
        let statuses = packages.statuses
        entries.add("reported_hash", Hash.hexadecimal(statuses.serverProvidedAllPackagesHash))
        entries.add("error", statuses.errorMessage)
        entries.append(
            .init(
                "statuses",
                .list(statuses.packages.sorted { $0.key < $1.key }.map { tree(of: $0.value, name: $0.key) })))
        entries.append(
            .init(
                "history",
                .list(
                    packages.history.reversed().map { report in
                        var entries: [Tree.Entry] = [
                            .init("time", Trees.time(report.time)),
                            .init("outcome", .text(report.outcome.rawValue)),
                            .init("hash", .text(Hash.hexadecimal(report.hash))),
                        ]
                        entries.add("message", report.message)
                        return Tree(.table(entries))
                    })))
        return Tree(.table(entries))
    }

    private static func tree(of status: PackageStatus, name: String) -> Tree {
        var entries: [Tree.Entry] = [
            .init("name", .text(name)), .init("status", .text(word(status.status))),
        ]
        entries.add("has_version", status.agentHasVersion)
        entries.add("has_hash", Hash.hexadecimal(status.agentHasHash))
        entries.add("offered_version", status.serverOfferedVersion)
        entries.add("offered_hash", Hash.hexadecimal(status.serverOfferedHash))
        entries.add("error", status.errorMessage)
        if let details = status.downloadDetails {
            entries.append(.init("download_percent", .number(finite(details.percent))))
            entries.append(.init("download_bytes_per_second", .number(finite(details.bytesPerSecond))))
        }
        return Tree(.table(entries))
    }

    /// A number that JSON has.
    private static func finite(_ number: Double) -> Double { number.isFinite ? number : 0 }

    private static func word(_ status: PackageStatus.Status) -> String {
        switch status {
        case .installed: "installed"
        case .installPending: "install_pending"
        case .installing: "installing"
        case .installFailed: "install_failed"
        case .downloading: "downloading"
        case .unknown: "unknown"
        }
    }
}
