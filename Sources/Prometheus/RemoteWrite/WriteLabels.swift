internal import Wire

/// A label of a series: where its name and its value are in the request, and what it is good for.
struct WriteLabel {
    enum Role: Sendable { case metricName, job, instance, scope, other }

    let name: Range<Int>
    let value: Range<Int>
    let role: Role

    init(_ name: Range<Int>, _ value: Range<Int>, of body: Bytes) {
        self.name = name
        self.value = value
        role = Self.role(of: name, body)
    }

    private static let metricName = Array(LabelNames.metricName.utf8)
    private static let job = Array(LabelNames.job.utf8)
    private static let instance = Array(LabelNames.instance.utf8)
    static let scopePrefix = Array("otel_scope_".utf8)

    private static func role(of name: Range<Int>, _ body: Bytes) -> Role {
        guard let first = name.first else { return .other }
        switch body[first] {
        case UInt8(ascii: "_"): return body.has(metricName, at: name) ? .metricName : .other
        case UInt8(ascii: "j"): return body.has(job, at: name) ? .job : .other
        case UInt8(ascii: "i"): return body.has(instance, at: name) ? .instance : .other
        case UInt8(ascii: "o"):
            let isLonger = name.count > scopePrefix.count
            return isLonger && body.has(scopePrefix, at: name.prefix(scopePrefix.count)) ? .scope : .other
        default: return .other
        }
    }
}

/// The texts of a request of version 2, which its series point into.
struct WriteSymbols {
    /// The texts that a request may have.
    static let limit = 1_000_000
    /// Stands for the size of what is not UTF-8.
    private static let notText = UInt32.max

    private var places: [(start: UInt32, count: UInt32)] = []

    mutating func add(_ range: Range<Int>, of body: Bytes) throws(RemoteWriteError) {
        guard places.count < Self.limit else {
            throw RemoteWriteError("the request has more than \(Self.limit) symbols", .limit)
        }
        let count = body.isText(range) ? UInt32(range.count) : Self.notText
        places.append((UInt32(range.lowerBound), count))
    }

    /// Where a text is.
    func range(_ index: UInt64) throws(SeriesFault) -> Range<Int> {
        guard index < UInt64(places.count) else {
            throw SeriesFault("refers to symbol \(index) of \(places.count)")
        }
        let place = places[Int(index)]
        guard place.count != Self.notText else { throw SeriesFault("has a text that is not UTF-8") }
        return Int(place.start)..<Int(place.start) + Int(place.count)
    }
}

/// Why one series of a request is not taken.
struct SeriesFault: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension Bytes {
    /// Whether a part of these bytes is the same as others.
    func has(_ bytes: [UInt8], at range: Range<Int>) -> Bool {
        guard range.count == bytes.count else { return false }
        return withUnsafeBytes { memory in
            for (offset, byte) in bytes.enumerated() where memory[range.lowerBound + offset] != byte {
                return false
            }
            return true
        }
    }

    /// Whether a part is valid UTF-8.
    func isText(_ range: Range<Int>) -> Bool {
        withUnsafeBytes { UTF8Check.firstInvalid(UnsafeRawBufferPointer(rebasing: $0[range])) == nil }
    }

    /// Whether a part comes before another in the order of bytes.
    func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        withUnsafeBytes { memory in
            var (first, second) = (left.lowerBound, right.lowerBound)
            while first < left.upperBound, second < right.upperBound {
                guard memory[first] == memory[second] else { return memory[first] < memory[second] }
                first += 1
                second += 1
            }
            return left.count < right.count
        }
    }
}
