internal import Wire

extension Batch {
    /// Gives each record a resource and a scope of its own, which can then be changed for it alone; `regroup`
    /// puts together again what is still alike.
    ///
    /// The copies take up to four times the bytes of the batch and `Regrouping.spareRoom`. Records for which
    /// there is no more room stay together with the others of their scope; the result is how many. Metrics
    /// and profiles are left alone.
    @discardableResult
    public mutating func flatten() -> Int {
        guard signal == .traces || signal == .logs else { return 0 }
        var room = 4 * byteCount + Regrouping.spareRoom
        var left = 0
        var flat: [Chunk] = []
        for chunk in chunks {
            var flattener = Flattener(room: room)
            let bytes = flattener.flatten(chunk.bytes)
            room = flattener.room
            left += flattener.left
            flat.append(Chunk(bytes: bytes, itemCount: chunk.itemCount))
        }
        self = Batch(signal: signal, trusted: flat, origin: origin, claims: claims)
        return left
    }
}

/// Writes a request with a group of its own for each record.
private struct Flattener: ~Copyable {
    /// Bytes that copies of resources and scopes may still take.
    private(set) var room: Int
    /// Records that had to stay together.
    private(set) var left = 0
    private var writer = Writer(capacity: 4096)

    init(room: Int) { self.room = room }

    mutating func flatten(_ request: Bytes) -> Bytes {
        let message = WireMessage(request)
        for field in message.fields {
            if field.number == 1 {
                addResource(WireMessage(request[field.value]))
            } else {
                writer.write(raw: request[field.start..<field.value.upperBound])
            }
        }
        return writer.takeBytes()
    }

    private mutating func addResource(_ group: WireMessage) {
        let header = group.fields(where: { $0 != 2 })
        var isEmpty = true
        for field in group.fields where field.number == 2 {
            isEmpty = false
            addScope(WireMessage(group.bytes[field.value]), header)
        }
        if isEmpty { writer.write(bytes: group.bytes, 1) }
    }

    private mutating func addScope(_ group: WireMessage, _ resource: Bytes) {
        let header = group.fields(where: { $0 != 2 })
        let cost = resource.count + header.count
        var isFirst = true
        var together: [Bytes] = []
        for field in group.fields where field.number == 2 {
            let record = group.bytes[field.start..<field.value.upperBound]
            if isFirst || cost <= room {
                if !isFirst { room -= cost }
                write([record], header, resource)
            } else {
                together.append(record)
            }
            isFirst = false
        }
        left += together.count
        if isFirst || !together.isEmpty { write(together, header, resource) }
    }

    private mutating func write(_ records: [Bytes], _ scope: Bytes, _ resource: Bytes) {
        let outer = writer.begin(1, expecting: 256)
        writer.write(raw: resource)
        let inner = writer.begin(2, expecting: 256)
        writer.write(raw: scope)
        for record in records { writer.write(raw: record) }
        writer.end(inner)
        writer.end(outer)
    }
}

extension WireMessage {
    /// Those fields, whole, whose numbers `isWanted` says.
    fileprivate func fields(where isWanted: (Int) -> Bool) -> Bytes {
        var writer = Writer(capacity: 64)
        writer.write(fieldsOf: bytes, where: isWanted)
        return writer.finish()
    }
}
