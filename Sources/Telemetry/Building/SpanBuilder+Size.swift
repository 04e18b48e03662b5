internal import Wire

extension SpanBuilder {
    /// Bytes written so far, of this span and those before it, for a receiver that bounds what it makes.
    public var byteCount: Int { output.writer.count }
}
