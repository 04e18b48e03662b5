public import Wire

/// OTLP/JSON: the mapping of the OTLP messages to JSON (OTLP 1.11, "JSON Protobuf Encoding").
///
/// It is proto3's own mapping with four differences: identifiers are hexadecimal, enums are integers only,
/// keys are lowerCamelCase only, and what is not known is ignored. Both directions stream between bytes and
/// bytes; no tree of values is built.
public enum OTLPJSON {
    /// How many arrays and objects may be nested inside a value that is ignored.
    static let ignoredDepthLimit = 64

    /// Reads one JSON object, `{"resourceSpans": […]}` and its likes, into validated OTLP.
    ///
    /// - Everything that proto3's JSON mapping allows is read: 64-bit integers as strings or numbers (`1e3`
    ///   too, when it is a whole one), doubles as numbers, strings or `"NaN"`, `"Infinity"`, `"-Infinity"`,
    ///   base64 of both alphabets with or without padding, `null` for an absent field.
    /// - Identifiers are hexadecimal in either case, empty or of their exact length.
    /// - Keys that are not known, snake_case ones among them, are ignored with their values, which still have
    ///   to be JSON and nest no deeper than 64.
    /// - Refused are: a key that comes twice in one object, a second member of a oneof, names of enums,
    ///   `null` in an array, numbers that the field cannot hold, lone surrogates, invalid UTF-8, control
    ///   characters inside strings, values nested deeper than 64, and anything but white space after the
    ///   object.
    /// - A byte order mark at the start is skipped, as RFC 8259 section 8.1 permits.
    ///
    /// - Throws: `InvalidTelemetry` with the path of the key and the byte where reading stopped.
    public static func read(_ json: Bytes, as signal: Signal) throws(InvalidTelemetry) -> Batch {
        let wire = try json.withUnsafeBytes { (memory) throws(InvalidTelemetry) in
            var reader = JSONReader(JSONInput(memory))
            do throws(JSONFault) {
                try reader.readDocument(JSONMessage(signal))
            } catch {
                throw InvalidTelemetry(reason: error.message, offset: error.offset)
            }
            return reader.finish()
        }
        // Checked again, at a small fraction of the cost of reading: nothing but the validator proves a
        // batch.
        return try Batch(validating: wire, as: signal)
    }

    /// Writes a batch as one JSON object; the chunks of the batch become one list.
    ///
    /// Keys are lowerCamelCase and come in the order of the wire, identifiers are lower-case hexadecimal,
    /// 64-bit integers are strings, enums are integers, doubles have the fewest digits that read back the
    /// same. Absent fields are left out, and so are zeros of fields for which zero means absent; a member
    /// of a oneof is written even when it is zero. Fields that OTLP does not know have no name and are left
    /// out.
    ///
    /// Profiles refer to the dictionary of their own request, so a batch of profiles with several chunks
    /// becomes as many objects, a line each. Whoever needs single objects writes the chunks one by one.
    public static func write(_ batch: Batch) -> Bytes {
        var writer = JSONWriter(capacity: batch.byteCount * 2 + 64)
        guard batch.signal == .profiles, batch.chunks.count > 1 else {
            write(batch.chunks, as: batch.signal, to: &writer)
            return writer.finish()
        }
        for (index, chunk) in batch.chunks.enumerated() {
            if index > 0 { writer.output.append(UInt8(ascii: "\n")) }
            write([chunk], as: batch.signal, to: &writer)
        }
        return writer.finish()
    }

    /// Writes one chunk of a batch as one JSON object.
    public static func write(_ chunk: Batch.Chunk, as signal: Signal) -> Bytes {
        var writer = JSONWriter(capacity: chunk.bytes.count * 2 + 64)
        write([chunk], as: signal, to: &writer)
        return writer.finish()
    }

    private static func write(_ chunks: [Batch.Chunk], as signal: Signal, to writer: inout JSONWriter) {
        do throws(WireError) {
            try writer.writeDocument(chunks, JSONMessage(signal))
        } catch {
            preconditionFailure("a batch holds bytes that validation does not let through: \(error)")
        }
    }
}
