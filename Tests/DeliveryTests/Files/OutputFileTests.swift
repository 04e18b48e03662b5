import Delivery
import Glibc
import Testing
import Wire

@Suite struct OutputFileTests {
    private let path = "/tmp/apus-output-\(UInt64.random(in: 0...UInt64.max))"

    @Test func `what is written can be read, and truncating forgets it`() throws {
        defer { try? Directory.remove(path) }
        do {
            var file = try OutputFile(path, .truncate)
            #expect(try file.write(Bytes(utf8: "hello")) == 5)
            #expect(file.size == 5)
            try file.synchronize()
        }
        do {
            var file = try OutputFile(path, .append)
            #expect(file.size == 5)
            #expect(try file.write(Bytes(utf8: " there")) == 6)
        }
        #expect(try SmallFile.read(path).string == "hello there")
        #expect(try SmallFile.read(path, limit: 4).string == "hell")
        _ = try OutputFile(path, .truncate)
        #expect(try SmallFile.read(path).isEmpty)
    }

    @Test func `a file can be visited piece by piece`() throws {
        defer { try? Directory.remove(path) }
        let content = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        var file = try OutputFile(path, .truncate)
        while file.size < content.count {
            _ = try file.write(Bytes(content[Int(file.size)...]))
        }
        var pieces: [ArraySlice<UInt8>] = []
        #expect(try SmallFile.visit(path, limit: .max) { pieces.append($0) } == content.count)
        #expect(Array(pieces.joined()) == content)
        #expect(pieces.allSatisfy { $0.count <= 32 << 10 })
        pieces = []
        #expect(try SmallFile.visit(path, limit: 70_000) { pieces.append($0) } == 70_000)
        #expect(pieces.joined().count == 70_000)
        #expect(throws: FileError.self) { try SmallFile.visit("/nowhere/at/all", limit: 1) { _ in } }
    }

    @Test func `an error names the action, the path and the reason`() {
        let error = #expect(throws: FileError.self) { _ = try SmallFile.read("/nowhere/at/all") }
        #expect(error?.description == "cannot open /nowhere/at/all: No such file or directory")
    }

    @Test func `a full disk is an error, not a crash`() throws {
        var file = try OutputFile("/dev/full", .append)
        var code: Int32?
        do { _ = try file.write(Bytes(utf8: "x")) } catch { code = error.code }
        #expect(code == 28)
    }

    @Test func `directories are made with those above them, listed and renamed in`() throws {
        let deep = path + "/a/b"
        try Directory.make(deep, permissions: 0o755)
        try Directory.make(deep, permissions: 0o755)
        _ = try OutputFile(deep + "/old", .append)
        #expect(try Directory.names(in: deep) == ["old"])
        try Directory.rename(deep + "/old", to: deep + "/new")
        #expect(Directory.exists(deep + "/new"))
        #expect(!Directory.exists(deep + "/old"))
        try Directory.remove(deep + "/new")
        #expect(try Directory.names(in: deep).isEmpty)
        for made in [deep, path + "/a", path] { rmdir(made) }
    }
}
