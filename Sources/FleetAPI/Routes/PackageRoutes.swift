internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import Settings

/// `/v1/package-sets`: the packages that agents may be given, in versions that never change.
enum PackageRoutes {
    private static let one = "/v1/package-sets/{name}"
    private static let many = one + "/versions"

    static let all: [FleetRoute] = [
        FleetRoute("listPackageSets", "GET", "/v1/package-sets", .look, list),
        FleetRoute("getPackageSet", "GET", one, .look, show),
        FleetRoute("deletePackageSet", "DELETE", one, .editConfigurations, delete),
        FleetRoute("listPackageVersions", "GET", many, .look, versions),
        FleetRoute(
            "addPackageVersion", "POST", many, .editConfigurations, body: .document(isOptional: false), add),
        FleetRoute("getPackageVersion", "GET", many + "/{number}", .look, version),
        FleetRoute("getPackageKeys", "GET", "/v1/package-keys", .look, keys),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (size, after) = try Page.wanted(call.query)
        do throws(LibraryError) {
            let found = try await call.context.packages.sets(after: after, limit: size + 1)
            let page = found.prefix(size)
            let last = found.count > size ? page.last?.name : nil
            return .tree(Page.table("sets", page.map(PackageTrees.tree), last: last))
        } catch {
            throw APIProblem(error)
        }
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        reply(try await summary(call))
    }

    static func delete(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let summary = try await summary(call)
        try call.checkPreconditions(version: "\(summary.version)")
        guard try !call.isDryRun else { return reply(summary) }
        do throws(LibraryError) {
            try await call.context.packages.delete(summary.name, version: summary.version)
        } catch {
            throw APIProblem(error)
        }
        call.note(.packagesChanged, summary.name, "has deleted the set of packages")
        return reply(summary)
    }

    /// The newest first: numbers have no gaps, so the page before a number is the one after a smaller.
    static func versions(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (size, before) = try Page.wantedNumbers(call.query)
        let latest = try await summary(call).latest
        let end = before.map { min($0 - 1, latest) } ?? latest
        let start = max(end - size, 0)
        guard end > start else { return .tree(Page.table("versions", [], last: nil)) }
        do throws(LibraryError) {
            let found = try await call.context.packages.versions(
                of: call.parameter("name"), after: start, limit: end - start)
            // A set that was deleted and made anew goes on with its numbers.
            let page = found.filter { $0.number <= end }.reversed().map { PackageTrees.tree(of: $0) }
            let hasMore = start > 0 && found.first?.number == start + 1
            return .tree(Page.table("versions", page, last: hasMore ? "\(start + 1)" : nil))
        } catch {
            throw APIProblem(error)
        }
    }

    static func add(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let input = try call.settings(PackageVersionInput.self)
        let (name, isDryRun) = (call.parameter("name"), try call.isDryRun)
        let packages = call.context.packages
        do throws(LibraryError) {
            if isDryRun {
                let checked = try await packages.check(input.drafts, name: name)
                return .tree(
                    .table([
                        "name": .text(name), "number": .number(0),
                        "packages": .list(checked.map(PackageTrees.tree)),
                    ]))
            }
            let added = try await packages.add(
                input.drafts, to: name, message: input.message, by: call.caller.user,
                expectingLatest: input.latest)
            var reply = reply(added.set)
            reply.status = added.isNew ? 201 : 200
            if added.isNew { call.note(.packagesChanged, name, "has made \(added.set.reference)") }
            return reply
        } catch {
            guard case .invalid(let findings) = error else { throw APIProblem(error) }
            throw .invalid("the packages have errors; nothing has changed", errors: findings.diagnostics)
        }
    }

    static func version(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let text = call.parameter("number")
        let latest = text == "latest" ? try await summary(call).latest : nil
        guard let number = latest ?? Int(text), number > 0 else {
            throw .notFound("there is no version \(text.prefix(20))")
        }
        do throws(LibraryError) {
            return reply(try await call.context.packages.set(call.parameter("name"), number))
        } catch {
            throw APIProblem(error)
        }
    }

    static func keys(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let trust = call.context.packages.trust
        var entries: [Tree.Entry] = [
            .init("algorithm", .text("ed25519")), .init("statement", .text(PackageStatement.format)),
            .init("signs", .bool(trust.own != nil)),
            .init("keys", .list(trust.keys.map { PackageTrees.tree(of: $0, isOwn: $0 == trust.own) })),
        ]
        entries.add("download_url", call.context.packages.downloadURL)
        return .tree(Tree(.table(entries)))
    }

    private static func summary(_ call: FleetCall) async throws(APIProblem) -> PackageSetSummary {
        do throws(LibraryError) {
            return try await call.context.packages.summary(call.parameter("name"))
        } catch {
            throw APIProblem(error)
        }
    }

    private static func reply(_ summary: PackageSetSummary) -> APIReply {
        var reply = APIReply.tree(PackageTrees.tree(of: summary), version: "\(summary.version)")
        reply.detail = "set of packages \(summary.name)"
        return reply
    }

    private static func reply(_ set: PackageSet) -> APIReply {
        var reply = APIReply.tree(PackageTrees.tree(of: set), version: "\(set.number)")
        reply.detail = "\(set.reference)"
        return reply
    }
}
