internal import Telemetry
internal import Wire

/// Values that spans of both versions have in JSON.
///
/// `null` is an absent value everywhere, as JSON's writers of Go and Java use it.
extension JSONPullReader {
    /// Reads an id of up to `digits` hexadecimal digits, right-aligned; an empty text is none.
    mutating func zipkinID(digits: Int) throws(InvalidTelemetry) -> TraceID {
        let start = self
        if takeNull() { return TraceID(high: 0, low: 0) }
        let text = try string()
        guard text.count <= digits else { throw start.fault("expected at most \(digits) hexadecimal digits") }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<text.count {
            guard let digit = Hexadecimal.value(of: text[index]) else {
                throw start.fault("expected hexadecimal digits")
            }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        return TraceID(high: high, low: low)
    }

    /// Reads a number of microseconds; what is not positive is none.
    mutating func microseconds() throws(InvalidTelemetry) -> UInt64 {
        if takeNull() { return 0 }
        let start = self
        let number = try number()
        if let integer = number.integer { return UInt64(max(integer, 0)) }
        guard let double = number.double, double < 9e18 else {
            throw start.fault("expected a number of microseconds")
        }
        return double > 0 ? UInt64(double) : 0
    }

    /// Reads a text.
    mutating func optionalString() throws(InvalidTelemetry) -> Bytes {
        takeNull() ? .empty : try string()
    }

    /// Reads a scalar as text: numbers and booleans as they are written.
    mutating func scalarText() throws(InvalidTelemetry) -> Bytes {
        switch kind {
        case .string: return try string()
        case .number: return try number().text
        case .bool: return try bool() ? Self.trueText : Self.falseText
        case .null where takeNull(): return .empty
        default: throw fault("expected a string")
        }
    }

    private static let trueText = Bytes(utf8: "true")
    private static let falseText = Bytes(utf8: "false")

    /// Reads an endpoint; `nil` for `null`.
    mutating func endpoint() throws(InvalidTelemetry) -> ZipkinEndpoint? {
        if takeNull() { return nil }
        var endpoint = ZipkinEndpoint()
        try object { (reader, key) throws(InvalidTelemetry) in
            if key.isEqual(to: "serviceName") {
                endpoint.serviceName = try reader.optionalString()
            } else if key.isEqual(to: "ipv4") {
                endpoint.ipv4 = try reader.optionalString()
            } else if key.isEqual(to: "ipv6") {
                endpoint.ipv6 = try reader.optionalString()
            } else if key.isEqual(to: "port") {
                endpoint.port = try reader.port()
            } else {
                try reader.skip()
            }
        }
        return endpoint
    }

    private mutating func port() throws(InvalidTelemetry) -> UInt16 {
        if takeNull() { return 0 }
        let start = self
        guard let port = try number().integer.flatMap({ UInt16(exactly: $0) }) else {
            throw start.fault("port: expected a number from 0 to 65535")
        }
        return port
    }

    /// Reads a list of annotations into `annotations`; elements that are `null` are left out.
    mutating func annotations(into annotations: inout [ZipkinAnnotation]) throws(InvalidTelemetry) {
        if takeNull() { return }
        annotations.removeAll(keepingCapacity: true)
        try array { (reader) throws(InvalidTelemetry) in
            if reader.takeNull() { return }
            guard annotations.count < ZipkinIdentity.partLimit else {
                throw reader.fault(ZipkinIdentity.tooManyParts)
            }
            var annotation = ZipkinAnnotation()
            try reader.object { (reader, key) throws(InvalidTelemetry) in
                if key.isEqual(to: "timestamp") {
                    annotation.time = try reader.microseconds()
                } else if key.isEqual(to: "value") {
                    annotation.value = try reader.optionalString()
                } else if key.isEqual(to: "endpoint") {
                    annotation.endpoint = try reader.endpoint()
                } else {
                    try reader.skip()
                }
            }
            guard annotation.time <= ZipkinIdentity.timeLimit else {
                throw reader.fault("the timestamp goes beyond the year 2554")
            }
            annotations.append(annotation)
        }
    }

    /// Reads the value of a key that spans of both versions have; false when it is no such key, and then
    /// nothing is read.
    mutating func identity(
        _ key: Bytes, into identity: inout ZipkinIdentity
    ) throws(InvalidTelemetry) -> Bool {
        if key.isEqual(to: "traceId") {
            identity.traceID = try zipkinID(digits: 32)
        } else if key.isEqual(to: "id") {
            identity.id = try zipkinID(digits: 16).low
        } else if key.isEqual(to: "parentId") {
            identity.parentID = try zipkinID(digits: 16).low
        } else if key.isEqual(to: "name") {
            identity.name = try optionalString()
        } else if key.isEqual(to: "timestamp") {
            identity.time = try microseconds()
        } else if key.isEqual(to: "duration") {
            identity.duration = try microseconds()
        } else {
            return false
        }
        return true
    }
}

extension InvalidTelemetry {
    /// The same error seen from what is called `place`.
    func inside(_ place: String) -> InvalidTelemetry {
        InvalidTelemetry(reason: "\(place): \(reason)", offset: offset)
    }
}
