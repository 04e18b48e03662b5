internal import Wire

/// Collects the records of a batch under the resources that they move to.
final class Regrouper {
    private let keys: [AttributeKey]
    private let isMetrics: Bool
    private let resource: Draft
    private let record: Draft
    private let point: Draft
    private var groups: [ResourceOutput] = []
    private var groupsByIdentity: [[UInt8]: Int] = [:]
    /// Where the records of the present resource go, by the attributes that they take along.
    private var targets: [[UInt8]: Int] = [:]
    /// The present resource and scope in the source.
    private var resourceHeader = 0..<0
    private var resourceSchema = Bytes.empty
    private var scope = ScopeOutput.Header()
    private var source = Bytes.empty
    private var resourceNumber = 0
    private var scopeNumber = 0
    /// Bytes that resources, scopes and metrics may still take that are written once more for a group.
    private var room: Int
    private(set) var result = Regrouping()
    /// Whether anything moved, or was put together with something else.
    private(set) var isChanged = false

    /// Groups may repeat `room` bytes of resources, scopes and metrics.
    init(_ signal: Signal, _ keys: [AttributeKey], room: Int) {
        self.keys = keys
        self.room = room
        isMetrics = signal == .metrics
        resource = Draft(.resource, parent: nil)
        record = Draft(signal == .metrics ? .metric : signal == .logs ? .logRecord : .span, parent: nil)
        point = Draft(.numberPoint, parent: nil)
    }

    /// Takes in the records of a chunk.
    func add(_ chunk: Batch.Chunk) {
        source = chunk.bytes
        source.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return }
            for draft in [resource, record, point] { draft.turn(to: source, at: base) }
            var fields = FieldWalker(base, 0, memory.count)
            while fields.next() {
                if fields.isLengthDelimited, fields.number == 1 { addResource(base, fields.value) }
            }
            for draft in [resource, record, point] { draft.turn(to: .empty, at: nil) }
        }
    }

    /// The regrouped request.
    func finish() -> Bytes {
        var writer = Writer(capacity: 4096)
        for group in groups { group.write(to: &writer) }
        return writer.finish()
    }

    private func addResource(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) {
        (resourceHeader, resourceSchema) = header(base, range)
        resourceNumber += 1
        targets = [:]
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            if fields.isLengthDelimited, fields.number == 2 { addScope(base, fields.value) }
        }
    }

    private func addScope(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) {
        let (header, schema) = header(base, range)
        scopeNumber += 1
        scope = ScopeOutput.Header(message: source[header], schemaURL: schema)
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            guard fields.isLengthDelimited, fields.number == 2 else { continue }
            if isMetrics {
                addMetric(base, fields)
            } else {
                addRecord(fields)
            }
        }
    }

    /// Where the resource or scope of a group is, and its schema URL.
    private func header(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) -> (Range<Int>, Bytes) {
        var (header, schema) = (range.lowerBound..<range.lowerBound, Bytes.empty)
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            if fields.number == 1 { header = fields.value }
            if fields.number == 3, fields.isLengthDelimited { schema = source[fields.value] }
        }
        return (header, schema)
    }

    private func addRecord(_ field: FieldWalker) {
        record.turn(to: field.value)
        let target = target(of: record)
        let output = target.scope(scope, from: scopeNumber, &isChanged, &room)
        if record.isChanged {
            output.writer.write(bytes: record.current.bytes, 2)
        } else {
            output.writer.write(raw: source[field.start..<field.position])
        }
    }

    private func addMetric(_ base: UnsafePointer<UInt8>, _ field: FieldWalker) {
        var metric = MetricOutput.Header(source, base, field.value)
        guard let data = metric.data else {
            // Nothing in it could move.
            ownGroup.scope(scope, from: scopeNumber, &isChanged, &room)
                .writer.write(raw: source[field.start..<field.position])
            return
        }
        point.kind = Draft.Kind(pointsIn: metric.kind)
        metric.number = field.start
        var points = FieldWalker(base, data.lowerBound, data.upperBound)
        while points.next() {
            guard points.isLengthDelimited, points.number == 1 else { continue }
            point.turn(to: points.value)
            let output = target(of: point).scope(scope, from: scopeNumber, &isChanged, &room)
                .metric(metric, scopeNumber, &isChanged, &room)
            if point.isChanged {
                output.writer.write(bytes: point.current.bytes, 1)
            } else {
                output.writer.write(raw: source[points.start..<points.position])
            }
        }
    }

    /// Where an item goes, after the attributes that it takes along were taken out of it.
    private func target(of item: Draft) -> ResourceOutput {
        var identity: [UInt8] = []
        for (index, key) in keys.enumerated() {
            _ = item.withAttribute(key) { value in
                withUnsafeBytes(of: (index, value.memory.count)) { identity.append(contentsOf: $0) }
                identity.append(contentsOf: value.memory)
            }
        }
        guard !identity.isEmpty else {
            result.left += 1
            return ownGroup
        }
        guard room > 0 else {
            result.stayed += 1
            return ownGroup
        }
        let target = targets[identity].map { groups[$0] } ?? group(identity, attributes(of: item))
        for key in keys { item.remove(key) }
        result.moved += 1
        isChanged = true
        return target
    }

    private func attributes(of item: Draft) -> [EncodedAttribute] {
        keys.compactMap { key in item.attribute(key).map { EncodedAttribute(key, .encoded($0)) } }
    }

    /// The group of the present resource as it is.
    private var ownGroup: ResourceOutput { targets[[]].map { groups[$0] } ?? group([], []) }

    /// Makes the group of the present resource with some attributes more, unless there is one like it.
    private func group(_ target: [UInt8], _ taken: [EncodedAttribute]) -> ResourceOutput {
        resource.turn(to: resourceHeader)
        for attribute in taken { resource.set(attribute) }
        let message = resource.current.bytes
        var identity = Identity.bytes(of: WireMessage(message), attributes: 1)
        identity += [0xFF] + resourceSchema.array
        let index = groupsByIdentity[identity] ?? groups.count
        if index == groups.count {
            groups.append(ResourceOutput(message, resourceSchema, from: resourceNumber))
            groupsByIdentity[identity] = index
            result.groups = groups.count
            room -= message.count + resourceSchema.count
        } else if groups[index].resourceNumber != resourceNumber {
            isChanged = true
        }
        targets[target] = index
        return groups[index]
    }
}

/// By what messages with attributes are alike.
enum Identity {
    /// The attributes in the order of their keys, of several with the same key the first; two resources with
    /// the same bytes are alike.
    static func bytes(of message: WireMessage, attributes number: Int) -> [UInt8] {
        var values: [String: Bytes] = [:]
        for pair in message.messages(number, as: KeyValueView.self) where values[pair.key] == nil {
            values[pair.key] = pair.value.message.bytes
        }
        var writer = Writer(capacity: 256)
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            writer.write(string: key, 1)
            writer.write(bytes: value, 2)
        }
        return writer.finish().array
    }
}
