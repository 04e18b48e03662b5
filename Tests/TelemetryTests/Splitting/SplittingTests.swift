import Telemetry
import Testing
import Wire

@Suite struct SplittingTests {
    private static let signals: [Signal] = [.traces, .metrics, .logs]

    @Test(arguments: signals, [1, 2, 3, 7, 50])
    func `portions by items are exact, valid and complete`(_ signal: Signal, _ limit: Int) throws {
        let whole = Sample.batch(signal, size: 5)
        var rest = whole
        var total = 0
        while rest.itemCount > 0 {
            let expected = min(limit, rest.itemCount)
            let head = rest.removeFirst(items: limit)
            try #require(head.itemCount == expected)
            #expect(try head.validatedAgain().itemCount == expected)
            #expect(head.byteCount == head.chunks.reduce(0) { $0 + $1.bytes.count })
            total += head.itemCount
        }
        #expect(total == whole.itemCount && rest.chunks.isEmpty && rest.byteCount == 0)
    }

    @Test(arguments: signals, [1, 200, 500, 1000, 3000, 1_000_000])
    func `portions by bytes keep the limit where they can`(_ signal: Signal, _ limit: Int) throws {
        let whole = Sample.batch(signal, size: 5)
        var rest = whole
        var total = 0
        while rest.itemCount > 0 {
            let head = rest.removeFirst(bytes: limit)
            try #require(head.itemCount > 0)
            #expect(head.byteCount <= limit || head.itemCount == 1)
            #expect(try head.validatedAgain().itemCount == head.itemCount)
            total += head.itemCount
        }
        #expect(total == whole.itemCount)
    }

    @Test func `a portion by bytes takes as much as fits`() {
        let whole = Sample.logs(10)
        for limit in 1...whole.byteCount {
            var rest = whole
            let head = rest.removeFirst(bytes: limit)
            var larger = whole
            let one = larger.removeFirst(items: head.itemCount + 1)
            if one.itemCount > head.itemCount { #expect(one.byteCount > limit) }
        }
    }

    @Test func `headers and schema URLs are repeated and the order is kept`() {
        let whole = Sample.traces(perScope: 3)
        var rest = whole
        var names: [String] = []
        while rest.itemCount > 0 {
            let head = rest.removeFirst(items: 2)
            for group in head.resourceSpans {
                #expect(group.schemaURL.hasPrefix("https://r/"))
                #expect(group.resource.attributes["service.name"] != nil)
                for scope in group.scopes {
                    #expect(scope.schemaURL.hasPrefix("https://s/") && scope.scope.attributes.count == 1)
                }
            }
            names += head.spanNames
        }
        #expect(names == whole.spanNames)
    }

    @Test func `the data of a metric keeps its temporality and name`() throws {
        var rest = Sample.metrics(points: 4)
        _ = rest.removeFirst(items: 6)
        let scope = try #require(rest.resourceMetrics.first?.scopes.first)
        let metric = try #require(scope.records.first)
        guard case .sum(let points, let temporality, let isMonotonic) = metric.content else {
            Issue.record("not a sum")
            return
        }
        #expect(metric.name == "sum" && temporality == 2 && isMonotonic && points.count == 2)
    }

    @Test func `a cut between resources copies nothing`() throws {
        let whole = Sample.traces(perScope: 2)
        let start = whole.chunks[0].bytes.withUnsafeBytes { $0.baseAddress }
        var rest = whole
        let head = rest.removeFirst(items: 4)
        #expect(head.chunks[0].bytes.withUnsafeBytes { $0.baseAddress } == start)
        let next = try #require(start) + head.byteCount
        #expect(rest.chunks[0].bytes.withUnsafeBytes { $0.baseAddress } == UnsafeRawPointer(next))
    }

    @Test func `unknown fields stay with every portion of what holds them`() throws {
        var writer = Writer()
        let resource = writer.begin(1)
        writer.write(string: "resource", 900)
        let scope = writer.begin(2)
        writer.write(string: "scope", 901)
        for _ in 0..<2 { writer.write(bytes: [0x2A, 1, 0x41], 2) }
        writer.end(scope)
        writer.end(resource)
        var rest = try Batch(validating: writer.finish(), as: .traces)
        for batch in [rest.removeFirst(items: 1), rest] {
            let group = try #require(batch.resourceSpans.first)
            #expect(group.message.text(900) == "resource")
            #expect(group.scopes.first?.message.text(901) == "scope")
        }
    }

    @Test func `unknown fields between resources never make a portion without items`() throws {
        var writer = Writer()
        for _ in 0..<2 {
            writer.write(bytes: [UInt8](repeating: 0, count: 500), 900)
            writer.write(raw: Sample.traces(perScope: 1).contiguous())
        }
        writer.write(bytes: [UInt8](repeating: 0, count: 500), 900)
        var rest = try Batch(validating: writer.finish(), as: .traces)
        var total = 0
        while rest.itemCount > 0 {
            let head = rest.removeFirst(bytes: 300)
            try #require(head.itemCount > 0)
            total += head.itemCount
        }
        #expect(total == 8)
    }

    @Test func `merging appends and forgets origins that differ`() {
        var batch = Sample.logs(2)
        batch.origin = Origin(peer: "a")
        var other = Sample.logs(3)
        other.origin = Origin(peer: "b")
        batch.append(other)
        #expect(batch.itemCount == 5 && batch.chunks.count == 2 && batch.origin == nil)
        var first = Batch(signal: .logs)
        first.append(other)
        #expect(first.origin === other.origin)
        let head = first.removeFirst(items: 1)
        #expect(head.origin === other.origin && first.origin === other.origin)
    }

    @Test func `profiles come in whole messages`() throws {
        var writer = Writer()
        let marks = [1, 2, 2].map { writer.begin($0) }
        for _ in 0..<3 { writer.write(bytes: [UInt8](), 2) }
        for mark in marks.reversed() { writer.end(mark) }
        let one = try Batch(validating: writer.finish(), as: .profiles)
        var batch = one
        batch.append(one)
        let first = batch.removeFirst(items: 1)
        let second = batch.removeFirst(bytes: 1)
        #expect(first.itemCount == 3 && second.itemCount == 3)
        #expect(batch.itemCount == 0)
    }
}
