public import Wire

/// Writes one value straight into the wire form, for receivers that read a format of values value by value.
///
/// Exactly one of its methods is called, once; a value for which none is called has no content. Text that is
/// not UTF-8 is written with U+FFFD in place of what is not, since OTLP allows nothing else.
public struct ValueBuilder {
    /// Levels of values that fit into each other; deeper ones are left out, as the door would refuse them.
    public static let nestingLimit = Validator.nestingLimit

    let output: BuilderOutput
    let depth: Int

    /// Bytes of the whole batch so far, for a receiver that bounds what it makes.
    public var byteCount: Int { output.writer.count }

    public func text(_ utf8: Bytes) { output.writer.write(text: utf8, 1) }
    public func text(_ text: String) { output.writer.write(string: text, 1) }
    public func bool(_ bool: Bool) { output.writer.write(bool: bool, 2) }
    public func int(_ int: Int64) { output.writer.write(signed: int, 3) }
    public func double(_ double: Double) { output.writer.write(double: double, 4) }
    public func bytes(_ bytes: Bytes) { output.writer.write(bytes: bytes, 7) }

    /// Writes an array; `body` adds its elements.
    public func array(_ body: (ArrayBuilder) -> Void) {
        output.nested(5) { body(ArrayBuilder(output: output, depth: depth + 1)) }
    }

    /// Writes a map; `body` adds its entries.
    public func map(_ body: (MapBuilder) -> Void) {
        output.nested(6) { body(MapBuilder(output: output, depth: depth + 1)) }
    }
}

/// Writes the elements of an array.
public struct ArrayBuilder {
    let output: BuilderOutput
    let depth: Int

    /// Adds an element.
    public func element(_ body: (ValueBuilder) -> Void) {
        output.write(value: 1, depth: depth, body)
    }
}

/// Writes the entries of a map.
///
/// Keys are not checked for duplicates.
public struct MapBuilder {
    let output: BuilderOutput
    let depth: Int

    /// Adds an entry.
    public func entry(_ key: Bytes, _ body: (ValueBuilder) -> Void) {
        output.write(key: key, 1, depth: depth, body)
    }
}

extension LogRecordBuilder {
    /// Bytes of the whole batch so far, for a receiver that bounds what it makes.
    public var byteCount: Int { output.writer.count }

    /// Writes the body, at most once.
    public func body(_ body: (ValueBuilder) -> Void) { output.write(value: 5, depth: 0, body) }

    /// Writes an attribute.
    public func attribute(_ key: Bytes, _ body: (ValueBuilder) -> Void) {
        output.write(key: key, 6, depth: 0, body)
    }
}

extension BuilderOutput {
    func write(value number: Int, depth: Int, _ body: (ValueBuilder) -> Void) {
        guard depth < ValueBuilder.nestingLimit else { return }
        nested(number) { body(ValueBuilder(output: self, depth: depth)) }
    }

    func write(key: Bytes, _ number: Int, depth: Int, _ body: (ValueBuilder) -> Void) {
        nested(number) {
            writer.write(text: key, 1)
            write(value: 2, depth: depth, body)
        }
    }
}

extension Writer {
    /// Writes text that may not be UTF-8 in field `number`.
    mutating func write(text: Bytes, _ number: Int) {
        if text.withUnsafeBytes({ UTF8Check.firstInvalid($0) }) == nil {
            write(bytes: text, number)
        } else {
            write(string: text.string, number)
        }
    }
}
