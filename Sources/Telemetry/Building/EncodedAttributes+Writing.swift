internal import Wire

extension EncodedAttributes {
    /// Takes the attributes that `body` writes.
    public init(writing body: (AttributesBuilder) -> Void) {
        let output = BuilderOutput(capacity: 1024)
        body(AttributesBuilder(output: output, number: 1))
        let fields = output.writer.takeBytes()
        var list: [UInt8] = []
        list.reserveCapacity(fields.count)
        fields.withUnsafeBytes { memory in
            var cursor = Cursor(0..<memory.count)
            // The tag of field 1 is one byte, and not a part of the list.
            while case let start = cursor.position + 1, start < memory.count {
                cursor.position = start
                guard let value = try? cursor.readLengthDelimited(memory.bytes) else { break }
                list.append(contentsOf: memory[start..<value.upperBound])
            }
        }
        self.init(list)
    }
}
