public import FleetModel
public import Settings

/// Revisions that failed, by the build of the agents they failed on: they are not offered there again unless
/// somebody asks for it.
///
/// At most `limit`; the oldest are forgotten.
public struct BadRevisions: Sendable, Hashable {
    public static let limit = 2000

    /// One of them.
    public struct Entry: Sendable, Hashable {
        public let revision: RevisionReference
        /// Such as `apus 0.1.0`.
        public let build: String
        public let rollout: String
        public let reason: String
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        public let time: UInt64

        public init(
            revision: RevisionReference, build: String, rollout: String, reason: String, time: UInt64
        ) {
            self.revision = revision
            self.build = build
            self.rollout = rollout
            self.reason = String(reason.prefix(500))
            self.time = time
        }
    }

    /// The oldest first.
    public private(set) var entries: [Entry] = []

    public init() {}

    /// Adds one, in the place of an earlier one of the same revision and build.
    public mutating func add(_ entry: Entry) {
        entries.removeAll { $0.revision == entry.revision && $0.build == entry.build }
        entries.append(entry)
        if entries.count > Self.limit { entries.removeFirst(entries.count - Self.limit) }
    }

    /// Why a revision is not offered to agents of a build; `nil` when it may be.
    public func entry(_ revision: RevisionReference, on build: String) -> Entry? {
        entries.last { $0.revision == revision && $0.build == build }
    }

    /// The builds that a revision is not offered to.
    public func builds(of revision: RevisionReference) -> Set<String> {
        Set(entries.lazy.filter { $0.revision == revision }.map(\.build))
    }

    /// Forgets what is known against a revision.
    public mutating func forget(_ revision: RevisionReference) {
        entries.removeAll { $0.revision == revision }
    }

    /// As it is kept.
    public var tree: Tree {
        .list(
            entries.map { entry in
                .table([
                    "revision": .text("\(entry.revision)"), "build": .text(entry.build),
                    "rollout": .text(entry.rollout), "reason": .text(entry.reason),
                    "time": .number(entry.time),
                ])
            })
    }

    /// Reads what `tree` gives; entries that cannot be read are left out.
    public init(_ tree: Tree) {
        entries = (tree.list ?? []).suffix(Self.limit).compactMap { entry in
            guard let revision = entry["revision"]?.text.flatMap({ RevisionReference(parsing: $0) }),
                let build = entry["build"]?.text
            else { return nil }
            return Entry(
                revision: revision, build: build, rollout: entry["rollout"]?.text ?? "",
                reason: entry["reason"]?.text ?? "",
                time: entry["time"]?.text.flatMap { UInt64($0) } ?? 0)
        }
    }
}
