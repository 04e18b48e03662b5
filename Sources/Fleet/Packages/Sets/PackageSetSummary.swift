internal import FleetModel
internal import FleetStore
internal import Settings

/// A set of packages in short.
public struct PackageSetSummary: Sendable, Hashable {
    public let name: String
    /// The number of its newest version.
    public let latest: Int
    /// The packages of the newest version with their versions, such as `otelcol 1.2.3`.
    public let packages: [String]
    /// Whose token made the newest version.
    public let author: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let updated: UInt64
    /// For `ETag`; grows with each version of the set.
    public let version: Int64

    /// The name of the document.
    static func id(_ name: String) -> String { "h/\(name)" }

    init?(_ document: StoredDocument) {
        let fields = DocumentFields(document.body)
        guard let name = fields.text("name"), let latest = fields.whole("latest") else { return nil }
        self.name = name
        self.latest = Int(clamping: latest)
        packages = fields.texts("packages")
        author = fields.text("author") ?? ""
        updated = document.updated
        version = document.version
    }

    /// What is kept of a set whose newest version this is.
    static func body(_ set: PackageSet) -> Tree {
        .table([
            "name": .text(set.name), "latest": .number(set.number), "author": .text(set.author),
            "packages": .list(
                set.packages.map { package in
                    .text(package.name.isEmpty ? package.version : "\(package.name) \(package.version)")
                }),
        ])
    }
}
