import Formats
import Telemetry
import Testing
import Wire

/// Batches that become several lists.
@Suite struct ZipkinListsTests {
    private static func write(_ name: String, to builder: inout TracesBuilder) {
        builder.span { span in
            span.traceID(Bytes([UInt8](repeating: 1, count: 16)))
            span.spanID(Bytes([UInt8](repeating: 2, count: 8)))
            span.name(name)
        }
    }

    private static func lists(
        _ batch: Batch, _ form: ZipkinEncoder.Form, limit: Int
    ) -> (all: [ZipkinLists.List], rest: ZipkinLists) {
        var lists = ZipkinEncoder(as: form, defaultServiceName: "d").lists(of: batch, limit: limit)
        var all: [ZipkinLists.List] = []
        while let list = lists.next() { all.append(list) }
        return (all, lists)
    }

    private static func names(
        _ lists: [ZipkinLists.List], _ form: ZipkinEncoder.Form
    ) throws -> [String] {
        try lists.flatMap { list in
            let batch = try decode(list.body, as: form == .json ? .json : .protobuf)
            #expect(batch.itemCount == list.spanCount)
            return batch.spans.map { $0.name }
        }
    }

    @Test(arguments: [ZipkinEncoder.Form.json, .protobuf])
    func `lists are no larger than the limit and hold all spans in order`(
        form: ZipkinEncoder.Form
    ) throws {
        var random = Lottery(state: 7)
        let letters = Array("ab\"\\\n\t\u{1}<ü😀").map { String($0) }
        var builder = TracesBuilder()
        builder.resource { $0.attribute("host.name", "\u{1}\u{2}\"h") }
        builder.scope("lib", version: "1")
        var names: [String] = []
        for number in 0..<300 {
            let length = Int.random(in: 0...120, using: &random)
            let rest = (0..<length).map { _ in letters.randomElement(using: &random) ?? "" }
            names.append("\(number) \(rest.joined())")
            Self.write(names[number], to: &builder)
        }
        let (lists, rest) = Self.lists(builder.finish(), form, limit: 5000)
        #expect(lists.count > 10)
        #expect(lists.allSatisfy { $0.body.count <= 5000 })
        // None is so small that two spans more had fitted.
        #expect(lists.dropLast().allSatisfy { $0.body.count > 2000 })
        #expect(try Self.names(lists, form) == names)
        #expect(rest.tooLarge == 0 && rest.withoutIDs == 0)
    }

    @Test(arguments: [ZipkinEncoder.Form.json, .protobuf])
    func `spans that are larger than a list may be are counted, the others written`(
        form: ZipkinEncoder.Form
    ) throws {
        let large = String(repeating: "x", count: 3000)
        var builder = TracesBuilder()
        Self.write("first", to: &builder)
        Self.write(large, to: &builder)
        Self.write("second", to: &builder)
        builder.resource { $0.attribute("k", .string(large)) }
        for _ in 0..<5 { Self.write("of a large resource", to: &builder) }
        builder.resource { $0.attribute("k", .string(String(repeating: "y", count: 1500))) }
        builder.scope("lib") { $0.attribute("l", .string(String(repeating: "z", count: 1500))) }
        Self.write("of a large scope", to: &builder)
        builder.scope("other")
        Self.write("third", to: &builder)
        let (lists, rest) = Self.lists(builder.finish(), form, limit: 3000)
        #expect(try Self.names(lists, form) == ["first", "second", "third"])
        #expect(rest.tooLarge == 7)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a resource that is too large costs its spans and scopes nothing`() {
        var builder = TracesBuilder()
        builder.resource { resource in
            for number in 0..<20_000 { resource.attribute("key \(number)", "some value") }
        }
        for number in 0..<20_000 {
            builder.scope("scope \(number)")
            Self.write("n", to: &builder)
        }
        let (lists, rest) = Self.lists(builder.finish(), .json, limit: 100_000)
        #expect(lists.isEmpty)
        #expect(rest.tooLarge == 20_000)
    }

    @Test(.timeLimit(.minutes(1)))
    func `scopes without spans cost nothing`() {
        var builder = TracesBuilder()
        builder.resource { resource in
            for number in 0..<20_000 { resource.attribute("key \(number)", "some value") }
        }
        for number in 0..<20_000 { builder.scope("scope \(number)") }
        Self.write("n", to: &builder)
        let (lists, rest) = Self.lists(builder.finish(), .json, limit: 1 << 20)
        #expect(lists.map { $0.spanCount } == [1])
        #expect(rest.tooLarge == 0)
    }
}
