import Prometheus
import Wire

/// A request of remote write as lines of text, read without what is tested.
struct ReadRequest {
    private(set) var lines: [String] = []
    private(set) var symbols: [String] = []

    private struct Field {
        let number: Int
        var bits: UInt64 = 0
        var bytes = Bytes.empty
    }

    init(_ body: Bytes, _ version: RemoteWriteVersion) throws {
        let fields = try Self.fields(body)
        if version == .v2 { symbols = fields.filter { $0.number == 4 }.map { $0.bytes.string } }
        for field in fields where field.number == (version == .v1 ? 1 : 5) {
            lines += try series(field.bytes, version)
        }
        for field in fields where field.number == 3 && version == .v1 {
            let parts = try Self.fields(field.bytes)
            let texts = [2, 4, 5].map { number in parts.first { $0.number == number }?.bytes.string ?? "" }
            lines.append(
                "metadata \(texts[0]) \(parts.first { $0.number == 1 }?.bits ?? 0) \(texts[1]) \(texts[2])")
        }
    }

    private static func fields(_ message: Bytes) throws -> [Field] {
        try message.withSpan { (span) throws(WireError) in
            var cursor = Cursor(0..<message.count)
            var fields: [Field] = []
            while let tag = try cursor.readTag(span) {
                var field = Field(number: tag.number)
                switch tag.type {
                case .varint: field.bits = try cursor.readVarint(span)
                case .fixed64: field.bits = try cursor.readFixed64(span)
                case .lengthDelimited: field.bytes = message[try cursor.readLengthDelimited(span)]
                default: try cursor.skip(tag, span)
                }
                fields.append(field)
            }
            return fields
        }
    }

    private static func varints(_ bytes: Bytes) throws -> [UInt64] {
        try bytes.withSpan { (span) throws(WireError) in
            var cursor = Cursor(0..<bytes.count)
            var values: [UInt64] = []
            while !cursor.isAtEnd { values.append(try cursor.readVarint(span)) }
            return values
        }
    }

    private static func doubles(_ bytes: Bytes) throws -> [Double] {
        try bytes.withSpan { (span) throws(WireError) in
            var cursor = Cursor(0..<bytes.count)
            var values: [Double] = []
            while !cursor.isAtEnd { values.append(Double(bitPattern: try cursor.readFixed64(span))) }
            return values
        }
    }

    private func labels(_ fields: [Field], _ version: RemoteWriteVersion) throws -> String {
        var texts: [String] = []
        for field in fields where field.number == 1 {
            switch version {
            case .v1:
                let parts = try Self.fields(field.bytes)
                texts += parts.map { $0.bytes.string }
            case .v2: texts += try Self.varints(field.bytes).map { symbols[Int($0)] }
            }
        }
        return stride(from: 0, to: texts.count, by: 2).map { "\(texts[$0])=\(texts[$0 + 1])" }
            .joined(separator: ",")
    }

    private func series(_ message: Bytes, _ version: RemoteWriteVersion) throws -> [String] {
        let fields = try Self.fields(message)
        let labels = try labels(fields, version)
        var lines: [String] = []
        var metadata = ""
        for field in fields where field.number == 5 {
            let parts = try Self.fields(field.bytes)
            func number(_ number: Int) -> UInt64 { parts.first { $0.number == number }?.bits ?? 0 }
            metadata = " type \(number(1)) '\(symbols[Int(number(3))])' '\(symbols[Int(number(4))])'"
        }
        for field in fields where field.number == 2 {
            let parts = try Self.fields(field.bytes)
            let value = Double(bitPattern: parts.first { $0.number == 1 }?.bits ?? 0)
            let text = value.bitPattern == 0x7FF0_0000_0000_0002 ? "stale" : "\(value)"
            let times = parts.filter { $0.number > 1 }.map { "@\($0.bits)" }.joined()
            lines.append("{\(labels)} \(text) \(times)\(metadata)")
        }
        for field in fields where field.number == (version == .v1 ? 4 : 3) {
            lines.append("{\(labels)} \(try Self.histogram(field.bytes))\(metadata)")
        }
        for field in fields where field.number == (version == .v1 ? 3 : 4) {
            let parts = try Self.fields(field.bytes)
            let value = Double(bitPattern: parts.first { $0.number == 2 }?.bits ?? 0)
            let time = parts.first { $0.number == 3 }?.bits ?? 0
            lines.append("{\(labels)} exemplar {\(try self.labels(parts, version))} \(value) @\(time)")
        }
        return lines
    }

    private static func histogram(_ message: Bytes) throws -> String {
        let fields = try Self.fields(message)
        func bits(_ number: Int) -> UInt64 { fields.first { $0.number == number }?.bits ?? 0 }
        func spans(_ number: Int) throws -> [String] {
            try fields.filter { $0.number == number }.map { field in
                let parts = try Self.fields(field.bytes)
                return "\(ZigZag.decode(parts[0].bits))+\(parts[1].bits)"
            }
        }
        func deltas(_ number: Int) throws -> [Int64] {
            try fields.filter { $0.number == number }.flatMap { try varints($0.bytes) }.map {
                ZigZag.decode($0)
            }
        }
        let sum = Double(bitPattern: bits(3))
        let sumText = sum.bitPattern == 0x7FF0_0000_0000_0002 ? "stale" : "\(sum)"
        let bounds = try fields.filter { $0.number == 16 }.flatMap { try doubles($0.bytes) }
        let threshold = Double(bitPattern: bits(5))
        return "native \(bits(1)) \(sumText) schema \(ZigZag.decode(bits(4))) zero \(threshold):\(bits(6)) "
            + "\(try spans(8))\(try deltas(9)) \(try spans(11))\(try deltas(12)) \(bounds) @\(bits(15))"
            + (bits(17) > 0 ? "@\(bits(17))" : "")
    }
}

extension RemoteWriteEncoder.Output {
    /// All rows at once.
    var allRows: [[RemoteWriteEncoder.Request]] { Array(rows) }
}
