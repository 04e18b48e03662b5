internal import Telemetry
internal import Wire

/// An endpoint as it is written.
struct ZipkinOutgoingEndpoint {
    var serviceName = ""
    var address: InternetAddress?
    /// 0 is none.
    var port: UInt16 = 0
}

/// A span as it is written.
struct ZipkinOutgoingSpan {
    var traceID: TraceID
    var id: UInt64
    /// 0 is none.
    var parentID: UInt64
    var name = ""
    /// As in the protobuf of Zipkin: 1 client, 2 server, 3 producer, 4 consumer; 0 is none.
    var kind = 0
    /// Microseconds since 1970; 0 is none.
    var time: UInt64 = 0
    /// Microseconds; 0 is none.
    var duration: UInt64 = 0
    var local = ZipkinOutgoingEndpoint()
    var remote: ZipkinOutgoingEndpoint?
    var annotations: [(time: UInt64, value: String)] = []
    var tags: [(key: String, value: String)] = []
}

/// Writes a list of spans in JSON.
struct ZipkinJSONOutput: ~Copyable {
    private var builder: BytesBuilder
    private var isFirst = true

    /// Bytes written so far, and the end of the list.
    var byteCount: Int { builder.count + 1 }

    init(capacity: Int) {
        builder = BytesBuilder(capacity: capacity)
        builder.append(UInt8(ascii: "["))
    }

    consuming func finish() -> Bytes {
        builder.append(UInt8(ascii: "]"))
        return builder.finish()
    }

    mutating func write(_ span: ZipkinOutgoingSpan) {
        let high = span.traceID.high
        builder.append(utf8: isFirst ? "{\"traceId\":\"" : ",{\"traceId\":\"")
        isFirst = false
        // Ids of 64 bits are written with 16 digits, as whoever made them wrote them.
        if high != 0 { builder.append(utf8: Hexadecimal.text(of: high)) }
        builder.append(utf8: Hexadecimal.text(of: span.traceID.low))
        if span.parentID != 0 { write("\",\"parentId\":\"", Hexadecimal.text(of: span.parentID)) }
        write("\",\"id\":\"", Hexadecimal.text(of: span.id))
        builder.append(UInt8(ascii: "\""))
        let kinds = ["", "CLIENT", "SERVER", "PRODUCER", "CONSUMER"]
        if span.kind != 0 { write(",\"kind\":\"", "\(kinds[span.kind])\"") }
        if !span.name.isEmpty { write(",\"name\":", quoted: span.name) }
        if span.time > 0 { write(",\"timestamp\":", String(span.time)) }
        if span.duration > 0 { write(",\"duration\":", String(span.duration)) }
        write(",\"localEndpoint\":", span.local)
        if let remote = span.remote { write(",\"remoteEndpoint\":", remote) }
        writeAnnotations(of: span)
        writeTags(of: span)
        builder.append(UInt8(ascii: "}"))
    }

    private mutating func writeAnnotations(of span: ZipkinOutgoingSpan) {
        guard !span.annotations.isEmpty else { return }
        builder.append(utf8: ",\"annotations\":[")
        for (index, annotation) in span.annotations.enumerated() {
            write(index > 0 ? ",{\"timestamp\":" : "{\"timestamp\":", String(annotation.time))
            write(",\"value\":", quoted: annotation.value)
            builder.append(UInt8(ascii: "}"))
        }
        builder.append(UInt8(ascii: "]"))
    }

    private mutating func writeTags(of span: ZipkinOutgoingSpan) {
        guard !span.tags.isEmpty else { return }
        builder.append(utf8: ",\"tags\":{")
        for (index, tag) in span.tags.enumerated() {
            if index > 0 { builder.append(UInt8(ascii: ",")) }
            JSONText.write(tag.key, to: &builder)
            builder.append(UInt8(ascii: ":"))
            JSONText.write(tag.value, to: &builder)
        }
        builder.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ key: String, _ endpoint: ZipkinOutgoingEndpoint) {
        builder.append(utf8: key)
        var separator = "{"
        if !endpoint.serviceName.isEmpty {
            write("{\"serviceName\":", quoted: endpoint.serviceName)
            separator = ","
        }
        if let address = endpoint.address {
            write("\(separator)\"\(address.isVersion6 ? "ipv6" : "ipv4")\":\"", "\(address)\"")
            separator = ","
        }
        if endpoint.port > 0 {
            write("\(separator)\"port\":", String(endpoint.port))
            separator = ","
        }
        builder.append(utf8: separator == "{" ? "{}" : "}")
    }

    private mutating func write(_ key: String, _ value: String) {
        builder.append(utf8: key)
        builder.append(utf8: value)
    }

    private mutating func write(_ key: String, quoted value: String) {
        builder.append(utf8: key)
        JSONText.write(value, to: &builder)
    }
}

/// Writes a list of spans in protobuf (zipkin.proto3 ListOfSpans).
struct ZipkinProtobufOutput: ~Copyable {
    private var writer: Writer

    /// Bytes written so far.
    var byteCount: Int { writer.count }

    init(capacity: Int) { writer = Writer(capacity: capacity) }

    consuming func finish() -> Bytes { writer.finish() }

    mutating func write(_ span: ZipkinOutgoingSpan) {
        let mark = writer.begin(1, expecting: 300)
        write([span.traceID.high, span.traceID.low], 1)
        if span.parentID != 0 { write([span.parentID], 2) }
        write([span.id], 3)
        if span.kind != 0 { writer.write(varint: UInt64(span.kind), 4) }
        if !span.name.isEmpty { writer.write(string: span.name, 5) }
        if span.time > 0 { writer.write(fixed64: span.time, 6) }
        if span.duration > 0 { writer.write(varint: span.duration, 7) }
        write(span.local, 8)
        if let remote = span.remote { write(remote, 9) }
        for annotation in span.annotations {
            let mark = writer.begin(10, expecting: annotation.value.utf8.count + 11)
            if annotation.time > 0 { writer.write(fixed64: annotation.time, 1) }
            writer.write(string: annotation.value, 2)
            writer.end(mark)
        }
        for tag in span.tags {
            let mark = writer.begin(11, expecting: tag.key.utf8.count + tag.value.utf8.count + 4)
            writer.write(string: tag.key, 1)
            writer.write(string: tag.value, 2)
            writer.end(mark)
        }
        writer.end(mark)
    }

    /// Writes an id, the highest byte first.
    private mutating func write(_ words: [UInt64], _ number: Int) {
        writer.writeTag(number, .lengthDelimited)
        writer.writeVarint(UInt64(words.count * 8))
        for word in words { writer.writeFixed64(word.byteSwapped) }
    }

    private mutating func write(_ endpoint: ZipkinOutgoingEndpoint, _ number: Int) {
        let mark = writer.begin(number)
        if !endpoint.serviceName.isEmpty { writer.write(string: endpoint.serviceName, 1) }
        if let address = endpoint.address { writer.write(bytes: address.octets, address.isVersion6 ? 3 : 2) }
        if endpoint.port > 0 { writer.write(varint: UInt64(endpoint.port), 4) }
        writer.end(mark)
    }
}
