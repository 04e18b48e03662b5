internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import Settings

/// `/v1/configs/{name}/revisions`: what a configuration has been.
enum RevisionRoutes {
    private static let many = "/v1/configs/{name}/revisions"

    static let all: [FleetRoute] = [
        FleetRoute("listRevisions", "GET", many, .look, list),
        FleetRoute(
            "addRevision", "POST", many, .editConfigurations, body: .document(isOptional: false), add),
        FleetRoute("getRevision", "GET", many + "/{number}", .look, show),
        FleetRoute("diffRevisions", "GET", "/v1/configs/{name}/diff", .look, diff),
    ]

    /// The newest first: numbers have no gaps, so the page before a number is the one after a smaller.
    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let (size, before) = try Page.wantedNumbers(call.query)
        let name = call.parameter("name")
        do throws(LibraryError) {
            let latest = try await call.context.library.configuration(name).latest
            let end = before.map { min($0 - 1, latest) } ?? latest
            let start = max(end - size, 0)
            guard end > start else { return .tree(Page.table("revisions", [], last: nil)) }
            let found = try await call.context.library.revisions(of: name, after: start, limit: end - start)
            let last = start > 0 ? "\(start + 1)" : nil
            return .tree(Page.table("revisions", found.reversed().map(RevisionTrees.tree), last: last))
        } catch {
            throw APIProblem(error)
        }
    }

    static func add(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let input = try call.settings(RevisionInput.self)
        let name = call.parameter("name")
        let draft = try input.draft.required()
        let library = call.context.library
        if try call.isDryRun {
            let findings = library.check(draft)
            guard !findings.hasErrors else { throw APIProblem(LibraryError.invalid(findings)) }
            return .tree(RevisionTrees.tree(of: draft, findings, name: name))
        }
        do throws(LibraryError) {
            let added = try await library.add(
                draft, to: name, message: input.message, by: call.caller.user,
                expectingLatest: input.latest)
            if !input.description.isEmpty { try await library.setDescription(input.description, of: name) }
            var reply = APIReply.tree(
                RevisionTrees.tree(of: added.revision, added.findings),
                version: added.revision.hash.description)
            reply.status = added.isNew ? 201 : 200
            reply.detail = "\(added.revision.reference)"
            if added.isNew { call.note(.configurationChanged, name, "has made \(added.revision.reference)") }
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let revision = try await call.revision(call.parameter("number"))
        return .tree(RevisionTrees.tree(of: revision), version: revision.hash.description)
    }

    static func diff(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let name = call.parameter("name")
        let numbers = 1...Int(Int32.max)
        let (older, newer) = (
            try call.query.number("from", in: numbers), try call.query.number("to", in: numbers)
        )
        do throws(LibraryError) {
            let latest = try await call.context.library.configuration(name).latest
            let to = newer ?? latest
            let from = older ?? max(to - 1, 1)
            let found = try await call.context.library.difference(
                RevisionReference(name, from), RevisionReference(name, to))
            return .tree(RevisionTrees.tree(of: found))
        } catch {
            throw APIProblem(error)
        }
    }
}

extension FleetCall {
    /// The revision of the configuration in the path that a number, or `latest`, names.
    func revision(_ number: String) async throws(APIProblem) -> ConfigurationRevision {
        let name = parameter("name")
        do throws(LibraryError) {
            if number == "latest" { return try await context.library.latest(of: name) }
            guard let number = Int(number), number > 0 else {
                throw .notFound("revision \(name)@\(number.prefix(20))")
            }
            return try await context.library.revision(RevisionReference(name, number))
        } catch {
            throw APIProblem(error)
        }
    }
}
