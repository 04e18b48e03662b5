public import Wire

/// The header that stands before every message on a WebSocket: a varint, and its only value is 0.
///
/// Plain HTTP has no header.
public enum Framing {
    /// The header as it is written: one byte.
    public static let header = Bytes([0])

    /// The message inside a binary WebSocket message, sharing its memory.
    ///
    /// Older ends send no header; no message of protobuf begins with a zero, so the two cannot be mixed up.
    /// The varint may be longer than it has to be, up to ten bytes. What comes after may be empty.
    public static func payload(of message: Bytes) throws(OpAMPError) -> Bytes {
        guard !message.isEmpty else {
            throw OpAMPError(.header, "a WebSocket message is empty: the header is missing")
        }
        let first = message[0]
        // The first byte of a tag is at least 8 when it is alone; a header that is longer than it has to be
        // goes on with bits of nothing but zero.
        if first == 0 { return message[1..<message.count] }
        guard first == 0x80 else { return message }
        return try afterLongHeader(message)
    }

    private static func afterLongHeader(_ message: Bytes) throws(OpAMPError) -> Bytes {
        var index = 0
        while index < message.count, index < 10 {
            let byte = message[index]
            index += 1
            switch byte {
            case 0x80: continue
            case 0: return message[index..<message.count]
            default:
                // A long tag: its first seven bits are zero as well, such as that of field 16. The message
                // has no header then, unless the number is not that of a field.
                return message
            }
        }
        throw OpAMPError(.header, "the header of a WebSocket message is not a varint of 0")
    }

    /// A message as it goes over a WebSocket: header and message.
    public static func framed(_ message: Bytes) -> Bytes {
        var builder = BytesBuilder(capacity: message.count + 1)
        builder.append(0)
        builder.append(message)
        return builder.finish()
    }

    /// The beginning of a WebSocket message to one agent, to be followed by a fragment.
    ///
    /// That is the header and the field with the id; without a fragment it is an acknowledgement.
    public static func opening(for uid: InstanceUID) -> Bytes {
        var builder = BytesBuilder(capacity: 19)
        builder.append(0)
        builder.append(ServerToAgent.uidField(uid))
        return builder.finish()
    }
}
