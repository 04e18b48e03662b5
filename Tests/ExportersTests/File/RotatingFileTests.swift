import Delivery
import PipelineTesting
import Settings
import Testing
import Wire

@testable import Exporters

@Suite struct RotatingFileTests {
    private let scratch = ScratchDirectory()
    private let clock = ManualClock(startingAt: Samples.start)

    private var directory: String { scratch.path }

    private func file(_ rotation: String) throws -> RotatingFile {
        let configuration = try FileExporter.Configuration.decode(
            yaml: "{path: '\(directory)/data.log', rotation: \(rotation)}")
        return try RotatingFile(configuration, clock: clock)
    }

    private func sizes() throws -> [String: Int] {
        try Dictionary(
            uniqueKeysWithValues: Directory.names(in: directory).map {
                ($0, try SmallFile.read(directory + "/" + $0, limit: 1 << 24).count)
            })
    }

    private let message = Bytes(Array(repeating: UInt8(120), count: 400_000))

    @Test func `a message that would make the file too large begins a new one`() throws {
        var file = try file("{max_megabytes: 1}")
        for _ in 0..<3 { try file.append([message]) }
        try file.finish()
        #expect(
            try sizes() == ["data.log": 400_000, "data-2020-02-11T20-26-12.000.log": 800_000])
    }

    @Test func `two rotations in one millisecond do not replace each other`() throws {
        var file = try file("{max_megabytes: 1}")
        for _ in 0..<5 { try file.append([message]) }
        try file.finish()
        #expect(
            try sizes() == [
                "data.log": 400_000, "data-2020-02-11T20-26-12.000.log": 800_000,
                "data-2020-02-11T20-26-12.001.log": 800_000,
            ])
    }

    @Test func `only so many old files stay`() throws {
        var file = try file("{max_megabytes: 1, max_backups: 2}")
        for _ in 0..<9 {
            try file.append([message])
            clock.advance(by: .seconds(1))
        }
        try file.finish()
        let names = try sizes().keys.sorted()
        #expect(
            names == ["data-2020-02-11T20-26-18.000.log", "data-2020-02-11T20-26-20.000.log", "data.log"])
    }

    @Test func `a message larger than the limit has a file of its own, whole`() throws {
        var file = try file("{max_megabytes: 1}")
        let large = Bytes(Array(repeating: UInt8(121), count: 1_500_000))
        for part in [message, large, message] { try file.append([part]) }
        try file.finish()
        #expect(try sizes().values.sorted() == [400_000, 400_000, 1_500_000])
    }

    @Test func `a file that exists counts, and is gone on with`() throws {
        for _ in 0..<2 {
            var file = try file("{max_megabytes: 1}")
            try file.append([message])
            try file.finish()
        }
        #expect(try sizes() == ["data.log": 800_000])
        var file = try file("{max_megabytes: 1}")
        try file.append([message])
        try file.finish()
        #expect(try sizes().count == 2)
    }
}
