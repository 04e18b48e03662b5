internal import Wire

/// Writes one message of remote write, of either version.
struct WriteMessageWriter {
    /// A place that one can go back to.
    struct Mark {
        fileprivate let byteCount: Int
        fileprivate let symbolCount: Int
        fileprivate let symbolBytes: Int
    }

    private let version: RemoteWriteVersion
    private let output = WriteBuffer()
    private var series: Writer.Mark?
    /// The texts of version 2, each once; the first is none.
    private var symbols: [String] = [""]
    private var symbolPlaces: [String: UInt64] = ["": 0]
    private var symbolBytes = 2
    /// What labels of version 2 refer to, for those that were written before.
    private var bases: [ObjectIdentifier: [UInt64]] = [:]
    private var own: [UInt8] = []

    init(_ version: RemoteWriteVersion) { self.version = version }

    /// The bytes of the message so far.
    var byteCount: Int { output.writer.count + (version == .v2 ? symbolBytes : 0) }

    var mark: Mark {
        Mark(byteCount: output.writer.count, symbolCount: symbols.count, symbolBytes: symbolBytes)
    }

    /// Forgets everything since a mark.
    mutating func goBack(to mark: Mark) {
        output.writer.truncate(to: mark.byteCount)
        for text in symbols[mark.symbolCount...] { symbolPlaces[text] = nil }
        symbols.removeLast(symbols.count - mark.symbolCount)
        symbolBytes = mark.symbolBytes
        bases.removeAll(keepingCapacity: true)
    }

    /// The message; another one begins.
    mutating func take() -> Bytes {
        let written = output.writer.takeBytes()
        guard version == .v2 else { return written }
        var writer = Writer(capacity: symbolBytes + written.count)
        for text in symbols { writer.write(string: text, 4) }
        writer.write(raw: written)
        (symbols, symbolPlaces, symbolBytes) = ([""], ["": 0], 2)
        bases.removeAll(keepingCapacity: true)
        return writer.finish()
    }

    // MARK: - Series

    /// Begins a series; `bound` is a bound of a bucket or a quantile.
    mutating func beginSeries(_ base: WriteBase, _ name: LabelSet.Label, _ bound: LabelSet.Label?) {
        let place = bound?.name == LabelNames.quantile ? base.quantile : base.bound
        switch version {
        case .v1:
            series = output.writer.begin(1, expecting: 200)
            own.removeAll(keepingCapacity: true)
            WriteBase.append(name, to: &own)
            let nameSize = own.count
            if let bound { WriteBase.append(bound, to: &own) }
            let end = bound == nil ? base.encoded.count : place.offset
            base.encoded.withUnsafeBytes { encoded in
                own.withUnsafeBytes { own in
                    write(encoded[0..<base.name.offset])
                    write(own[0..<nameSize])
                    write(encoded[base.name.offset..<end])
                    write(own[nameSize...])
                    write(encoded[end...])
                }
            }
        case .v2:
            if bases[ObjectIdentifier(base)] == nil {
                bases[ObjectIdentifier(base)] = references(base.labels.labels)
            }
            var references = bases[ObjectIdentifier(base)] ?? []
            if let bound {
                references.insert(contentsOf: self.references([bound]), at: place.index * 2)
            }
            references.insert(contentsOf: self.references([name]), at: base.name.index * 2)
            series = output.writer.begin(5, expecting: 100)
            output.writer.write(packedVarints: references, 1)
        }
    }

    private func write(_ bytes: Slice<UnsafeRawBufferPointer>) {
        output.writer.write(raw: UnsafeRawBufferPointer(rebasing: bytes))
    }

    mutating func endSeries(_ family: SeriesFamily) {
        guard let mark = series else { return }
        if version == .v2 {
            let (help, unit) = (symbol(family.help), symbol(family.unit))
            let metadata = output.writer.begin(5)
            output.writer.write(varint: family.type.number, 1)
            output.writer.write(varint: help, 3)
            output.writer.write(varint: unit, 4)
            output.writer.end(metadata)
        }
        output.writer.end(mark)
        series = nil
    }

    mutating func write(_ sample: WriteCollection.Sample) {
        let mark = output.writer.begin(2)
        output.writer.write(double: sample.value, 1)
        output.writer.write(signed: sample.time, 2)
        if version == .v2, sample.start > 0 { output.writer.write(signed: sample.start, 3) }
        output.writer.end(mark)
    }

    mutating func write(_ exemplar: Exemplar) {
        let references = version == .v2 ? references(exemplar.labels) : []
        let mark = output.writer.begin(version == .v1 ? 3 : 4)
        if version == .v1 {
            write(exemplar.labels)
        } else {
            output.writer.write(packedVarints: references, 1)
        }
        output.writer.write(double: exemplar.value, 2)
        if let time = exemplar.timestamp { output.writer.write(signed: time, 3) }
        output.writer.end(mark)
    }

    mutating func write(_ value: WriteCollection.Histogram) {
        let histogram = value.histogram
        let mark = output.writer.begin(version == .v1 ? 4 : 3, expecting: 100)
        output.writer.write(varint: value.isStale ? 0 : histogram.count, 1)
        let sum = value.isStale ? Double(bitPattern: StaleMarker.bits) : histogram.sum
        output.writer.write(double: sum, 3)
        output.writer.write(zigZag: value.bounds == nil ? Int64(histogram.schema) : -53, 4)
        if value.bounds == nil {
            output.writer.write(double: histogram.zeroThreshold, 5)
            output.writer.write(varint: value.isStale ? 0 : histogram.zeroCount, 6)
        }
        if !value.isStale {
            if value.bounds == nil { write(histogram.negative, 8) }
            write(histogram.positive, 11)
        }
        output.writer.write(signed: value.time, 15)
        if let bounds = value.bounds {
            output.writer.write(packedFixed64: bounds.map { $0.bitPattern }, 16)
        }
        if version == .v2, value.start > 0 { output.writer.write(signed: value.start, 17) }
        output.writer.end(mark)
    }

    private func write(_ buckets: NativeHistogram.Buckets, _ number: Int) {
        let (spans, deltas) = buckets.spans
        guard !spans.isEmpty else { return }
        for span in spans {
            let mark = output.writer.begin(number)
            output.writer.write(zigZag: Int64(span.offset), 1)
            output.writer.write(varint: UInt64(span.length), 2)
            output.writer.end(mark)
        }
        output.writer.write(packedVarints: deltas.map { ZigZag.encode($0) }, number + 1)
    }

    // MARK: - Texts

    /// Metadata of version 1.
    mutating func write(_ family: SeriesFamily) {
        let mark = output.writer.begin(3)
        output.writer.write(varint: family.type.number, 1)
        output.writer.write(string: family.name, 2)
        output.writer.write(string: family.help, 4)
        output.writer.write(string: family.unit, 5)
        output.writer.end(mark)
    }

    private func write(_ labels: [LabelSet.Label]) {
        var bytes: [UInt8] = []
        for label in labels { WriteBase.append(label, to: &bytes) }
        bytes.withUnsafeBytes { output.writer.write(raw: $0) }
    }

    private mutating func references(_ labels: [LabelSet.Label]) -> [UInt64] {
        var references: [UInt64] = []
        references.reserveCapacity(labels.count * 2)
        for label in labels {
            references.append(symbol(label.name))
            references.append(symbol(label.value))
        }
        return references
    }

    private mutating func symbol(_ text: String) -> UInt64 {
        if let place = symbolPlaces[text] { return place }
        let place = UInt64(symbols.count)
        symbolPlaces[text] = place
        symbols.append(text)
        symbolBytes += 1 + Writer.varintSize(UInt64(text.utf8.count)) + text.utf8.count
        return place
    }
}

/// Memory that is written to; a class, because what holds it can be copied.
private final class WriteBuffer {
    var writer = Writer(capacity: 4096)
}
