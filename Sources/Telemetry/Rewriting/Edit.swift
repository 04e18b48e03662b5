internal import Wire

/// A change to telemetry: what a processor hands to `Batch.rewrite`.
///
/// The rewriter walks once over a batch and shows every place that the edit asks for, outermost first: the
/// resource, then its scopes, and for each of them the metrics, records, events and links. `edit` may read
/// the draft, change its attributes and fields, or drop it with everything inside. What no edit touches is
/// copied as a block, unknown fields included, and a batch that no edit touches stays the very same bytes.
///
/// ```swift
/// struct Stamp: Edit {
///     let places: Places = [.resource]
///     func edit(_ draft: Draft) { draft.set("deployment.environment.name", "test") }
/// }
/// ```
///
/// Several edits share one pass in an `EditList`. A draft is only valid while `edit` runs.
public protocol Edit {
    /// Where `edit` wants to be called; what is not asked for costs almost nothing.
    var places: Places { get }
    /// Whether it changes what is around the draft it is shown, such as the resource of a span.
    ///
    /// Then headers are written after what they stand above, which is valid OTLP and costs another copy of
    /// each group whose header was changed. Otherwise what is around a draft is read-only.
    var changesParents: Bool { get }
    /// Looks at one place and changes it or not; `draft.kind` says what it is.
    mutating func edit(_ draft: Draft)
}

extension Edit {
    public var changesParents: Bool { false }
}

/// Kinds of places in telemetry that an edit can look at.
public struct Places: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let resource = Places(rawValue: 1)
    public static let scope = Places(rawValue: 2)
    /// A metric as a whole, before its data points.
    public static let metric = Places(rawValue: 4)
    /// An item: a span, a log record, a data point.
    public static let record = Places(rawValue: 8)
    /// An event of a span.
    public static let event = Places(rawValue: 16)
    /// A link of a span.
    public static let link = Places(rawValue: 32)

    static let insideScopes: Places = [.metric, .record, .event, .link]
    static let insideResources: Places = [.scope, .metric, .record, .event, .link]
}

/// Several edits in one pass: each sees what those before it changed, and none sees what one dropped.
public struct EditList: Edit {
    public var edits: [any Edit]

    public init(_ edits: [any Edit]) { self.edits = edits }

    public var places: Places { edits.reduce(into: []) { $0.formUnion($1.places) } }

    public var changesParents: Bool { edits.contains { $0.changesParents } }

    public mutating func edit(_ draft: Draft) {
        let place = draft.kind.place
        for index in edits.indices where !draft.isDropped && edits[index].places.contains(place) {
            edits[index].edit(draft)
        }
    }
}

extension Batch {
    /// Lets `edit` change the batch; returns whether it changed anything.
    ///
    /// Scopes, resources and metrics that lose everything they had go too. Profiles are left alone.
    @discardableResult
    public mutating func rewrite(with edit: inout some Edit) -> Bool {
        rewrite(edit.places, changesParents: edit.changesParents) { edit.edit($0) }
    }

    /// Lets a closure change the batch; returns whether it changed anything.
    ///
    /// `changesParents` is described at `Edit`. `holding` is how many bytes may be written to one message;
    /// `Draft.growth` says when that was not enough.
    @discardableResult
    public mutating func rewrite(
        _ places: Places, changesParents: Bool = false, holding limit: Int = heldLimit,
        _ edit: (Draft) -> Void
    ) -> Bool {
        guard let hierarchy = Hierarchy(signal), !places.isEmpty else { return false }
        let drafts = DraftSet(signal, additionLimit: limit)
        drafts.room.additions = additionRoom
        let plan = Rewriter.Plan(places: places, changesParents: changesParents)
        var changed = false
        // Not what the batch has grown by as a whole: items that one chunk gains do not make up for those
        // that another one loses, since each chunk has its own senders.
        var growth = 0
        var result: [Chunk] = []
        for chunk in chunks {
            if let new = Rewriter.rewrite(chunk, hierarchy, plan, drafts, edit) {
                changed = true
                growth += max(new.itemCount - chunk.itemCount, 0)
                if !new.bytes.isEmpty { result.append(new) }
            } else if changed || chunks.count > 1 {
                result.append(chunk)
            }
        }
        guard changed else { return false }
        self = Batch(signal: signal, trusted: result, origin: origin, claims: claims)
        if growth > 0 { widenClaims(by: growth) }
        return true
    }
}
