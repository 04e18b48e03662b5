/// What moving records among resources came to.
public struct Regrouping: Sendable, Equatable {
    /// Items whose attributes went to a resource.
    public var moved = 0
    /// Items that had none of the attributes.
    public var left = 0
    /// Items that kept attributes which were to move, because groups had repeated too much already.
    public var stayed = 0
    /// Resources that there are now.
    public var groups = 0

    /// Bytes that groups may repeat of any batch, however small: 1 MiB.
    public static let spareRoom = 1 << 20
}

extension Batch {
    /// Moves the attributes `keys` of each record to its resource, and puts records whose resources are then
    /// alike together under one.
    ///
    /// Without keys it puts together what has the same resource and scope. Resources are alike when they
    /// have the same attributes and schema URL, scopes when they have the same name, version, attributes and
    /// schema URL, metrics when they have the same name, unit and kind of data. Everything keeps the order
    /// in which it first occurs. A batch in which nothing moves and nothing can be put together stays the
    /// very same bytes.
    ///
    /// A group repeats the resource, the scopes and the metrics of its items. All groups together may repeat
    /// four times the bytes of the batch and `Regrouping.spareRoom`; the items after that stay as they are,
    /// under their own resource.
    ///
    /// Items of several claimants are not mixed: each chunk is regrouped for itself then. Profiles are left
    /// alone.
    @discardableResult
    public mutating func regroup(by keys: [AttributeKey]) -> Regrouping {
        regroup(by: keys, spare: Regrouping.spareRoom)
    }

    private mutating func regroup(by keys: [AttributeKey], spare: Int) -> Regrouping {
        guard Hierarchy(signal) != nil, itemCount > 0 else { return Regrouping() }
        if claims.count > 1, chunks.count > 1 { return regroupEachChunk(by: keys) }
        let regrouper = Regrouper(signal, keys, room: 4 * byteCount + spare)
        for chunk in chunks { regrouper.add(chunk) }
        guard regrouper.isChanged else { return regrouper.result }
        let chunk = Chunk(bytes: regrouper.finish(), itemCount: itemCount)
        self = Batch(signal: signal, trusted: [chunk], origin: origin, claims: claims)
        shareClaims()
        return regrouper.result
    }

    private mutating func regroupEachChunk(by keys: [AttributeKey]) -> Regrouping {
        var total = Regrouping()
        var parts: [Chunk] = []
        for chunk in chunks {
            var part = Batch(signal: signal, trusted: [chunk])
            let result = part.regroup(by: keys, spare: Regrouping.spareRoom / chunks.count)
            total.moved += result.moved
            total.left += result.left
            total.stayed += result.stayed
            total.groups += result.groups
            parts += part.chunks
        }
        self = Batch(signal: signal, trusted: parts, origin: origin, claims: claims)
        return total
    }
}
