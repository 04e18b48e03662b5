import Engine
import Logging
import Pipeline
import Settings
import Testing

@testable import AdminAPI
@testable import Engine
@testable import HTTPAPI

@Suite struct LogRecordRouteTests {
    private static let otlp = ComponentID(type: "otlp", name: "backup")
    private static let path = "/v1/log-records/exporter/otlp%2Fbackup"

    private func messages(_ answer: Answer) -> [String] {
        (answer.tree?["records"]?.list ?? []).map { $0["message"]?.text ?? "?" }
    }

    @Test func `a component's records are its own, chosen by level, and asked for from one on`() async throws
    {
        try await TestAPI.with { api async throws in
            #expect(messages(try await api.send("GET", Self.path)).isEmpty)
            let logger = api.log.logger(.exporter, Self.otlp)
            logger.info("one", metadata: ["attempt": "1"])
            api.log.logger(.receiver, Self.otlp).info("of another kind")
            api.log.logger().error("of the collector")
            logger.debug("below the level of the log")
            logger.warning("two")
            let all = try await api.send("GET", Self.path)
            #expect(messages(all) == ["one", "two"])
            #expect(all.tree?["records"]?.list?.first?["fields"] == .table(["attempt": .text("1")]))
            #expect(all.tree?["last"] == .number(3))
            #expect(messages(try await api.send("GET", Self.path + "?level=warning")) == ["two"])
            #expect(messages(try await api.send("GET", Self.path + "?after=1")) == ["two"])
            #expect(messages(try await api.send("GET", Self.path + "?page_size=1")) == ["one"])
            #expect(try await api.send("GET", Self.path + "?level=loud").status == 400)
            #expect(try await api.send("GET", "/v1/log-records/exporter/none").status == 404)
        }
    }

    @Test func `a component that runs no more can still be asked about`() async throws {
        try await TestAPI.with { api async throws in
            api.log.logger(.receiver, ComponentID(type: "gone")).error("it could not start")
            #expect(
                messages(try await api.send("GET", "/v1/log-records/receiver/gone")) == ["it could not start"]
            )
        }
    }

    @Test func `what sounds like a secret is hidden, by its field and within a message`() async throws {
        try await TestAPI.with { context in
            context.maskedAttributes = ["pin"]
        } _: { api async throws in
            let logger = api.log.logger(.exporter, Self.otlp)
            logger.info(
                "Attributes:\n  -> http.header.Authorization: Str(Bearer abc)\n  -> color: Str(green)",
                metadata: ["api_key": "abc", "PIN": "abc", "error": "refused with password=abc"])
            logger.info("the token is not valid any more: try again")
            let answer = try await api.send("GET", Self.path)
            #expect(!answer.text.contains("abc"))
            #expect(answer.text.contains("color: Str(green)"))
            #expect(answer.text.contains("the token is not valid any more: try again"))
        }
    }

    @Test func `of a secret of several lines none is shown, and what comes after it is`() async throws {
        try await TestAPI.with { api async throws in
            let key = "Str(-----BEGIN-----\nabc\n\n -> abc=\n-----END-----)"
            let logger = api.log.logger(.exporter, Self.otlp)
            let arrow = "\n     ->"
            logger.info(
                "Attributes:\(arrow) private_key: \(key)\(arrow) color: red\(arrow) token: \(key)\nSpan #1")
            logger.info("ScopeLog #0\nhello password=abc\nabc\nScopeLog #1\nagain")
            logger.info("it failed", metadata: ["error": "refused: api_key: abc\nabc"])
            let answer = try await api.send("GET", Self.path)
            #expect(
                messages(answer) == [
                    "Attributes:\(arrow) private_key: ***\(arrow) color: red\(arrow) token: ***\nSpan #1",
                    "ScopeLog #0\nhello password= ***\nScopeLog #1\nagain", "it failed",
                ])
            #expect(!answer.text.contains("abc"))
        }
    }

    @Test func `a text that counts as one character is cut too`() {
        let log = LogOutput(descriptors: [])
        log.logger(.exporter, Self.otlp).info("a\(String(repeating: "\u{301}", count: 5 << 10))")
        let message = log.log(of: .exporter, Self.otlp).records.first?.message ?? ""
        #expect((LogRecords.messageLimit - 4...LogRecords.messageLimit).contains(message.utf8.count))
        #expect(message.unicodeScalars.first == "a" && message.unicodeScalars.last == "…")
    }

    @Test(arguments: [10, 2000, 10_000])
    func `the newest records are kept, bounded in number and bytes`(length: Int) {
        let log = LogOutput(descriptors: [])
        let logger = log.logger(.exporter, Self.otlp)
        for number in 0..<300 { logger.info("\(number) \(String(repeating: "ä", count: length))") }
        let kept = log.log(of: .exporter, Self.otlp)
        #expect(kept.records.count + kept.forgotten == 300)
        #expect(kept.records.last?.message.hasPrefix("299 ä") == true)
        #expect(kept.records.count <= LogRecords.countLimit && kept.records.count > 4)
        #expect(kept.records.reduce(0) { $0 + $1.message.utf8.count } <= LogRecords.byteLimit)
        #expect(kept.records.allSatisfy { $0.message.utf8.count <= LogRecords.messageLimit })
        #expect(kept.records.allSatisfy { $0.message.hasSuffix("…") } == (length == 10_000))
    }

    @Test func `of many components that one is forgotten that has been silent for longest`() {
        let log = LogOutput(descriptors: [])
        let id = { (number: Int) in ComponentID(type: "otlp", name: "\(number)") }
        for number in 0..<LogRecords.componentLimit { log.logger(.exporter, id(number)).info("hello") }
        log.logger(.exporter, id(0)).info("again")
        log.logger(.exporter, id(LogRecords.componentLimit)).info("hello")
        #expect(log.log(of: .exporter, id(0)).records.map(\.message) == ["hello", "again"])
        #expect(log.log(of: .exporter, id(1)).records.isEmpty)
        #expect(log.log(of: .exporter, id(2)).records.count == 1)
    }
}
