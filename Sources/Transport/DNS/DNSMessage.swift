internal import Glibc

/// What a record of the DNS is asked for and says (RFC 1035, RFC 2782).
public enum DNSRecord: Sendable, Hashable {
    /// The kinds that can be asked for; the raw value is their number.
    public enum Kind: UInt16, Sendable {
        case a = 1
        case aaaa = 28
        case srv = 33
    }

    /// An address as text.
    case address(String)
    /// Where a service is.
    case service(port: UInt16, target: String)
}

/// A question as a message of the DNS, and the records of an answer to it.
struct DNSMessage {
    /// Bytes that an answer in a datagram may have, which is said in the question (RFC 6891).
    static let sizeLimit = 4096
    private static let recordLimit = 4096
    /// Compressed parts that one name may have.
    private static let jumpLimit = 64

    let id: UInt16
    let kind: DNSRecord.Kind

    /// What an answer says.
    enum Answer: Equatable {
        case records([DNSRecord])
        /// There is no such name.
        case noName
        /// There is more than fits into a datagram.
        case truncated
        /// The server answers with a code that is a failure.
        case failure(String)
    }

    /// The question; `nil` when `name` cannot be one.
    func question(_ name: String) -> [UInt8]? {
        var bytes = number(id) + [0x01, 0x00] + number(1) + number(0) + number(0) + number(1)
        var length = 1
        for label in name.split(separator: ".", omittingEmptySubsequences: true) {
            guard label.utf8.count <= 63 else { return nil }
            bytes.append(UInt8(label.utf8.count))
            bytes += Array(label.utf8)
            length += label.utf8.count + 1
        }
        guard length > 1, length <= 255 else { return nil }
        bytes += [0] + number(kind.rawValue) + number(1)
        // The record that says how large the answer may be.
        return bytes + [0] + number(41) + number(UInt16(Self.sizeLimit)) + [0, 0, 0, 0, 0, 0]
    }

    /// What a message says; `nil` when it is no answer to the question.
    func answer(_ bytes: [UInt8]) -> Answer? {
        var reader = Reader(bytes: bytes)
        guard let first = reader.number(), first == id, let flags = reader.number(), flags & 0x8000 != 0,
            let questions = reader.number(), let answers = reader.number(), reader.number() != nil,
            reader.number() != nil
        else { return nil }
        switch flags & 0xF {
        case 0: break
        case 3: return .noName
        case let code: return .failure("the server answers with the code \(code)")
        }
        guard flags & 0x0200 == 0 else { return .truncated }
        for _ in 0..<min(Int(questions), 16) {
            guard reader.name() != nil, reader.skip(4) else { return nil }
        }
        var records: [DNSRecord] = []
        for _ in 0..<min(Int(answers), Self.recordLimit) {
            guard reader.name() != nil, let type = reader.number(), reader.skip(6),
                let length = reader.number(), reader.position + Int(length) <= bytes.count
            else { return nil }
            let end = reader.position + Int(length)
            if type == kind.rawValue, let record = record(&reader, end: end) { records.append(record) }
            reader.position = end
        }
        return .records(records)
    }

    private func record(_ reader: inout Reader, end: Int) -> DNSRecord? {
        let data = Array(reader.bytes[reader.position..<end])
        switch kind {
        case .a:
            return data.count == 4 ? .address(data.map { "\($0)" }.joined(separator: ".")) : nil
        case .aaaa:
            guard data.count == 16 else { return nil }
            var text = [CChar](repeating: 0, count: 64)
            guard inet_ntop(AF_INET6, data, &text, socklen_t(text.count)) != nil else { return nil }
            return .address(
                String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        case .srv:
            guard reader.skip(4), let port = reader.number(), let target = reader.name() else { return nil }
            return .service(port: port, target: target)
        }
    }

    private func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    /// Reads a message; every access is checked.
    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func number() -> UInt16? {
            guard position + 2 <= bytes.count else { return nil }
            position += 2
            return UInt16(bytes[position - 2]) << 8 | UInt16(bytes[position - 1])
        }

        mutating func skip(_ count: Int) -> Bool {
            position += count
            return position <= bytes.count
        }

        /// A name without the point at its end, and the place after it.
        mutating func name() -> String? {
            var labels: [String] = []
            var (place, end, jumps, length) = (position, Int?.none, 0, 0)
            while place < bytes.count {
                let size = Int(bytes[place])
                if size == 0 {
                    position = end ?? place + 1
                    return labels.joined(separator: ".")
                }
                if size & 0xC0 == 0xC0 {
                    guard place + 1 < bytes.count, jumps < DNSMessage.jumpLimit else { return nil }
                    if end == nil { end = place + 2 }
                    place = (size & 0x3F) << 8 | Int(bytes[place + 1])
                    jumps += 1
                    continue
                }
                guard size < 64, place + 1 + size <= bytes.count, length + size < 256 else { return nil }
                labels.append(String(decoding: bytes[(place + 1)..<(place + 1 + size)], as: UTF8.self))
                length += size + 1
                place += 1 + size
            }
            return nil
        }
    }
}
