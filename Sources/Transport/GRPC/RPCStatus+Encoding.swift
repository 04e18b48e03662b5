public import Wire

extension RPCStatus {
    private static let typePrefix = "type.googleapis.com/"
    private static let retryInfoType = typePrefix + "google.rpc.RetryInfo"
    private static let badRequestType = typePrefix + "google.rpc.BadRequest"

    /// The message in protobuf's wire form.
    public func encoded() -> Bytes {
        var message = ProtobufMessage()
        message.add(field: 1, varint: Int64(code))
        message.add(field: 2, text: self.message)
        for detail in details { message.add(field: 3, bytes: Self.any(detail)) }
        return Bytes(message.bytes)
    }

    /// Reads a message from protobuf's wire form; nil if it is not well-formed.
    ///
    /// Unknown fields are skipped.
    public init?(decoding bytes: Bytes) {
        self.init(code: 0, message: "")
        var reader = ProtobufReader(bytes.array[...])
        while let field = reader.next() {
            switch (field.number, field.value) {
            case (1, .varint(let value)): code = Int(Int32(truncatingIfNeeded: value))
            case (2, .bytes(let text)): message = String(decoding: text, as: UTF8.self)
            case (3, .bytes(let any)):
                guard let detail = Self.detail(ofAny: any) else { return nil }
                details.append(detail)
            default: break
            }
        }
        guard !reader.isMalformed else { return nil }
    }

    private static func any(_ detail: Detail) -> [UInt8] {
        var any = ProtobufMessage()
        switch detail {
        case .retryInfo(let delay):
            let (seconds, attoseconds) = delay.components
            var duration = ProtobufMessage()
            duration.add(field: 1, varint: seconds)
            duration.add(field: 2, varint: attoseconds / 1_000_000_000)
            var info = ProtobufMessage()
            info.add(field: 1, bytes: duration.bytes)
            any.add(field: 1, text: retryInfoType)
            any.add(field: 2, bytes: info.bytes)
        case .badRequest(let violations):
            var request = ProtobufMessage()
            for violation in violations {
                var entry = ProtobufMessage()
                entry.add(field: 1, text: violation.field)
                entry.add(field: 2, text: violation.description)
                request.add(field: 1, bytes: entry.bytes)
            }
            any.add(field: 1, text: badRequestType)
            any.add(field: 2, bytes: request.bytes)
        case .other(let typeURL, let value):
            any.add(field: 1, text: typeURL)
            any.add(field: 2, bytes: value)
        }
        return any.bytes
    }

    private static func detail(ofAny bytes: ArraySlice<UInt8>) -> Detail? {
        var reader = ProtobufReader(bytes)
        var typeURL = ""
        var value: ArraySlice<UInt8> = []
        while let field = reader.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let text)): typeURL = String(decoding: text, as: UTF8.self)
            case (2, .bytes(let bytes)): value = bytes
            default: break
            }
        }
        guard !reader.isMalformed else { return nil }
        // What comes before the last slash is the host of a registry and means nothing (google.protobuf.Any).
        let type = typeURL.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        switch type {
        case "google.rpc.RetryInfo": return retryInfo(value)
        case "google.rpc.BadRequest": return badRequest(value)
        default: return .other(typeURL: typeURL, value: Array(value))
        }
    }

    private static func retryInfo(_ bytes: ArraySlice<UInt8>) -> Detail? {
        var (seconds, nanoseconds): (Int64, Int64) = (0, 0)
        var reader = ProtobufReader(bytes)
        while let field = reader.next() {
            guard field.number == 1, case .bytes(let duration) = field.value else { continue }
            var inner = ProtobufReader(duration)
            while let part = inner.next() {
                switch (part.number, part.value) {
                case (1, .varint(let value)): seconds = Int64(bitPattern: value)
                case (2, .varint(let value)): nanoseconds = Int64(Int32(truncatingIfNeeded: value))
                default: break
                }
            }
            guard !inner.isMalformed else { return nil }
        }
        guard !reader.isMalformed else { return nil }
        return .retryInfo(delay: .seconds(seconds) + .nanoseconds(nanoseconds))
    }

    private static func badRequest(_ bytes: ArraySlice<UInt8>) -> Detail? {
        var violations: [FieldViolation] = []
        var reader = ProtobufReader(bytes)
        while let field = reader.next() {
            guard field.number == 1, case .bytes(let entry) = field.value else { continue }
            var violation = FieldViolation(field: "", description: "")
            var inner = ProtobufReader(entry)
            while let part = inner.next() {
                switch (part.number, part.value) {
                case (1, .bytes(let text)): violation.field = String(decoding: text, as: UTF8.self)
                case (2, .bytes(let text)): violation.description = String(decoding: text, as: UTF8.self)
                default: break
                }
            }
            guard !inner.isMalformed else { return nil }
            violations.append(violation)
        }
        return reader.isMalformed ? nil : .badRequest(violations)
    }
}
