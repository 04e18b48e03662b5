public import FleetModel
public import Settings

/// A document as the store has it.
public struct StoredDocument: Sendable, Equatable {
    public let kind: DocumentKind
    /// Unique within its kind; at most `StoreLimits.idBytes`.
    public let id: String
    /// Grows with each write and is never used twice, not even by a document that was deleted and made anew.
    public let version: Int64
    public let body: Tree
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let updated: UInt64
}

/// One change of one document.
public struct DocumentWrite: Sendable {
    /// What has to be there already.
    public enum Expectation: Sendable, Hashable {
        /// Nothing of this name.
        case absent
        /// Just this version.
        case version(Int64)
        /// Whatever there is.
        case any
    }

    public let kind: DocumentKind
    public let id: String
    public let expecting: Expectation
    /// `nil` deletes.
    let body: Tree?
    let uses: [ContentHash]

    /// Makes a document or replaces it.
    ///
    /// - Parameters:
    ///   - kind: What it is about.
    ///   - id: Its name, at most `StoreLimits.idBytes`.
    ///   - body: At most `StoreLimits.documentBytes` as JSON.
    ///   - expecting: What has to be there; `StoreError.conflict` otherwise.
    ///   - uses: Contents that stay for as long as this document names them.
    /// - Returns: What `FleetStore.write` takes.
    public static func put(
        _ kind: DocumentKind, _ id: String, _ body: Tree, expecting: Expectation, uses: [ContentHash] = []
    ) -> DocumentWrite {
        DocumentWrite(kind: kind, id: id, expecting: expecting, body: body, uses: uses)
    }

    /// Deletes a document; one that is not there is only a conflict when a version is expected.
    public static func delete(_ kind: DocumentKind, _ id: String, expecting: Expectation) -> DocumentWrite {
        DocumentWrite(kind: kind, id: id, expecting: expecting, body: nil, uses: [])
    }
}
