import Logging
import Testing

@testable import Engine

@Suite struct LogTailTests {
    @Test func `the last lines are kept, up to a bound`() {
        let tail = LogTail()
        #expect(tail.lines.isEmpty)
        tail.add("one\n")
        tail.add("two\n")
        #expect(tail.lines == ["one", "two"])
        for number in 0..<5000 { tail.add(String(repeating: "x", count: 96) + " \(number)\n") }
        #expect(tail.lines.last?.hasSuffix(" 4999") == true)
        #expect(tail.lines.count > 600)
        #expect(tail.lines.reduce(0) { $0 + $1.utf8.count + 1 } <= LogTail.byteLimit)
    }

    @Test func `what is written to the log can be read back`() {
        let log = LogOutput(descriptors: [])
        log.logger().info("hello", metadata: ["a": "b"])
        log.logger().debug("not this")
        #expect(log.lastLines.count == 1)
        #expect(log.lastLines.first?.hasSuffix("info\thello\t{\"a\": \"b\"}") == true)
    }
}
