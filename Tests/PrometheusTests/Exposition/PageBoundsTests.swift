import Testing
import Wire

@testable import Prometheus

/// What takes more memory than it has bytes on a page is refused where it begins to be too much.
@Suite struct PageBoundsTests {
    private static func page(_ metrics: [(inout Writer) -> Void]) -> Bytes {
        Bytes(PageWriter.family("n", type: 4, metrics))
    }

    private static func message(_ number: Int, _ writer: inout Writer, _ body: (inout Writer) -> Void) {
        let mark = writer.begin(number)
        body(&writer)
        writer.end(mark)
    }

    /// A metric with `count` empty messages with a number in its histogram.
    private static func histogram(_ number: Int, _ count: Int) -> (inout Writer) -> Void {
        { writer in
            message(7, &writer) { writer in
                for _ in 0..<count { message(number, &writer) { _ in } }
            }
        }
    }

    private static func reason(_ page: Bytes, _ format: ExpositionFormat = .protobuf) -> String {
        do throws(ExpositionError) {
            _ = try ReadPage(page, format)
            return "it was read"
        } catch {
            return error.description
        }
    }

    @Test func `gaps of native histograms are bounded for the page as a whole`() {
        let wide: (inout Writer) -> Void = { writer in
            Self.message(7, &writer) { writer in
                for offset in [Int64(0), 16_000] {
                    Self.message(12, &writer) { writer in
                        writer.write(zigZag: offset, 1)
                        writer.write(varint: 1, 2)
                    }
                }
            }
        }
        #expect(Self.reason(Self.page(Array(repeating: wide, count: 100))) == "it was read")
        let reason = Self.reason(Self.page(Array(repeating: wide, count: 2000)))
        #expect(reason.contains("native histograms of the page have more than"), "\(reason)")
    }

    @Test(arguments: [(3, "buckets or quantiles"), (12, "buckets"), (9, "buckets")])
    func `a histogram has no more buckets and spans than anybody needs`(field: Int, message: String) {
        let reason = Self.reason(Self.page([Self.histogram(field, 20_000)]))
        #expect(reason.contains("more than 16384 \(message)"), "\(reason)")
    }

    @Test func `a native histogram has no more counts than buckets`() {
        func page(_ field: Int, _ body: @escaping (inout Writer) -> Void) -> Bytes {
            Self.page([
                { writer in
                    Self.message(7, &writer) { writer in
                        Self.message(field, &writer) { writer in for _ in 0..<20_000 { body(&writer) } }
                    }
                }
            ])
        }
        #expect(Self.reason(page(13) { $0.writeVarint(0) }).contains("16384 buckets"))
        #expect(Self.reason(page(14) { $0.writeFixed64(0) }).contains("16384 buckets"))
    }

    @Test func `a metric has no more labels than a series may have`() {
        func page(_ count: Int) -> Bytes {
            Self.page([
                { writer in
                    for index in 0..<count { PageWriter.label("l\(index)", "", &writer) }
                    Self.message(7, &writer) { _ in }
                }
            ])
        }
        #expect(Self.reason(page(4096)) == "it was read")
        #expect(Self.reason(page(4097)).contains("more than 4096 labels"))
    }

    @Test func `a line with more labels than a series may have is refused where they begin`() throws {
        let text = Bytes(utf8: "a{" + String(repeating: "a=\"\",", count: 4097) + "} 1\n")
        // Before anybody asks for the labels.
        var reader = ExpositionReader(text, format: .text)
        let error = #expect(throws: ExpositionError.self) { _ = try reader.next() }
        #expect(error?.reason == "there are more than 4096 labels")
    }

    @Test func `an exemplar has few labels`() {
        func text(_ count: Int) -> Bytes {
            Bytes(utf8: "a 1 # {" + String(repeating: "a=\"\",", count: count) + "} 1\n# EOF\n")
        }
        #expect(Self.reason(text(128), .openMetrics) == "it was read")
        #expect(Self.reason(text(129), .openMetrics).contains("more than 128 labels"))
        let page = Self.page([
            { writer in
                Self.message(7, &writer) { writer in
                    Self.message(16, &writer) { writer in
                        for _ in 0..<129 { PageWriter.label("a", "", &writer) }
                    }
                }
            }
        ])
        #expect(Self.reason(page).contains("more than 128 labels"))
    }

    @Test func `a page has no more exemplars than a million series with some labels`() throws {
        var bounds = PageBounds()
        for _ in 0..<30_000 { try bounds.takeExemplar(labels: 128, at: .line(1)) }
        #expect(throws: ExpositionError.self) {
            for _ in 0..<30_000 { try bounds.takeExemplar(labels: 128, at: .line(2)) }
        }
    }
}
