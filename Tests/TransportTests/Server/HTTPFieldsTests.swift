import Testing

@testable import Transport

@Suite struct HTTPFieldsTests {
    @Test func `fields keep their order and names become lower case`() {
        var fields = HTTPFields()
        fields.add("X-Two", "2")
        fields.add("a", "1")
        fields.add("x-two", "3")
        #expect(fields.map { "\($0.name)=\($0.value)" } == ["x-two=2", "a=1", "x-two=3"])
        #expect(fields.count == 3)
        #expect(fields["X-TWO"] == "2")
        #expect(fields.all("x-two") == ["2", "3"])
        #expect(fields["missing"] == nil)
    }

    @Test func `setting replaces all fields of a name and nil removes them`() {
        var fields: HTTPFields = ["a": "1", "b": "2", "a": "3"]
        fields["A"] = "4"
        #expect(fields.map { $0.name + $0.value } == ["b2", "a4"])
        fields["b"] = nil
        #expect(fields.count == 1)
        #expect(!fields.contains("b"))
    }

    @Test func `a copy does not change with the original`() {
        var fields: HTTPFields = ["a": "1"]
        let copy = fields
        fields.removeAll()
        fields.add("b", "2")
        #expect(copy["a"] == "1")
        #expect(copy["b"] == nil)
    }

    @Test func `empty names and values are fields too`() {
        let fields: HTTPFields = ["a": "", "": "b"]
        #expect(fields["a"] == "")
        #expect(fields[""] == "b")
    }

    @Test func `the list size counts 32 bytes for each field as HTTP/2 does`() {
        let fields: HTTPFields = ["abc": "12345", "d": ""]
        #expect(fields.listSize == 3 + 5 + 32 + 1 + 32)
    }
}
