import Testing

@testable import Telemetry

/// The table of names is the only thing JSON adds to the validator's; everything else has to agree.
@Suite struct JSONSchemaTests {
    private func lowerCamelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.dropFirst().reduce(String(words[0])) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    @Test func `every message of the validator has the same fields under its JSON names`() {
        let shapes = Schema.common + Schema.traces + Schema.metrics + Schema.logs + Schema.profiles
        #expect(shapes.count == JSONMessage.allCases.count)
        let tables = JSONMessage.allCases.map { message in
            Set(message.fields.map { "\($0.number) \($0.name)" })
        }
        for shape in shapes {
            let fields = Set(shape.fields.map { "\($0.number) \(lowerCamelCase($0.name))" })
            #expect(tables.contains(fields), "\(shape.name)")
        }
    }

    @Test(arguments: JSONMessage.allCases)
    func `every field is found by its name and by its number`(_ message: JSONMessage) throws {
        let table = JSONSchema.shared[message.rawValue]
        for field in message.fields {
            let found = field.name.withUTF8Buffer { table.field(named: $0)?.pointee }
            #expect(found?.number == field.number && found?.kind == field.kind)
            #expect(
                table.field(numbered: Int(field.number))?.pointee.name.elementsEqual(
                    found?.name ?? .init(start: nil, count: 0)) == true)
        }
        for other in ["", "x", "xy", "trace_id", "NAME", "namee", "resourceSpan", "🙂"] {
            let bytes = Array(other.utf8)
            #expect(bytes.withUnsafeBufferPointer { table.field(named: $0) } == nil, "\(other)")
        }
        #expect(table.field(numbered: 31) == nil && table.field(numbered: 1 << 28) == nil)
    }
}
