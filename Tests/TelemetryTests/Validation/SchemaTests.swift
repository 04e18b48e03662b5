import Testing

@testable import Telemetry

@Suite struct SchemaTests {
    @Test func `every message has one shape, in the order of the kinds`() {
        #expect(Schema.shared.shapes.map { $0.kind } == MessageKind.allCases)
    }

    @Test func `fields fit the table and messages have a child`() {
        for shape in Schema.shared.shapes {
            #expect(Set(shape.fields.map { $0.number }).count == shape.fields.count, "\(shape.name)")
            for field in shape.fields {
                #expect((1..<Schema.fieldsPerMessage).contains(field.number), "\(shape.name).\(field.name)")
                let needsChild = [.message, .item, .keyValue, .anyValue].contains(field.check)
                #expect((field.child != nil) == needsChild, "\(shape.name).\(field.name)")
            }
        }
    }
}
