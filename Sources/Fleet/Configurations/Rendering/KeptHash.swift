internal import FleetModel
internal import FleetStore
internal import Pipeline

/// The hash of a content that was put into the store so that it can be assigned.
///
/// What nobody has been assigned is dropped after `FleetStore.contentPatience`: so what is older than half of
/// that is put again before the hash is given to anybody.
struct KeptHash: Sendable {
    private static let life = FleetStore.contentPatience / 2

    let hash: ContentHash
    /// When the content was put.
    let time: Instant

    func isFresh(at now: Instant) -> Bool { now - time < Self.life }
}
