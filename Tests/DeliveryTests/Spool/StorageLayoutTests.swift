import Pipeline
import Telemetry
import Testing

@testable import Delivery

@Suite struct StorageLayoutTests {
    @Test(arguments: [
        ("otlp", "otlp"), ("otlp/2", "otlp%2F2"), ("otlp/../x", "otlp%2F%2E%2E%2Fx"),
        ("file/a b-c_d", "file%2Fa%20b-c_d"), ("a/ü", "a%2F%C3%BC"), ("a/%41", "a%2F%2541"),
    ])
    func `a name is one part of a path and comes back`(name: String, encoded: String) {
        #expect(StorageLayout.encoded(name) == encoded)
        #expect(StorageLayout.decoded(encoded) == name)
    }

    @Test(arguments: ["a%2f", "a%", "a%2", "a%ZZ", "a/b", "a b", "%FF", "%41", "a.b"])
    func `other names are none of ours`(text: String) {
        #expect(StorageLayout.decoded(text) == nil)
    }

    @Test func `queues and dead letters lie beside each other and are found`() throws {
        let storage = StorageFixture()
        let layout = storage.layout
        let id = ComponentID(type: "otlp", name: "2")
        #expect(layout.queue(of: id, .logs) == "\(storage.root)/otlp%2F2/logs/queue")
        #expect(layout.deadLetters(of: id, .logs) == "\(storage.root)/otlp%2F2/logs/dead-letters")
        for path in [layout.queue(of: id, .logs), layout.deadLetters(of: id, .traces)] {
            try Directory.make(path, permissions: 0o700)
        }
        #expect(
            try layout.queuePlaces() == [
                .init(exporter: "otlp/2", signal: .logs, path: layout.queue(of: id, .logs))
            ])
        #expect(try layout.deadLetterPlaces().map { $0.signal } == [.traces])
    }
}
