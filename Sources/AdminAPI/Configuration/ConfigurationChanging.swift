internal import Control
internal import HTTPAPI
internal import Pipeline
internal import Settings

/// What all changes of the configuration have in common: preconditions, looking without changing, the answer.
extension AdminCall {
    /// How long a change may wait to be confirmed.
    static let longestConfirmation = Duration.seconds(24 * 3600)

    /// The most characters that the reason of a change may have.
    static let longestReason = 1000

    /// The active configuration as it was written, with its revision.
    func activeConfiguration() async throws(APIProblem) -> (revision: RevisionID, tree: Tree) {
        let active = await context.control.state().active.id
        return (active, try await document(of: active, .raw))
    }

    func document(of revision: RevisionID, _ view: ConfigurationView) async throws(APIProblem) -> Tree {
        do throws(ChangeFailure) {
            return try await context.control.document(of: revision, view)
        } catch {
            throw APIProblem(error, isConditional: false)
        }
    }

    /// Checks `If-Match` and `If-None-Match` against the version of the resource; `nil` when it is not there.
    ///
    /// What is wrong with the query is said first.
    func checkChange(version: String?) throws(APIProblem) {
        _ = try changeOptions()
        try checkPreconditions(version: version)
    }

    /// Makes a change, or with `dry_run` says what it would do.
    func apply(
        _ change: ConfigurationChange, expecting revision: RevisionID?, options: ChangeOptions? = nil,
        created: Bool = false
    ) async throws(APIProblem) -> APIReply {
        if try isDryRun { return try await plan(change) }
        var options = options
        if options == nil { options = try changeOptions() }
        options?.expected = revision
        do throws(ChangeFailure) {
            let applied = try await context.control.apply(
                change, options ?? ChangeOptions(), by: origin)
            var reply = APIReply.tree(
                ConfigurationTrees.tree(of: applied), version: applied.revision.id.description)
            reply.status = created ? 201 : 200
            reply.detail = "revision \(applied.revision.id)"
            return reply
        } catch {
            throw APIProblem(error, isConditional: ifMatch != nil)
        }
    }

    /// Says what a change would do.
    func plan(_ change: ConfigurationChange) async throws(APIProblem) -> APIReply {
        do throws(ChangeFailure) {
            let plan = try await context.control.plan(change, by: origin)
            var reply = APIReply.tree(ConfigurationTrees.tree(of: plan))
            reply.detail = "plan only"
            return reply
        } catch {
            throw APIProblem(error, isConditional: ifMatch != nil)
        }
    }

    /// `confirm_within`, `reason` and `expect_drop` of the query.
    func changeOptions() throws(APIProblem) -> ChangeOptions {
        let reason = query["reason"]
        guard reason?.unicodeScalars.count ?? 0 <= Self.longestReason else {
            throw .badRequest("reason has at most \(Self.longestReason) characters")
        }
        var options = ChangeOptions(
            confirmWithin: try query.duration("confirm_within", upTo: Self.longestConfirmation),
            reason: reason)
        options.expectsDrop = try query.flag("expect_drop")
        return options
    }
}
