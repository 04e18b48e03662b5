internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// `/v1/variants`: which configurations are really running.
enum VariantRoutes {
    private static let one = "/v1/variants/{hash}"
    /// The most variants that are told apart; a fleet with more has no common configuration.
    private static let limit = 10_000

    static let all: [FleetRoute] = [
        FleetRoute("listVariants", "GET", "/v1/variants", .look, list),
        FleetRoute("getVariant", "GET", one, .look, show),
        FleetRoute("diffVariants", "GET", one + "/diff", .look, diff),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let variants = call.context.agents.variants(try call.selectors(), limit: limit)
        let items = variants.map { variant in
            (
                Page.key(UInt64(max(variant.agents, 0)), descending: true) + variant.hash.description,
                Tree(.table(entries(of: variant)))
            )
        }
        return .tree(try Page.of("variants", items, call.query))
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let hash = try hash(call.parameter("hash"))
        guard let variant = call.context.agents.variants([], limit: limit).first(where: { $0.hash == hash })
        else {
            throw .notFound("no agent runs \(hash.short)")
        }
        let files = Trees.files(try await call.effectiveFiles(hash))
        return .tree(Tree(.table(entries(of: variant) + [.init("files", files)])))
    }

    static func diff(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let from = try hash(call.parameter("hash"))
        guard let text = call.query["to"], let to = ContentHash(text) else {
            throw .badRequest("to must be the hash of a variant, 64 hexadecimal digits")
        }
        let difference = RevisionDifference(
            RevisionDraft(files: try await call.effectiveFiles(from)),
            RevisionDraft(files: try await call.effectiveFiles(to)), names: (from.short, to.short))
        return .tree(RevisionTrees.tree(of: difference))
    }

    private static func hash(_ text: String) throws(APIProblem) -> ContentHash {
        guard let hash = ContentHash(text) else {
            throw .notFound("'\(text.prefix(64))' is not the hash of a variant, 64 hexadecimal digits")
        }
        return hash
    }

    private static func entries(of variant: EffectiveVariant) -> [Tree.Entry] {
        [
            .init("hash", .text(variant.hash.description)), .init("agents", .number(variant.agents)),
            .init("revisions", Trees.texts(variant.revisions.map { $0.description })),
            .init("examples", Trees.texts(variant.examples.map { $0.description })),
        ]
    }
}
