import Logging
import PipelineTesting
import Telemetry
import Testing
import Wire

@testable import Delivery

/// Files that are not as they were written.
@Suite struct SpoolDamageTests {
    let fixture = SpoolFixture()

    @Test func `a torn tail is normal and keeps everything before it`() async throws {
        let name = try await write(3)
        let content = try fixture.content(name)
        try fixture.put(content.dropLast(), name)
        let (spool, records, damage) = try await fixture.open()
        #expect(records.count == 2)
        let cut = try #require(damage.cuts.first)
        #expect(cut.isTornTail)
        #expect(cut.file.hasSuffix(name))
        #expect(cut.offset + cut.bytes == content.count - 1)
        #expect(damage.isHarmless)
        #expect(fixture.log.messages(.warning).isEmpty)
        #expect(fixture.log.messages(.info).count == 1)
        #expect(try fixture.content(name).count == cut.offset)
        await spool.close()
        let (again, same, nothing) = try await fixture.open()
        #expect(same.count == 2)
        #expect(nothing == SpoolDamage())
        await again.close()
    }

    @Test func `damage in an older segment is told and keeps what is before it and in later segments`()
        async throws
    {
        let first = try await write(4)
        _ = try await write(2)
        var content = try fixture.content(first)
        content[SegmentHeader.size + (content.count - SegmentHeader.size) / 4 + 60] ^= 1
        try fixture.put(content, first)
        let (spool, records, damage) = try await fixture.open()
        #expect(records.count == 1 + 2)
        #expect(damage.cuts.count == 1)
        #expect(!damage.isHarmless)
        let line = try #require(fixture.log.lines.first { $0.level == .warning })
        #expect(line.metadata["file"] == "\(fixture.directory)/\(first)")
        #expect(line.metadata["offset"] == "\(damage.cuts[0].offset)")
        #expect(line.metadata["bytes"] == "\(damage.bytesCut)")
        await spool.close()
    }

    @Test func `damage in the newest segment that no kill can have done is told too`() async throws {
        let name = try await write(4)
        var content = try fixture.content(name)
        content[SegmentHeader.size + (content.count - SegmentHeader.size) / 4 + 60] ^= 1
        try fixture.put(content, name)
        let (spool, records, damage) = try await fixture.open()
        #expect(records.count == 1)
        #expect(!damage.isHarmless)
        #expect(fixture.log.messages(.warning).count == 1)
        await spool.close()
    }

    @Test(arguments: [
        ("no segment at all, but text of some length", "does not begin as a segment does"),
        ("text", "does not begin as a segment does"),
    ])
    func `a file that is no segment keeps the spool from opening, or is set aside`(
        text: String, reason: String
    ) async throws {
        _ = try await write(2)
        let name = "00000000000000aa.segment"
        try fixture.put(Array(text.utf8), name)
        let error = await #expect(throws: SpoolError.self) { try await fixture.open() }
        #expect(error?.description.contains("\(name): it \(reason)") == true)
        #expect(error?.description.contains("recreate") == true)
        let (spool, records, damage) = try await fixture.open { $0.recreate = true }
        #expect(records.count == 2)
        #expect(damage.setAside == ["\(fixture.directory)/\(name).corrupt"])
        #expect(try fixture.content(name + ".corrupt") == Array(text.utf8))
        await spool.close()
    }

    @Test func `segments of another signal or version are not taken for damage`() async throws {
        let name = try await write(1)
        let other = await #expect(throws: SpoolError.self) { try await fixture.open(.logs) }
        #expect(other?.description.contains("holds traces where logs are expected") == true)
        var header = Array(try fixture.content(name)[..<12])
        header[8] = 2
        let checksum = header.withUnsafeBytes { memory in
            SegmentScannerTests.checksum(memory)
        }
        try fixture.put(header + checksum, name)
        let newer = await #expect(throws: SpoolError.self) { try await fixture.open() }
        #expect(newer?.description.contains("version 2, this program reads 1") == true)
    }

    @Test(arguments: [0, 1, 8, 15, 16, 400])
    func `a new segment that a loss of power left empty is no error`(zeros: Int) async throws {
        _ = try await write(1)
        try fixture.put(Array(repeating: 0, count: zeros), "ffffffffffff0000.segment")
        let (spool, records, damage) = try await fixture.open()
        #expect(records.count == 1)
        #expect(damage.bytesCut == zeros)
        #expect(damage.isHarmless)
        #expect(try fixture.files().count == 1)
        _ = try await spool.write(try SpoolFixture.batch(2))
        await spool.close()
    }

    @Test func `a damaged completion brings its record back and no other`() async throws {
        let (spool, _, _) = try await fixture.open()
        var records: [SpoolRecord] = []
        for number in 0..<5 { records.append(try await spool.write(try SpoolFixture.batch(number))) }
        for number in 0..<4 { spool.remove(records[number]) }
        await spool.close()
        let name = try #require(try fixture.files().first { $0.hasSuffix(".done") })
        var content = try fixture.content(name)
        #expect(content.count == 32)
        content[9] ^= 0x10
        try fixture.put(content.dropLast(3), name)
        let (again, left, _) = try await fixture.open()
        #expect(left.count == 3)
        for record in left { again.remove(record) }
        await again.close()
        #expect(try fixture.files().isEmpty)
    }

    @Test func `completions of another segment, or of none, mean nothing`() async throws {
        let name = try await write(2)
        let number = try #require(SegmentFile.number(of: name))
        let foreign = CompletionEntries.encode([0, 1], segment: number + 1)
        try fixture.put(foreign.array, name.replacing(".segment", with: ".done"))
        try fixture.put(foreign.array, "fffffffffffffff0.done")
        let (spool, records, _) = try await fixture.open()
        #expect(records.count == 2)
        #expect(try fixture.files().count == 2)
        await spool.close()
    }

    @Test func `other files in the directory are left alone`() async throws {
        _ = try await write(1)
        for name in ["README", "1.segment", "000000000000000g.segment", "00000000000000001.done"] {
            try fixture.put([1, 2, 3], name)
        }
        let (spool, records, _) = try await fixture.open()
        #expect(records.count == 1)
        await spool.close()
        #expect(try fixture.files().count == 5)
    }

    /// Writes a segment with this many records and returns its name.
    private func write(_ count: Int) async throws -> String {
        let before = Directory.exists(fixture.directory) ? Set(try fixture.files()) : []
        let (spool, _, _) = try await fixture.open()
        for number in 0..<count { _ = try await spool.write(try SpoolFixture.batch(number)) }
        await spool.close()
        return try #require(try Set(fixture.files()).subtracting(before).first)
    }
}
