internal import Wire

/// What the builders of one batch write to.
final class BuilderOutput {
    var writer: Writer
    var items = 0

    init(capacity: Int) { writer = Writer(capacity: capacity) }

    /// Writes an id unless it has the wrong length, which the door would refuse.
    func write(id: Bytes, _ number: Int, size: Int) {
        if id.count == size { writer.write(bytes: id, number) }
    }

    /// Writes text unless it is empty, which is the default.
    func write(text: String, _ number: Int) {
        if !text.isEmpty { writer.write(string: text, number) }
    }

    /// Writes a nested message.
    func nested(_ number: Int, _ body: () -> Void) {
        let mark = writer.begin(number)
        body()
        writer.end(mark)
    }
}

/// The resource and the scope that are being written: what the three builders have in common.
struct GroupWriter {
    let output: BuilderOutput
    private var resource: Writer.Mark?
    private var scope: Writer.Mark?

    init(capacity: Int) { output = BuilderOutput(capacity: capacity) }

    /// Ends the resource before and begins one.
    mutating func beginResource(schemaURL: String, _ attributes: (AttributesBuilder) -> Void) {
        endResource()
        resource = output.writer.begin(1, expecting: 200)
        output.nested(1) { attributes(AttributesBuilder(output: output, number: 1)) }
        output.write(text: schemaURL, 3)
    }

    /// Ends the scope before and begins one, in a resource without attributes if there is none.
    mutating func beginScope(
        name: String, version: String, schemaURL: String, _ attributes: (AttributesBuilder) -> Void
    ) {
        endScope()
        if resource == nil { beginResource(schemaURL: "") { _ in } }
        scope = output.writer.begin(2, expecting: 200)
        output.nested(1) {
            output.write(text: name, 1)
            output.write(text: version, 2)
            attributes(AttributesBuilder(output: output, number: 3))
        }
        output.write(text: schemaURL, 3)
    }

    /// Writes a record, in a scope without a name if there is none.
    mutating func record(_ body: () -> Void) {
        if scope == nil { beginScope(name: "", version: "", schemaURL: "") { _ in } }
        let mark = output.writer.begin(2, expecting: 200)
        body()
        output.writer.end(mark)
    }

    /// Ends everything.
    mutating func finish(_ signal: Signal) -> Batch {
        endResource()
        let chunk = Batch.Chunk(bytes: output.writer.takeBytes(), itemCount: output.items)
        output.items = 0
        return Batch(signal: signal, trusted: [chunk])
    }

    private mutating func endScope() {
        if let mark = scope { output.writer.end(mark) }
        scope = nil
    }

    private mutating func endResource() {
        endScope()
        if let mark = resource { output.writer.end(mark) }
        resource = nil
    }
}
