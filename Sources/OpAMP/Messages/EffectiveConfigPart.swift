public import Wire

/// Where a message of an agent says what the agent runs.
///
/// Whoever has seen the same bytes before can leave the largest part of a message unread.
public struct EffectiveConfigPart: Sendable, Hashable {
    /// The whole field, its tag and its length included.
    public let field: Range<Int>
    /// The `EffectiveConfig` itself.
    public let content: Range<Int>

    /// Finds it; `nil` for a message that has none or several, or that cannot be read.
    public init?(in message: Bytes) {
        var found: Self?
        var count = 0
        do throws(WireError) {
            try message.withSpan { (span) throws(WireError) in
                var cursor = Cursor(0..<message.count)
                var start = cursor.position
                while let tag = try cursor.readTag(span) {
                    if tag.number == 6, tag.type == .lengthDelimited {
                        let content = try cursor.readLengthDelimited(span)
                        found = Self(field: start..<content.upperBound, content: content)
                        count += 1
                    } else {
                        try cursor.skip(tag, span)
                    }
                    start = cursor.position
                }
            }
        } catch {
            return nil
        }
        guard let found, count == 1 else { return nil }
        self = found
    }

    private init(field: Range<Int>, content: Range<Int>) {
        self.field = field
        self.content = content
    }

    /// The message without the field.
    public func rest(of message: Bytes) -> Bytes {
        var builder = BytesBuilder(capacity: message.count - field.count)
        builder.append(message[0..<field.lowerBound])
        builder.append(message[field.upperBound..<message.count])
        return builder.finish()
    }
}

extension EffectiveConfig {
    /// Reads the content of an `EffectiveConfigPart`.
    public init(decoding bytes: Bytes, limits: MessageLimits = .fromAgent) throws(OpAMPError) {
        self = try MessageDecoder.decode(bytes, limits: limits)
    }

    /// As it stands in an `EffectiveConfigPart`.
    public func encoded() -> Bytes { wireBytes() }
}
