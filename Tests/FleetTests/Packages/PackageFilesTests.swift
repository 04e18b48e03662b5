import FleetModel
import Glibc
import Testing

@testable import Fleet

@Suite struct PackageFilesTests {
    private static let content = Array("a package, in two pieces".utf8)
    private static let hash = ContentHash(of: content)

    @Test func `a file comes in pieces and is there with the last`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory)
            let size = Self.content.count
            #expect(try await files.take(Array(Self.content[..<9]), at: 0, of: size, Self.hash) == 9)
            #expect(files.file(Self.hash) == nil)
            #expect(files.list().isEmpty)
            #expect(try await files.take(Array(Self.content[9...]), at: 9, of: size, Self.hash) == size)
            let file = try #require(files.file(Self.hash))
            #expect(file.size == size)
            #expect(files.list() == [file])
            let reader = try #require(files.open(Self.hash))
            #expect(reader.read(at: 2, 7) == Array("package".utf8))
            #expect(reader.read(at: size, 7) == [])
            #expect(await reader.hash() == Self.hash)
            // It is there already: nothing is written.
            #expect(try await files.take([1], at: 0, of: 1, Self.hash) == size)
            #expect(files.delete(Self.hash))
            #expect(!files.delete(Self.hash))
        }
    }

    @Test func `a file that is not what it should be is thrown away`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory)
            await #expect(throws: AccessError.self) {
                try await files.take([1, 2, 3], at: 0, of: 3, Self.hash)
            }
            #expect(files.file(Self.hash) == nil)
            await #expect(throws: AccessError.self) { try await files.take([3], at: 2, of: 3, Self.hash) }
        }
    }

    @Test func `pieces follow each other within the bounds`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory)
            let size = Self.content.count
            for (bytes, offset, size) in [
                ([UInt8(1)], 1, size), ([1], -1, size), ([1, 2], 0, 1), ([], 0, 0), ([1], 0, (256 << 20) + 1),
                ([1], Int.max, size),
            ] {
                await #expect(throws: AccessError.self) {
                    try await files.take(bytes, at: offset, of: size, Self.hash)
                }
            }
            _ = try await files.take(Array(Self.content[..<9]), at: 0, of: size, Self.hash)
            await #expect(throws: AccessError.self) { try await files.take([1], at: 8, of: size, Self.hash) }
            // Whoever lost the thread begins anew.
            _ = try await files.take(Array(Self.content[..<4]), at: 0, of: size, Self.hash)
            _ = try await files.take(Array(Self.content[4...]), at: 4, of: size, Self.hash)
            #expect(files.file(Self.hash)?.size == size)
        }
    }

    @Test func `only its owner can read a file`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory)
            _ = try await files.take(Self.content, at: 0, of: Self.content.count, Self.hash)
            #expect(try mode("\(directory)/\(Self.hash)") == 0o600)
        }
    }
}

/// Who may do what with a file.
func mode(_ path: String) throws -> UInt32 {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return status.st_mode & 0o777
}
